"""The pages on a real server (SQLite), asked by signed-in clients, and looked at in a real browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.service.databases import Api, served, settings_for, sqlite_template  # noqa: F401  (fixture)

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
        """Send a form with this session's token; where it leads is followed."""
        data = {"csrf": self.csrf, **fields}
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
