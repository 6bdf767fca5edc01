"""The whole path over the client API and the desk API, in the languages the browser test leaves."""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import pytest

from bot.languages.formats import number
from bot.languages.say import say
from tests.e2e.product import ApiClient, DeskClient, Product

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

ENGLISH = re.compile(r"[A-Za-z]{2,}(?:[^\w.!?।]+[A-Za-z]{2,}){2,}")
"""Three Latin words in a row: a sentence that nobody translated."""


@dataclasses.dataclass(frozen=True)
class Words:
    """What client and agent write; they rate with `four`, then think again and rate with `two`."""

    question: str
    human: str
    to_agent: str
    from_agent: str
    four: str
    two: str
    comment: str
    goodbye: str


WORDS = {
    "mr": Words(
        question="घेतलेली वस्तू परत कशी करायची?",
        human="मला माणसाशी बोलायचे आहे",
        to_agent="ऑर्डर क्रमांक ४८२१३ आहे",
        from_agent="नमस्कार, तुमची ऑर्डर पाहत आहोत.",
        four="चार",
        two="२",
        comment="उत्तर मिळायला फार उशीर झाला",
        goodbye="धन्यवाद",
    ),
    "ml": Words(
        question="വാങ്ങിയ സാധനം എങ്ങനെ തിരികെ നൽകാം?",
        human="എനിക്ക് ഒരാളോട് നേരിട്ട് സംസാരിക്കണം",
        to_agent="ഓർഡർ നമ്പർ 48213",
        from_agent="നമസ്കാരം, ഓർഡർ നോക്കുന്നുണ്ട്.",
        four="naalu",
        two="രണ്ട്",
        comment="മറുപടി കിട്ടാൻ ഒരുപാട് വൈകി",
        goodbye="നന്ദി",
    ),
    "hi": Words(
        question="खरीदा हुआ सामान वापस कैसे करूँ?",
        human="मुझे किसी इंसान से बात करनी है",
        to_agent="ऑर्डर नंबर ४८२१३ है",
        from_agent="नमस्ते, आपका ऑर्डर देख रहे हैं।",
        four="चार",
        two="२",
        comment="जवाब मिलने में बहुत देर हुई",
        goodbye="धन्यवाद",
    ),
}
SCRIPTS = {"mr": "\u0900-\u097f", "hi": "\u0900-\u097f", "ml": "\u0d00-\u0d7f"}


@pytest.fixture(scope="module")
def desk(product: Product) -> Iterator[DeskClient]:
    desk = product.desk()
    yield desk
    desk.http.close()


def _spoken(messages: list[dict[str, Any]], locale: str) -> None:
    """Everything a client reads here is in their script, and nothing in it is English."""
    for message in messages:
        for text in (message["text"], *(button["title"] for button in message["buttons"])):
            letters = re.findall(r"[^\W\d_]", text)
            own = re.findall(f"[{SCRIPTS[locale]}]", text)
            assert len(own) > 0.6 * len(letters), text
            assert not ENGLISH.search(text), text


def _to_the_agent(client: ApiClient, desk: DeskClient, locale: str) -> str:
    """From the question to a claimed conversation; the handoff's id."""
    words = WORDS[locale]
    answer = client.say(words.question)
    assert answer[0]["article"] == "return-item"
    assert answer[0]["language"] == locale
    assert [m["text"] for m in answer[1:]] == [say("engine.did_this_help", locale)]
    _spoken(answer, locale)

    no = client.press(answer, say("engine.button.no", locale))
    _spoken(no, locale)
    assert no[0]["article"] != "return-item"  # the next best, or a choice, or a person
    waiting = client.say(words.human)
    _spoken(waiting, locale)
    assert client.state()["owner"] == "queue"
    rows = desk.get("/queue")["waiting"]
    place = next(r["position"] for r in rows if r["conversation"] == client.conversation)
    told = say("handoff.place", locale, position=number(place, locale))
    assert (say("handoff.next", locale) if place == 1 else told) in waiting[-1]["text"]

    seq = client.post(words.to_agent).json()["seq"]
    handoff = desk.claim(client.conversation)
    joined = client.wait(seq)
    assert [m["text"] for m in joined] == [say("handoff.joined", locale, name=desk.NAME)]
    assert client.state()["agent"] == desk.NAME
    chat = desk.get(f"/conversations/{client.conversation}")
    assert chat["locale"] == locale
    assert next(m["text"] for m in chat["messages"] if m["author"] == "client") == words.question
    assert chat["messages"][-2]["text"] == words.to_agent

    sent = desk.do(
        f"/conversations/{client.conversation}/messages", id="hello", text=words.from_agent
    )
    heard = client.wait(sent["seq"] - 1)
    assert [(m["author"], m["text"], m["name"]) for m in heard] == [
        ("agent", words.from_agent, desk.NAME)
    ]
    return handoff


@pytest.mark.parametrize("locale", sorted(WORDS))
def test_from_the_question_to_the_follow_up(
    product: Product, desk: DeskClient, locale: str
) -> None:
    words = WORDS[locale]
    client = product.client(time_zone="Asia/Kolkata")  # the language comes from what they write
    handoff = _to_the_agent(client, desk, locale)

    before = client.state()["messages"][-1]["seq"]
    desk.do(f"/handoffs/{handoff}/resolve")
    asked = client.wait(before)[-1]
    assert asked["text"] == say("csat.ask", locale)
    assert number(5, locale) in asked["text"]
    labels = [say(f"csat.label_{value}", locale) for value in range(1, 6)]
    assert [button["title"] for button in asked["buttons"]] == labels
    _spoken([asked], locale)

    _spoken(client.say(words.four), locale)
    thanked = client.say(words.two)
    assert desk.NAME in thanked[-1]["text"]  # who will see to it
    assert say("csat.ask_better", locale) in thanked[-1]["text"]
    ended = client.say(words.comment)
    assert [m["text"] for m in ended] == [say("csat.comment_thanks", locale)]
    assert client.state()["owner"] == "bot"

    owed = [
        one
        for one in desk.get("/follow-ups")["follow_ups"]
        if one["conversation"] == client.conversation
    ]
    assert [(one["score"], one["comment"], one["owner"], one["language"]) for one in owed] == [
        (2, words.comment, desk.NAME, locale)
    ]

    _spoken(client.say(words.goodbye), locale)  # the assistant is there again
    messages = client.state()["messages"]
    assert [m["seq"] for m in messages] == sorted({m["seq"] for m in messages})
    mine = [m["text"] for m in messages if m["author"] == "client" and m["button"] is None]
    assert mine == [
        *(words.question, words.human, words.to_agent),
        *(words.four, words.two, words.comment, words.goodbye),
    ]
