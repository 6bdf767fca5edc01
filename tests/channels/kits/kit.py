"""What the contract suite needs to know of each channel."""

from dataclasses import dataclass
from typing import Any, Protocol

from bot.channels.contract import Channel, Hook
from tests.channels.fake import FakePlatform, Reply


@dataclass(frozen=True)
class Arrived:
    """A file that the platform was sent, with the words that came as one message with it."""

    name: str
    content: bytes
    words: str = ""


class Kit(Protocol):
    """One platform. `path` is where it is sent messages; `blocked` and `refused` are answers it
    gives; `knows` whether it tells a client's language; `unseen` what stands for `voice`, which
    nobody can open. `keeps` is what the platform answers to whoever asks for a `photo`; it gives
    the end of the path asked for."""

    name: str
    path: str
    knows: bool
    unseen: str
    blocked: Reply | None
    refused: Reply

    def channel(self, platform: FakePlatform) -> Channel: ...
    def text(self, address: str, id: int, text: str) -> dict[str, Any]: ...
    def press(self, address: str, id: int, payload: str) -> dict[str, Any] | None: ...
    def photo(self, address: str, id: int) -> dict[str, Any]: ...
    def voice(self, address: str, id: int) -> dict[str, Any]: ...
    def keeps(self, platform: FakePlatform, reply: Reply) -> str: ...
    def edit(self, address: str, id: int, text: str) -> dict[str, Any] | None: ...
    def sign(self, content: dict[str, Any], at: float | None = None) -> Hook: ...
    def shown(self, sent: dict[str, Any]) -> str: ...
    def files(self, platform: Any) -> list[Arrived]: ...
