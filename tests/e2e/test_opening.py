"""How a chat begins, on the sample base: the buttons it opens with, and a greeting."""

import httpx
import pytest

from bot.languages.locales import known
from bot.languages.say import say
from tests.e2e.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

INTERFACE = [each.tag for each in known() if each.quality != "answers only"]
STARTERS = ["track-order", "return-item", "refund-time"]


@pytest.mark.parametrize("locale", INTERFACE)
def test_each_opening_button_leads_to_its_article(product: Product, locale: str) -> None:
    config = httpx.get(f"{product.url}/api/widget/config", params={"locale": locale}).json()
    shown = []
    for button in config["quick"]:
        assert button["language"] == locale, "in the client's own words"
        client = product.client(locale=locale)
        replies = client.say(payload=button["payload"])
        shown += [each["article"] for each in replies if each["article"]]
        asked = client.state()["messages"][0]
        assert (asked["author"], asked["text"]) == ("client", button["title"])
        assert replies[-1]["text"] == say("engine.did_this_help", locale)
    assert shown == STARTERS


def test_nobody_is_welcomed_twice(product: Product) -> None:
    [reply] = product.client(locale="en").say("hello")
    assert reply["text"] == say("engine.greet_back", "en")


def test_a_button_of_a_wait_that_is_over_is_answered_once(product: Product) -> None:
    client = product.client(locale="en")
    waiting = client.say(payload="talk_to_human")
    [back] = [each["payload"] for each in waiting[-1]["buttons"]][-1:]
    client.say(payload=back)
    [reply] = client.say(payload=back)
    assert reply["text"] == say("engine.go_on", "en")
