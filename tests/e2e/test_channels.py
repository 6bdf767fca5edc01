"""The whole path on messengers: the running product, and platforms that it calls over HTTP."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.languages.say import say
from tests.channels.fake import FakePlatform
from tests.channels.kits import Kit, TelegramKit, WebhookKit
from tests.e2e.forked import ForkedProduct
from tests.e2e.product import DeskClient, Product
from tests.patience import PATIENCE

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]


class Messenger:
    """A client of the shop on a platform: posts signed updates, reads what the platform got."""

    def __init__(self, kit: Kit, address: str, product: Product, platform: FakePlatform) -> None:
        self._kit, self._address = kit, address
        self._product, self._platform = product, platform
        self._id = 0
        self._read = 0

    def _post(self, content: dict[str, Any]) -> httpx.Response:
        hook = self._kit.sign(content)
        path = f"/api/channels/{self._kit.name}"
        return self._product.request("POST", path, content=hook.body, headers=dict(hook.headers))

    def say(self, text: str, answers: int = 1) -> list[dict[str, Any]]:
        """Write; wait until so many messages have come back."""
        self._id += 1
        return self._tell(self._kit.text(self._address, self._id, text), answers)

    def press(self, payload: str, answers: int = 1) -> list[dict[str, Any]]:
        self._id += 1
        pressed = self._kit.press(self._address, self._id, payload)
        assert pressed is not None
        return self._tell(pressed, answers)

    def _tell(self, content: dict[str, Any], answers: int) -> list[dict[str, Any]]:
        for _ in range(2):  # platforms repeat themselves
            assert self._post(content).is_success
        return self.wait(answers) if answers else []

    def wait(self, answers: int = 1) -> list[dict[str, Any]]:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            mine = [
                sent
                for sent in [*self._platform.sent("/sendMessage"), *self._platform.sent("/answers")]
                if self._address in (sent.get("chat_id"), sent.get("to"))
            ]
            if len(mine) >= self._read + answers:
                new, self._read = mine[self._read :], len(mine)
                return new
            time.sleep(0.05)
        raise AssertionError(f"{len(mine)} messages: {[sent['text'] for sent in mine]}")


@pytest.fixture(scope="module")
def platform() -> Iterator[FakePlatform]:
    with FakePlatform().running() as running:
        TelegramKit().channel(running)
        yield running


@pytest.fixture(scope="module")
def running(
    stocked: Path, tmp_path_factory: pytest.TempPathFactory, platform: FakePlatform
) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("channels")
    shutil.copytree(stocked, folder / "data")
    product = ForkedProduct(
        folder,
        SETU_TELEGRAM_TOKEN=TelegramKit.token,
        SETU_TELEGRAM_API=platform.url,
        SETU_WEBHOOK_SECRET=WebhookKit.secret,
        SETU_WEBHOOK_URL=f"{platform.url}/answers",
    )
    product.start()
    yield product
    assert product.stop() == 0
    assert TelegramKit.token not in product.output.read_text()


def _keys(sent: dict[str, Any]) -> dict[str, str]:
    """A Telegram message's buttons: payload by title."""
    rows = sent.get("reply_markup", {}).get("inline_keyboard", [])
    return {button["text"]: button["callback_data"] for row in rows for button in row}


@pytest.fixture(scope="module")
def desk(running: Product) -> Iterator[DeskClient]:
    desk = running.desk()
    yield desk
    desk.http.close()


def _claim(desk: DeskClient, text: str) -> tuple[str, str]:
    rows = desk.get("/queue")["waiting"]
    found = next(row for row in rows if row["last"]["text"] == text)
    return str(found["conversation"]), desk.claim(found["conversation"])


def test_the_whole_path_on_telegram_in_bengali(
    running: Product, platform: FakePlatform, desk: DeskClient
) -> None:
    client = Messenger(TelegramKit(), "7001", running, platform)
    (hello,) = client.say("/start")
    assert "নমস্কার" in hello["text"]
    *_, asked = client.say("কেনা জিনিস কীভাবে ফেরত দেব?", answers=2)
    (helped,) = client.press(_keys(asked)["হ্যাঁ"])
    assert "কাজে লেগেছে" in helped["text"]

    (told,) = client.say("একজন মানুষের সঙ্গে কথা বলতে চাই")
    assert _keys(told)
    conversation, handoff = _claim(desk, "একজন মানুষের সঙ্গে কথা বলতে চাই")
    client.wait()  # who has joined
    client.say("অর্ডার 48213", answers=0)
    desk.do(f"/conversations/{conversation}/messages", id="a1", text="নমস্কার, দেখছি। 2 < 3")
    (from_agent,) = client.wait()
    assert from_agent["text"] == "<b>Asha</b>\nনমস্কার, দেখছি। 2 &lt; 3"

    desk.do(f"/handoffs/{handoff}/resolve")
    rating = client.wait()[-1]
    assert list(_keys(rating)) == ["১", "২", "৩", "৪", "৫"]
    (thanks,) = client.press(_keys(rating)["৪"])
    assert _keys(thanks)
    (noted,) = client.say("আর একটু তাড়াতাড়ি হলে ভালো হত")
    assert noted["text"] == say("csat.comment_thanks", "bn")


def test_a_program_of_ones_own(running: Product, platform: FakePlatform, desk: DeskClient) -> None:
    client = Messenger(WebhookKit(), "till-3", running, platform)
    answer, asked = client.say("How do I return something I bought?", answers=2)
    assert answer["format"] == "markdown" and answer["author"] == "bot"
    yes = next(each["payload"] for each in asked["buttons"] if each["title"] == "Yes")
    (glad,) = client.press(yes)
    assert glad["text"] == say("engine.glad", "en")
    (told,) = client.say("I want to talk to a person")
    (back,) = told["buttons"]
    (returned,) = client.press(back["payload"])
    assert returned["text"] == say("handoff.returned", "en")
