"""Every page that somebody reaches from the start page by following links, as its address pattern names it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2

from service.pages.page import Page
from service.pages.routes import PAGES

PER_PATTERN = 3  # addresses of one pattern that are followed
MOST = 400
_PLACE = re.compile(r"\\\{\w+\\\}")


class Reader(HTMLParser):
    """The elements of a page: (tag, attributes), in order, and the text outside of them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self._in: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._in = tag if tag in ("script", "style") else None

    def handle_endtag(self, tag: str) -> None:
        self._in = None

    def handle_data(self, data: str) -> None:
        if self._in is not None and data.strip():
            self.scripts.append(data)

    def every(self, tag: str) -> list[dict[str, str]]:
        return [given for name, given in self.elements if name == tag]


def _matcher(path: str) -> re.Pattern[str]:
    return re.compile(_PLACE.sub("[^/]+", re.escape(path)))


_MATCHERS: tuple[tuple[re.Pattern[str], Page], ...] = tuple((_matcher(page.path), page) for page in PAGES)


def page_at(address: str, method: str = "GET") -> Page | None:
    """The page that answers there; the one with the fewest places to fill where several could."""
    path = urlsplit(address).path
    found = [page for form, page in _MATCHERS if page.method == method and form.fullmatch(path)]
    return min(found, key=lambda page: page.path.count("{"), default=None)


@dataclass(frozen=True)
class Seen:
    """One answer of the walk."""

    address: str
    answer: httpx2.Response

    @property
    def is_html(self) -> bool:
        return self.answer.headers.get("content-type", "").startswith("text/html")


def crawl(
    ask: Callable[[str], httpx2.Response], start: tuple[str, ...] = ("/",), per_pattern: int = PER_PATTERN
) -> Mapping[str, list[Seen]]:
    """Pattern of a page → what was seen there. Links are followed as a visitor would, a few of each kind."""
    waiting = deque(start)
    known = set(start)
    seen: dict[str, list[Seen]] = {}
    kinds: dict[tuple[str, tuple[str, ...]], int] = {}
    while waiting and sum(map(len, seen.values())) < MOST:
        address = waiting.popleft()
        page = page_at(address)
        if page is None:
            continue
        names = tuple(sorted({name for name, _value in parse_qsl(urlsplit(address).query)}))
        kinds[page.path, names] = kinds.get((page.path, names), 0) + 1
        if kinds[page.path, names] > per_pattern:
            continue
        one = Seen(address, ask(address))
        seen.setdefault(page.path, []).append(one)
        if one.answer.is_redirect:
            targets = [one.answer.headers["location"]]
        elif one.is_html:
            targets = links(one.answer.text, address)
        else:
            targets = []
        for target in targets:
            if target not in known:
                known.add(target)
                waiting.append(target)
    return seen


def links(html: str, address: str) -> list[str]:
    """Where the links, and the forms that only ask, lead on this site, without their fragments."""
    read = Reader(html)
    wanted = [given["href"] for given in read.every("a") if "href" in given]
    wanted += [given.get("action", "") for given in read.every("form") if given.get("method", "get").lower() == "get"]
    found = []
    for one in wanted:
        whole = urlsplit(urljoin(f"http://here{address}", one))
        if whole.netloc == "here" and whole.scheme == "http":
            found.append(whole.path + (f"?{whole.query}" if whole.query else ""))
    return found
