"""People on WhatsApp, Slack and e-mail: what each platform would say for them, and shows them."""

import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.languages.formats import number
from tests.channels.fake import FakePlatform
from tests.channels.kits import Kit, SlackKit, WhatsAppKit
from tests.channels.mail import OWN, Dovecot, Post, letter, words
from tests.e2e.product import DeskClient, Product
from tests.patience import PATIENCE


@dataclass(frozen=True)
class Shown:
    """A message as a client has it: `choices` are what stands for a button, by its title."""

    text: str
    choices: dict[str, str]
    mark: str  # the platform's name for it
    rich: dict[str, Any] = field(default_factory=dict)


@dataclass
class House:
    """The product with everything around it."""

    product: Product
    platform: FakePlatform
    post: Post
    dovecot: Dovecot
    box: str
    desk: DeskClient


class Person:
    """A client on one platform. `locale` is what they write in."""

    name: str
    locale: str
    question: str
    more: str

    def __init__(self, house: House) -> None:
        self.house = house
        self._id = 0
        self._read = 0

    def received(self) -> list[Shown]:
        raise NotImplementedError

    def say(self, text: str, to: Shown | None = None) -> None:
        raise NotImplementedError

    def choose(self, message: Shown, title: str) -> None:
        raise NotImplementedError

    def blocks_us(self) -> None:
        """From now on the platform refuses what is sent to them."""
        raise NotImplementedError

    def until(self, fits: Callable[[Shown], bool]) -> Shown:
        """The next message that fits, once it has come."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            new = self.received()[self._read :]
            for nth, message in enumerate(new, 1):
                if fits(message):
                    self._read += nth
                    return message
            time.sleep(0.05)
        raise AssertionError(f"{self.name}: {[message.text for message in new]}")

    def told(self, text: str) -> Shown:
        return self.until(lambda message: text in message.text)

    def offered(self, *titles: str) -> Shown:
        return self.until(lambda message: any(title in message.choices for title in titles))

    def next_id(self) -> int:
        self._id += 1
        return self._id

    def hook(self, kit: Kit, content: dict[str, Any]) -> None:
        for _ in range(2):  # platforms repeat themselves
            signed = kit.sign(content)
            reply = self.house.product.request(
                "POST",
                f"/api/channels/{self.name}",
                content=signed.body,
                headers=dict(signed.headers),
            )
            assert reply.is_success, reply.text


def _numbered(text: str) -> dict[str, str]:
    """What is to be chosen by its number, in whatever digits."""
    listed = re.findall(r"^(\d+)\. (.+)$", text, re.M)
    return {title.strip(): digits for digits, title in listed}


class OnWhatsApp(Person):
    name, locale, phone = "whatsapp", "mr", "919820012345"
    question, more = "खरेदी केलेली वस्तू परत कशी करायची?", "ऑर्डर 48213"
    kit = WhatsAppKit()

    def received(self) -> list[Shown]:
        calls = [
            call
            for call in self.house.platform.calls
            if call.path.endswith("/messages") and call.content.get("to") == self.phone
        ]
        return [self._shown(call.content) for call in calls]

    def _shown(self, sent: dict[str, Any]) -> Shown:
        text = self.kit.shown(sent)
        if sent["type"] != "interactive":
            return Shown(text, _numbered(text), "", sent)
        action = sent["interactive"]["action"]
        rows = [each["reply"] for each in action.get("buttons", ())]
        rows += [row for part in action.get("sections", ()) for row in part["rows"]]
        return Shown(text, {row["title"]: row["id"] for row in rows}, "", sent)

    def say(self, text: str, to: Shown | None = None) -> None:
        self.hook(self.kit, self.kit.text(self.phone, self.next_id(), text))

    def choose(self, message: Shown, title: str) -> None:
        if message.rich["type"] != "interactive":  # titles too long for rows
            return self.say(number(int(message.choices[title]), "mr"))
        kind = "list" if message.rich["interactive"]["type"] == "list" else "button"
        reply = {"id": message.choices[title], "title": title}
        content = {"type": f"{kind}_reply", f"{kind}_reply": reply}
        update = self.kit._message(self.phone, self.next_id(), "interactive", content)
        self.hook(self.kit, update)

    def status(self, id: str, state: str, **more: Any) -> None:
        """What became of a message, as Meta tells it."""
        status = {"id": id, "status": state, "timestamp": "1", "recipient_id": self.phone, **more}
        self.hook(self.kit, self.kit.value(statuses=[status]))

    def blocks_us(self) -> None:
        assert self.kit.blocked is not None
        self.house.platform.by_path["/messages"] = self.kit.blocked


class OnSlack(Person):
    name, locale, place = "slack", "hi", "D024BE91L"
    question, more = "खरीदी हुई चीज़ वापस कैसे करूँ?", "ऑर्डर 48213"
    kit = SlackKit()

    def received(self) -> list[Shown]:
        sent = self.house.platform.sent("/chat.postMessage")
        return [self._shown(each) for each in sent if each["channel"] == self.place]

    def _shown(self, sent: dict[str, Any]) -> Shown:
        pressed = [each for block in sent["blocks"] for each in block.get("elements", ())]
        return Shown(sent["text"], {each["text"]["text"]: each["value"] for each in pressed}, "")

    def say(self, text: str, to: Shown | None = None) -> None:
        self.hook(self.kit, self.kit.text(self.place, self.next_id(), text))

    def choose(self, message: Shown, title: str) -> None:
        self.hook(self.kit, self.kit.press(self.place, self.next_id(), message.choices[title]))

    def blocks_us(self) -> None:
        assert self.kit.blocked is not None
        self.house.platform.by_path["/chat.postMessage"] = self.kit.blocked


class ByMail(Person):
    name, locale, address = "email", "bn", "rina@example.com"
    question, more = "কেনা জিনিস কীভাবে ফেরত দেব?", "অর্ডার নম্বর ৪৮২১৩"

    def received(self) -> list[Shown]:
        mine = [mail for mail in self.house.post.mails if self.address in mail["To"]]
        return [self._shown(words(mail), str(mail["Message-ID"])) for mail in mine]

    def _shown(self, text: str, mark: str) -> Shown:
        return Shown(text, _numbered(text), mark)

    def say(self, text: str, to: Shown | None = None) -> None:
        subject = "ফেরত" if to is None else "Re: ফেরত"
        more = {"Message_ID": f"<{uuid.uuid4().hex}@example.com>", "Subject": subject}
        if to is not None:
            quoted = "\n".join(f"> {line}" for line in to.text.splitlines())
            text = f"{text}\n\nOn 3 May 2027, Nadi <{OWN}> wrote:\n{quoted}\n"
            more["In_Reply_To"] = to.mark
        self.house.dovecot.put(self.house.box, letter(text, f"Rina <{self.address}>", **more))

    def choose(self, message: Shown, title: str) -> None:
        """Type the number that stands before it, in Bengali digits, above the quotation."""
        nth = int(message.choices[title]) if message.choices else int(title)
        self.say(number(nth, "bn"), message)

    def blocks_us(self) -> None:
        self.house.post.rcpt.extend(["550 5.1.1 no such user here"] * 3)


PEOPLE: tuple[type[Person], ...] = (OnWhatsApp, OnSlack, ByMail)
