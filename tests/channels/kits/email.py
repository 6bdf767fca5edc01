"""How e-mail says things, and is told them."""

from typing import Any

import pytest

from bot.channels.contract import Hook
from bot.channels.email.channel import Email
from bot.channels.email.servers import Server
from tests.channels.fake import FakePlatform, Reply
from tests.channels.kits.kit import Arrived
from tests.channels.mail import words


class EmailKit:
    """Nobody calls a mailbox: what comes is put into it (`tests.channels.mail`)."""

    name = "email"
    path = ""
    knows = True
    unseen = "channel.other"
    blocked: Reply | None = Reply(550, "550 5.1.1 no such user here")
    refused = Reply(554, "554 5.7.1 this looks like spam")

    def channel(self, platform: FakePlatform) -> Email:
        """One that only renders: the servers are not there."""
        server = Server("imaps://localhost", "help", "")
        return Email(server, server, "Nadi <help@nadi.example>", shop="Nadi")

    def text(self, address: str, id: int, text: str) -> dict[str, Any]:
        return {"from": f"Rina <{address}@example.com>", "id": id, "text": text}

    def press(self, address: str, id: int, payload: str) -> None:
        return None

    def photo(self, address: str, id: int) -> dict[str, Any]:
        return {**self.text(address, id, ""), "picture": True}

    def voice(self, address: str, id: int) -> dict[str, Any]:
        """What is encrypted cannot be read."""
        return {**self.text(address, id, ""), "sealed": True}

    def keeps(self, platform: FakePlatform, reply: Reply) -> str:
        pytest.skip("files come with the mail")

    def edit(self, address: str, id: int, text: str) -> None:
        return None

    def sign(self, content: dict[str, Any], at: float | None = None) -> Hook:
        pytest.skip("nobody calls a mailbox")

    def shown(self, sent: dict[str, Any]) -> str:
        return str(sent["text"])

    def files(self, platform: Any) -> list[Arrived]:
        return [
            Arrived(part.get_filename(), part.get_content(), words(mail))
            for mail in platform.mails
            for part in mail.iter_attachments()
        ]
