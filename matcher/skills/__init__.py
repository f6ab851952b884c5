"""Skills and certificates: free words to forms that can be compared. See docs/intitules.md."""

from __future__ import annotations

from matcher.skills.certificates import licence_code, normalise_certificate, split_certificate
from matcher.skills.vocabulary import Grade, SkillMatches, SkillVocabulary, grade, match_skills, skill_key
from matcher.skills.words import normalise_skill, skill_families

__all__ = [
    "Grade",
    "SkillMatches",
    "SkillVocabulary",
    "grade",
    "licence_code",
    "match_skills",
    "normalise_certificate",
    "normalise_skill",
    "skill_families",
    "skill_key",
    "split_certificate",
]
