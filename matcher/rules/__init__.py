"""Rule packs: dated files of data that say who is eligible, on which ground, by which text."""

from __future__ import annotations

from matcher.rules.loader import PACK_IDS, check_rules, list_rules, load_rules
from matcher.rules.model import RulePack
from matcher.rules.modes import MODES, rules_for_mode

__all__ = ["MODES", "PACK_IDS", "RulePack", "check_rules", "list_rules", "load_rules", "rules_for_mode"]
