"""axe-core in a real browser: what it finds on the page that is open."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

AXE = Path(__file__).resolve().parent / "vendor" / "axe.min.js"
VERSION = "4.14.1"
SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4")
ADVICE = ("best-practice",)
_RUN = """async ([rules, advice]) => {
  const options = { runOnly: { type: "tag", values: [...rules, ...advice] },
    resultTypes: ["violations", "incomplete"] };  // the elements that pass are many, and nobody reads them
  const found = await axe.run(document, options);
  const told = (one) => ({ id: one.id, help: one.help, tags: one.tags,
    nodes: one.nodes.slice(0, 5).map((node) => node.target.join(" ") + " : " + node.html.slice(0, 160)),
    count: one.nodes.length });
  return { violations: found.violations.map(told), incomplete: found.incomplete.map(told),
    passes: found.passes.length };
}"""


@lru_cache(maxsize=1)
def script() -> str:
    """axe-core as published. Raises ValueError when the file is another."""
    content = AXE.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ValueError("vendor/axe.min.js is not the published file")
    return content.decode()


@dataclass(frozen=True)
class Findings:
    """What axe found: violations of the rules, of its own advice, what it leaves to a person, rules that passed."""

    violations: tuple[Mapping[str, Any], ...]
    advice: tuple[Mapping[str, Any], ...]
    to_check: tuple[Mapping[str, Any], ...]
    passed: int

    def told(self) -> str:
        """The violations in words."""
        return "\n".join(
            f"{one['id']} ({one['count']}) {one['help']}\n    " + "\n    ".join(one["nodes"])
            for one in (*self.violations, *self.advice)
        )


def check(page: Any) -> Findings:
    """Run axe on the page that is open in a context made with `bypass_csp=True`."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(script())
    found = page.evaluate(_RUN, [list(RULES), list(ADVICE)])
    rules = frozenset(RULES)
    broken = [one for one in found["violations"] if rules & set(one["tags"])]
    advice = [one for one in found["violations"] if not rules & set(one["tags"])]
    return Findings(tuple(broken), tuple(advice), tuple(found["incomplete"]), found["passes"])
