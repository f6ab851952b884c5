"""The files of the pages: kept for ever under an address that changes with them, and nothing else given away."""

from __future__ import annotations

import hashlib

import pytest

from service.pages.render import STATIC, static_address, static_file
from tests.pages.conftest import Site

HTMX_4_0_1 = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"  # dist/htmx.min.js of the package


def test_htmx_is_as_published() -> None:
    assert hashlib.sha256(static_file("htmx.js")).hexdigest() == HTMX_4_0_1


def test_files_may_be_kept_for_ever_and_nothing_else_is_served(site: Site) -> None:
    stranger = site.anyone()
    for name, kind in STATIC.items():
        answer = stranger.get(static_address(name))
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
    for path in ("/static/0000000000000000/htmx.js", "/static/x/..%2Fpage.py", "/static/x/routes.py"):
        assert stranger.get(path).status_code == 404


@pytest.mark.parametrize("name", ["clausematch.css", "clausematch.js"])
def test_our_own_files_ask_no_other_host(name: str) -> None:
    text = static_file(name).decode()
    assert "http:" not in text
    assert "https:" not in text
    assert "//" not in text.replace("// ", "")
