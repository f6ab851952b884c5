"""Reading the documentation: fenced blocks, the commands they show, links."""

from __future__ import annotations

import re
from urllib.parse import unquote


def fenced(text: str, kind: str) -> list[str]:
    """The fenced blocks of one kind (`bash`, `python`…)."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """The shell commands shown, a line ended by a backslash joined to the next."""
    lines = "\n".join(fenced(text, "bash")).replace("\\\n", " ").splitlines()
    return [re.sub(r" +", " ", line).strip() for line in lines if line.strip()]


def links(text: str) -> list[str]:
    """The targets of links that stay in the tree, without their anchors."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    targets = [unquote(target) for target in re.findall(r"\]\(([^)\s]+)\)", prose)]
    return [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]
