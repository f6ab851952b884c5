"""YAML texts, read by the C loader where libyaml is there (ten times faster); both are the safe one."""

from __future__ import annotations

from typing import Any

import yaml

Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 100


def load_yaml(text: str) -> Any:
    """The content of a YAML text of our own. Raises yaml.YAMLError."""
    return yaml.load(text, Loader)


def not_too_deep(text: str) -> str:
    """The text of somebody else's file, itself. Raises RecursionError when it is nested more than DEEPEST times
    (the C loader would overflow the stack and end the process), yaml.YAMLError when it is no YAML."""
    depth = 0
    for event in yaml.parse(text, Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise RecursionError(f"YAML nested more than {DEEPEST} times")
    return text
