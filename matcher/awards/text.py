"""The words of a notice: what can honestly be repaired, and the form in which words are compared."""

from __future__ import annotations

import html
import re
import unicodedata

LOST = "\ufffd"  # U+FFFD: a letter the source lost for good

# Words that carry no meaning of their own; patterns and objects lose them alike.
STOP_WORDS = frozenset({
    "a", "au", "aux", "avec", "ce", "ces", "d", "dans", "de", "des", "du", "en", "et", "l", "la", "le", "les", "leur",
    "leurs", "n", "ou", "par", "pour", "qu", "s", "sa", "ses", "son", "sur", "un", "une",
})  # fmt: skip

_TAG = re.compile(r"<\s*/?\s*(?:br|p|b|i|u|strong|em|span|div|ul|li)\b[^<>]{0,80}>", re.IGNORECASE)
# One platform replaces the "&" of an entity by "et" and its ";" by ",": "&#8211;" becomes "et#8211,".
_MANGLED_ENTITY = re.compile(r"et#(\d{2,6})[;,]")
_ESCAPED = re.compile(r"\\+(['\"])")
# UTF-8 read as Latin-1 or Windows-1252: a lead byte and its continuation bytes, both shown as characters.
_CONTINUATION = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_MOJIBAKE = re.compile(f"[Â-ß][{_CONTINUATION}]|[à-ï][{_CONTINUATION}]{{2}}|[ð-ô][{_CONTINUATION}]{{3}}")
# What a French notice may have held: Latin letters and signs, dashes, quotes, the euro.
_PLAUSIBLE = re.compile("[\u00a0-\u017f\u2010-\u203a\u20ac]")
_C1 = re.compile("[\x80-\x9f]")
_COMBINING = re.compile("[\u0300-\u036f]")
_NOT_WORD = re.compile(f"[^a-z0-9{LOST}]+")
_LOST_LIGATURE = re.compile(r"(?<![a-zA-Z])\?(?=uvre)|(?<=c)\?(?=ur\b)|(?<=s)\?(?=ur\b)", re.IGNORECASE)


def _undo(match: re.Match[str]) -> str:
    """The character behind `Ã©`, when its bytes are UTF-8 for a likely one; else the text as it was."""
    raw = bytearray()
    for character in match.group():
        try:
            raw += character.encode("cp1252")
        except UnicodeEncodeError:
            raw += character.encode("latin-1")
    try:
        character = raw.decode("utf-8")
    except UnicodeDecodeError:
        return match.group()
    return character if _PLAUSIBLE.fullmatch(character) else match.group()


def _windows(match: re.Match[str]) -> str:
    """A C1 control character is a Windows-1252 letter or sign read as Latin-1 (`œ`, `’`, `–`)."""
    try:
        return match.group().encode("latin-1").decode("cp1252")
    except UnicodeDecodeError:
        return " "


def repair(text: str) -> str:
    """`text` with what a source mangled put back: HTML tags and entities, escaped quotes, mojibake.

    Only reversible repairs are made. A letter lost as U+FFFD stays lost, and is kept.
    """
    if "<" in text:
        text = _TAG.sub(" ", text)
    text = _MANGLED_ENTITY.sub(lambda m: _character(int(m[1])), text)
    if "&" in text:
        text = html.unescape(text)
    if "\\" in text:
        text = _ESCAPED.sub(r"\1", text)
    if not text.isascii():
        text = _C1.sub(_windows, _MOJIBAKE.sub(_undo, text))
    return " ".join(text.split())


def _character(number: int) -> str:
    return chr(number) if 31 < number < 0xD800 else " "


def damaged(text: str) -> bool:
    """True when letters of `text` are lost."""
    return LOST in text or _LOST_LIGATURE.search(text) is not None


def plain(text: str) -> str:
    """Lower case, no accents, ligatures spelled out, everything but letters, digits and lost letters a space."""
    if "?" in text:
        text = _LOST_LIGATURE.sub(LOST, text)
    text = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae")
    if not text.isascii():
        text = _COMBINING.sub("", unicodedata.normalize("NFKD", text))
    return _NOT_WORD.sub(" ", text.lower()).strip()


def tokens(text: str) -> list[str]:
    """The words of `text` that mean something, in the form of `plain`."""
    return [word for word in plain(text).split() if word not in STOP_WORDS]


def excerpt(text: str, length: int = 60) -> str:
    """The beginning of `text`, cut at a word."""
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0] + "…"
