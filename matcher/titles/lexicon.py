"""The lexicon of job titles, read once from lexicon.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from matcher.yamltext import load_yaml


@dataclass(frozen=True)
class Lexicon:
    """Words of job titles; all keys are plain (no accent, lower case), values are lists of plain words."""

    phrases: Mapping[tuple[str, ...], tuple[str, ...]]
    words: Mapping[str, tuple[str, ...]]
    caces: Mapping[str, tuple[str, ...]]
    stop: frozenset[str]
    noise: frozenset[str]
    noise_first: frozenset[str]
    soft: frozenset[str]
    usual: Mapping[str, str]
    noise_phrases: frozenset[tuple[str, ...]]
    places: frozenset[str]
    place_phrases: frozenset[tuple[str, ...]]
    gender: Mapping[str, str]
    invariable: frozenset[str]


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.replace("œ", "oe").split())


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon shipped with the package."""
    raw: dict[str, Any] = load_yaml(files("matcher.titles").joinpath("lexicon.yml").read_text("utf-8"))
    texts = {key: [str(item) for item in raw[key]] for key in raw if isinstance(raw[key], list)}
    pairs = {key: {str(k): str(v) for k, v in raw[key].items()} for key in raw if isinstance(raw[key], dict)}
    return Lexicon(
        phrases=MappingProxyType({_split(k): _split(v) for k, v in pairs["phrases"].items()}),
        words=MappingProxyType({k: _split(v) for k, v in pairs["words"].items()}),
        caces=MappingProxyType({k: _split(v) for k, v in pairs["caces"].items()}),
        stop=frozenset(texts["stop"]),
        noise=frozenset(texts["noise"]),
        noise_first=frozenset(texts["noise_first"]),
        usual=MappingProxyType(pairs["usual"]),
        soft=frozenset(texts["soft"]),
        noise_phrases=frozenset(_split(text) for text in texts["noise_phrases"]),
        places=frozenset(texts["places"]),
        place_phrases=frozenset(_split(text) for text in texts["place_phrases"]),
        gender=MappingProxyType(pairs["gender"]),
        invariable=frozenset(texts["invariable"]),
    )
