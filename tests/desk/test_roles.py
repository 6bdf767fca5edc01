"""Who may do what: every route of the desk, asked by nobody and by every role.

A route that is missing from the table fails: whoever adds one says here who may use it.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from bot.handoff.agents import ROLES

House = Any

NOBODY = "nobody"
"""Open to who is not signed in."""

LEAST = {
    "GET /desk/static/{name}": NOBODY,
    "GET /desk/login": NOBODY,
    "GET /desk/welcome": NOBODY,
    "GET /desk/forgot": NOBODY,
    "GET /desk/recover": NOBODY,
    "POST /api/desk/login": NOBODY,
    "POST /api/desk/welcome": NOBODY,
    "POST /api/desk/forgot": NOBODY,
    "POST /api/desk/recover": NOBODY,
    "GET /api/desk/me": "agent",
    "PATCH /api/desk/me": "agent",
    "POST /api/desk/logout": "agent",
    "POST /api/desk/password": "agent",
    "GET /api/desk/sessions": "agent",
    "DELETE /api/desk/sessions": "agent",
    "DELETE /api/desk/sessions/{id}": "agent",  # one's own; test_people_api has the rest
    "GET /desk/account": "agent",
    "GET /desk": "agent",
    "GET /desk/c/{chat}": "agent",
    "GET /desk/parts/queue": "agent",
    "GET /desk/parts/conversation/{chat}": "agent",
    "GET /desk/follow-ups": "agent",
    "GET /desk/parts/follow-ups": "agent",
    "GET /api/desk/queue": "agent",
    "GET /api/desk/events": "agent",
    "POST /api/desk/handoffs/{handoff}/claim": "agent",
    "POST /api/desk/handoffs/{handoff}/resolve": "agent",
    "POST /api/desk/handoffs/{handoff}/transfer": "agent",
    "POST /api/desk/handoffs/{handoff}/note": "agent",
    "GET /api/desk/conversations/{chat}": "agent",
    "POST /api/desk/conversations/{chat}/messages": "agent",
    "POST /api/desk/conversations/{chat}/reach-out": "agent",
    "POST /api/desk/conversations/{chat}/typing": "agent",
    "GET /api/desk/follow-ups": "agent",
    "POST /api/desk/follow-ups/{follow_up}/take": "agent",
    "POST /api/desk/follow-ups/{follow_up}/done": "agent",
    "POST /api/desk/translate": "agent",
    "GET /desk/knowledge": "agent",
    "GET /desk/knowledge/new": "agent",
    "GET /desk/knowledge/gaps": "agent",
    "GET /desk/knowledge/{article}": "agent",
    "GET /desk/parts/knowledge/gaps": "agent",
    "GET /desk/parts/knowledge/live/{article}": "agent",
    "GET /desk/parts/knowledge/probe": "agent",
    "POST /desk/parts/knowledge/preview": "agent",
    "POST /desk/parts/knowledge/conflict/{article}": "agent",
    "POST /api/desk/knowledge": "author",
    "PUT /api/desk/knowledge/{article}": "author",
    "PATCH /api/desk/knowledge/{article}": "author",
    "GET /desk/parts/earlier/{chat}": "agent",
    "POST /api/desk/conversations/{chat}/read": "agent",
    "POST /desk/parts/knowledge/variants": "agent",
    "POST /api/desk/knowledge/machine-drafts": "author",
    "DELETE /api/desk/knowledge/{article}": "author",
    "PUT /api/desk/presence": "agent",
    "POST /api/desk/queue/next": "agent",
    "POST /api/desk/here": "agent",
    "GET /desk/replies": "agent",
    "GET /desk/replies/new": "agent",
    "GET /desk/replies/{reply}": "agent",
    "GET /api/desk/canned": "agent",
    "POST /api/desk/canned": "author",
    "PUT /api/desk/canned/{reply}": "author",
    "DELETE /api/desk/canned/{reply}": "author",
    "PATCH /api/desk/follow-ups/{follow_up}": "agent",
    "POST /api/desk/conversations/{chat}/follow-ups": "agent",
    "GET /desk/knowledge/check": "agent",
    "GET /desk/parts/knowledge/check": "agent",
    "POST /api/desk/conversations/{chat}/attachments": "agent",
    "GET /desk/attachments/{file}": "agent",
    "GET /desk/parts/suggest/{chat}": "agent",
    "GET /desk/people": "admin",
    "GET /desk/people/{agent}": "admin",
    "GET /desk/audit": "admin",
    "GET /api/desk/audit": "admin",
    "GET /api/desk/people": "admin",
    "PATCH /api/desk/people/{agent}": "admin",
    "GET /api/desk/people/{agent}/sessions": "admin",
    "POST /api/desk/people/{agent}/recovery": "admin",
    "POST /api/desk/invitations": "admin",
    "DELETE /api/desk/invitations/{id}": "admin",
    "PATCH /api/desk/interactions/{interaction}": "agent",
    "GET /desk/reports": "agent",  # one's own; test_reports has who sees whose
    "GET /api/desk/reports": "agent",
    "GET /api/desk/reports/{table}.csv": "agent",
    "GET /desk/settings": "agent",
    "GET /api/desk/settings": "agent",
    "PATCH /api/desk/settings": "admin",
    "POST /api/desk/settings/teams": "admin",
    "PUT /api/desk/settings/teams/{team}": "admin",
    "DELETE /api/desk/settings/teams/{team}": "admin",
}

BODIES: dict[str, Any] = {
    "POST /api/desk/password": {"old": "x", "new": "y"},
    "POST /api/desk/translate": {"conversation": "0" * 32, "text": "x"},
    "POST /api/desk/handoffs/{handoff}/transfer": {"to": "queue"},
    "POST /api/desk/handoffs/{handoff}/note": {"text": "x"},
    "POST /api/desk/conversations/{chat}/messages": {"id": "1", "text": "x"},
    "POST /api/desk/invitations": {"email": "x@nadi.example"},
    "PATCH /api/desk/me": {"locale": "en"},
    "POST /api/desk/knowledge": {"title": "x", "locale": "en"},
    "PUT /api/desk/knowledge/{article}": {
        "locale": "en", "version": 1, "title": "x", "state": "draft",
    },
    "PATCH /api/desk/knowledge/{article}": {"locale": "en", "version": 1, "state": "draft"},
    "POST /desk/parts/knowledge/conflict/{article}": {"locale": "en"},
    "POST /desk/parts/knowledge/variants": {"locale": "en"},
    "POST /api/desk/knowledge/machine-drafts": {"locale": "bn", "article": "none"},
    "DELETE /api/desk/knowledge/{article}": {"locale": "en"},
    "POST /api/desk/conversations/{chat}/read": {"seq": 0},
    "PUT /api/desk/presence": {"presence": "busy"},
    "POST /api/desk/conversations/{chat}/follow-ups": {"note": "x", "due": "2100-01-01"},
    "POST /api/desk/canned": {"shortcut": "none", "texts": []},
    "PUT /api/desk/canned/{reply}": {"shortcut": "none", "texts": []},
    "PATCH /api/desk/settings": {"settings": {}},
    "POST /api/desk/settings/teams": {"name": "x", "time_zone": "UTC", "week": []},
    "PUT /api/desk/settings/teams/{team}": {"name": "x", "time_zone": "UTC", "week": []},
}  # fmt: skip
"""What a route has to be sent before it looks who sends it; an empty object elsewhere."""

QUERIES = {
    "GET /desk/parts/knowledge/live/{article}": {"locale": "en"},
    "GET /desk/parts/knowledge/probe": {"text": "x", "locale": "en"},
    "GET /desk/parts/earlier/{chat}": {"before": 1},
    "GET /api/desk/canned": {"conversation": "0" * 32},
}

ENDLESS = {"GET /api/desk/events"}
"""Only refused here: what it answers to agents is in test_events."""

SIGNS_OUT = {"POST /api/desk/logout"}


def _routes(app: FastAPI) -> Iterator[str]:
    for route in app.routes:
        if isinstance(route, APIRoute) and ("/desk" in route.path):
            for method in route.methods:
                yield f"{method} {route.path.replace(':path', '')}"


def test_every_route_says_who_may_use_it(house: House) -> None:
    there = set(_routes(house.app))
    assert (there - set(LEAST), set(LEAST) - there) == (set(), set())


def _url(path: str) -> str:
    for name in ("handoff", "chat", "follow_up", "agent", "reply", "file", "team", "interaction"):
        path = path.replace(f"{{{name}}}", "0" * 32)
    return path.replace("{id}", "0" * 64).replace("{article}", "none").replace("{name}", "desk.css")


async def _answers(client: Any, route: str) -> tuple[int, str]:
    method, path = route.split(" ")
    content = BODIES.get(route, None if method in ("GET", "DELETE") else {})
    answer = await client.request(method, _url(path), json=content, params=QUERIES.get(route, {}))
    kind = answer.headers.get("content-type", "")
    code = answer.json().get("error", {}).get("code", "") if "json" in kind and (
        isinstance(answer.json(), dict)
    ) else ""  # fmt: skip
    return answer.status_code, code


@pytest.mark.parametrize("route", sorted(route for route, role in LEAST.items() if role != NOBODY))
async def test_nobody_gets_in(house: House, visitor: Any, route: str) -> None:
    status, code = await _answers(visitor, route)
    if route.split(" ")[1].startswith("/api/"):
        assert (status, code) == (401, "signed_out")
    else:
        assert status == 303 or (status, code) == (401, "signed_out")


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_gets_as_far_as_it_goes(house: House, sign_in: Any, role: Any) -> None:
    client = await sign_in("Asha", role=role)
    others = [one for one in LEAST if one not in SIGNS_OUT | ENDLESS]
    for route in others:
        least = LEAST[route]
        if least == NOBODY:
            continue
        status, code = await _answers(client, route)
        far_enough = ROLES.index(role) >= ROLES.index(least)
        if far_enough:
            assert status not in (401, 403) or code == "not_yours", (route, status, code)
            assert status < 500 and code != "invalid", (route, status)
        else:
            assert (status, code or "not_allowed") == (403, "not_allowed"), (route, status, code)
