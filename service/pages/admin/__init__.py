"""Administration: organisations and who may come in, rules and points in force, the end of keeping."""

from __future__ import annotations

from service.access.principals import Role
from service.pages.admin import access, home, keys, organisation, retention
from service.pages.page import Page

_ADMIN = frozenset({Role.ADMIN})
_ONE = "/admin/organisations/{org_id}"

PAGES = (
    Page("GET", "/admin", home.home, _ADMIN),
    Page("GET", "/admin/rules", home.rules, _ADMIN),
    Page("GET", "/admin/organisations", access.organisations, _ADMIN),
    Page("POST", "/admin/organisations", access.create_one, _ADMIN),
    Page("GET", _ONE, organisation.organisation, _ADMIN),
    Page("POST", f"{_ONE}/members", access.invite_one, _ADMIN),
    Page("POST", f"{_ONE}/members/{{member_id}}/roles", access.change_roles, _ADMIN),
    Page("POST", f"{_ONE}/members/{{member_id}}/end", access.end_member, _ADMIN),
    Page("POST", f"{_ONE}/keys", keys.create_key, _ADMIN),
    Page("GET", f"{_ONE}/keys/{{key_id}}", keys.key, _ADMIN),
    Page("POST", f"{_ONE}/keys/{{key_id}}/rotate", keys.rotate_key, _ADMIN),
    Page("POST", f"{_ONE}/keys/{{key_id}}/revoke", keys.revoke_key, _ADMIN),
    Page("GET", "/admin/retention", retention.look, _ADMIN, heavy=True),
    Page("POST", "/admin/retention", retention.erase, _ADMIN, heavy=True),
)
