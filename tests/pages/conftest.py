"""The pages on a real server (SQLite), asked by signed-in clients, and looked at in a real browser."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.pages.demo import Demo, demonstration
from tests.service.databases import (  # noqa: F401  (fixtures)
    Api,
    _no_authorities,
    served,
    settings_for,
    sqlite_template,
)

CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


@dataclass
class Visitor:
    """Somebody signed in: pages are asked and forms are sent as a browser would."""

    client: httpx2.Client
    csrf: str = ""

    def page(self, path: str, **options: Any) -> httpx2.Response:
        """The page at that address; redirections are followed."""
        return self.client.get(path, headers={"Accept": "text/html"}, follow_redirects=True, **options)

    def send(self, path: str, files: Any = None, follow: bool = True, **fields: Any) -> httpx2.Response:
        """Send a form with this session's token and a name of its own; where it leads is followed."""
        data = {"csrf": self.csrf, "once": secrets.token_hex(16), **fields}
        return self.client.post(
            path, data=data, files=files, headers={"Accept": "text/html"}, follow_redirects=follow
        )


@dataclass
class Site:
    """The real application at `api.url`."""

    api: Api

    @property
    def url(self) -> str:
        return self.api.url

    def anyone(self) -> httpx2.Client:
        """A client that has not signed in."""
        return self.api.client()

    def visitor(self, roles: str | Iterable[str], org: str = "A") -> Visitor:
        """Somebody of that organisation, signed in by an access key."""
        client = self.api.client()
        answer = client.post("/welcome", data={"key": self.api.key(roles, org)}, headers={"Accept": "text/html"})
        assert answer.status_code == 303, answer.text
        found = CSRF.search(client.get("/", headers={"Accept": "text/html"}).text)
        assert found is not None
        return Visitor(client, found[1])


@pytest.fixture
def site(sqlite_template: Path, tmp_path: Path) -> Iterator[Site]:  # noqa: F811
    """A server with an empty store; `site.api` makes organisations and keys."""
    path = tmp_path / "pages.db"
    shutil.copyfile(sqlite_template, path)
    with served(settings_for(f"sqlite:///{path}")) as api:
        yield Site(api)


@pytest.fixture(scope="module")
def module_site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:  # noqa: F811
    """The same for all the tests of a file, that share what is in the store."""
    path = tmp_path_factory.mktemp("pages") / "pages.db"
    shutil.copyfile(sqlite_template, path)
    with served(settings_for(f"sqlite:///{path}")) as api:
        yield Site(api)


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """`clausematch serve --demo`, one for all the tests of a process: they add to it, none needs it untouched."""
    with demonstration() as one:
        yield one


LOUD = ("error", "warning")
REFUSED = re.compile(r"the server responded with a status of 4(03|09|22) ")  # Chromium says so of a form shown again


@pytest.fixture
def enter(chromium: Any, demo: Demo) -> Iterator[Any]:
    """`enter(role, **options of the context)`: a page signed in by the form, whose console stays silent and that asks
    no other host."""
    contexts, said, asked = [], [], set()

    def come(role: str, org: str | None = None, **options: Any) -> Any:
        context = chromium.new_context(locale="fr-FR", base_url=demo.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda one: said.append(one.text) if one.type in LOUD else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
        page.goto("/")
        page.get_by_label("Clé d'accès").fill(demo.key(role, org))
        page.get_by_role("button", name="Entrer").click()
        page.wait_for_url(demo.url + "/")
        return page

    yield come
    for context in contexts:
        context.close()
    assert [words for words in said if not REFUSED.search(words)] == []
    assert asked == {urlsplit(demo.url).netloc}
