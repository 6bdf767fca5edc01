"""Invitations and recovery links by e-mail, to a real SMTP server that takes them or refuses."""

import asyncio
import email.policy
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from playwright.async_api import Browser, Page, expect

from bot.languages.say import say
from bot.settings import Settings
from tests.desk.browsing import sign_in
from tests.patience import PATIENCE, Port

House = Any
NEW = {"email": "bina@nadi.example", "role": "agent", "languages": {"bn": 3}, "skills": [],
       "capacity": 4}  # fmt: skip


class Post:
    """A mail server: keeps what it takes; `refuses` is its answer to every recipient."""

    def __init__(self) -> None:
        self.refuses: str | None = None
        self.mails: list[EmailMessage] = []
        self.came = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    async def handle_RCPT(self, _: Any, __: Any, envelope: Any, address: str, ___: Any) -> str:
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self._loop.call_soon_threadsafe(self.came.set)
        return "250 OK"


@pytest.fixture
async def post() -> Post:
    return Post()


@pytest.fixture
def house_settings(post: Post) -> Iterator[Settings]:
    reserved = Port()
    port = reserved.number
    controller = Controller(post, hostname="127.0.0.1", port=port, ready_timeout=PATIENCE)
    controller.start()
    yield Settings(
        _env_file=None, smtp_url=f"smtp://127.0.0.1:{port}", mail_from="Nadi <desk@nadi.example>"
    )
    controller.stop()


def _link(mail: EmailMessage) -> str:
    found = re.search(r"http\S+/desk/\w+\?code=\S+", mail.get_content())
    assert found is not None, mail.get_content()
    return found[0].partition("/desk/")[2]


async def test_an_invitation_goes_out_in_its_sender_s_language_and_opens_the_door(
    post: Post, sign_in: Any, visitor: httpx.AsyncClient
) -> None:
    admin = await sign_in("Asha", role="admin")
    await admin.patch("/api/desk/me", json={"locale": "bn"})
    made = await admin.post("/api/desk/invitations", json=NEW)
    assert (made.status_code, made.json()["mailed"]) == (201, True)
    (mail,) = post.mails
    assert (mail["To"], mail["From"]) == ("bina@nadi.example", "Nadi <desk@nadi.example>")
    assert mail["Subject"] == say("desk.mail.invited", "bn", shop="Nadi")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Asha" in mail.get_content()
    page = await visitor.get(f"/desk/{_link(mail)}")
    assert 'value="bina@nadi.example"' in page.text


async def test_a_forgotten_password_comes_by_mail_and_works_once(
    post: Post, house: House, visitor: httpx.AsyncClient
) -> None:
    await house.agent("Asha")
    asked = await visitor.post("/api/desk/forgot", json={"email": "asha@nadi.example"})
    assert asked.status_code == 202
    await asyncio.wait_for(post.came.wait(), PATIENCE)
    code = _link(post.mails[0]).partition("code=")[2]
    body = {"code": code, "password": "quite another sentence"}
    assert (await visitor.post("/api/desk/recover", json=body)).status_code == 200
    assert (await visitor.post("/api/desk/recover", json=body)).status_code == 403


async def test_a_server_that_refuses_tells_nobody_who_has_an_account(
    post: Post, house: House, visitor: httpx.AsyncClient
) -> None:
    await house.agent("Asha")
    post.refuses = "550 No such mailbox"
    answers = [
        await visitor.post("/api/desk/forgot", json={"email": f"{name}@nadi.example"})
        for name in ("asha", "nobody")
    ]
    assert [(answer.status_code, answer.text) for answer in answers] == [(202, answers[0].text)] * 2
    assert post.mails == []


@pytest.mark.e2e
@pytest.mark.slow
@pytest.mark.parametrize("refuses", [None, "550 No such mailbox", "451 Try again later"])
async def test_the_admin_sees_whether_the_invitation_went(
    post: Post, house: House, address: str, browser: Browser,
    axe: Callable[[Page], Any], refuses: str | None,
) -> None:  # fmt: skip
    await house.agent("Asha", role="admin")
    post.refuses = refuses
    page = await (await browser.new_context(locale="en-GB")).new_page()
    await sign_in(page, address)
    await page.goto(f"{address}/desk/people")
    await page.get_by_label("E-mail").fill("bina@nadi.example")
    await page.get_by_role("button", name="Make the link").click()
    key = "unmailed" if refuses else "mailed"
    said = say(f"desk.people.link_{key}", "en", email="bina@nadi.example")
    await expect(page.locator("#link-mailed")).to_have_text(said)
    assert len(post.mails) == (0 if refuses else 1)
    assert await axe(page) == []
