"""What a program of your own posts, as types."""

from typing import Any, Literal

from pydantic import BaseModel, ConstrainedInt, Extra, Field, root_validator

from bot.channels.contract import (
    LONGEST,
    Deleted,
    Edited,
    Left,
    Media,
    Receipt,
    Remote,
    Said,
    Unreadable,
    Update,
)
from bot.channels.fields import Text
from bot.conversations.files import MOST_IN_A_MESSAGE


class _Text(Text):
    max_length = LONGEST


class _Address(_Text):
    min_length = 1
    max_length = 200


class _Id(_Text):
    min_length = 1
    max_length = 255


class _Name(_Text):
    max_length = 120


class _Tag(_Text):
    max_length = 35


class _Token(_Text):
    max_length = 4096


class _Number(ConstrainedInt):
    strict = True
    ge = 1
    le = 2**31 - 1


class _Url(_Text):
    min_length = 1
    max_length = 2000


class _Body(BaseModel):
    class Config:
        extra = Extra.forbid


class _File(_Body):
    url: _Url
    name: _Name = Field("")


class _Message(_Body):
    type: Literal["message"] = "message"
    id: _Id
    sender: _Address = Field(alias="from")
    text: _Text | None = None
    payload: _Id | None = None
    media: Media | None = None
    files: list[_File] = Field(default_factory=list, max_items=MOST_IN_A_MESSAGE)
    name: _Name | None = None
    language: _Tag | None = None
    time_zone: _Name | None = None
    number: _Number | None = None
    identity: _Token | None = None

    @root_validator(skip_on_failure=True)
    def _something(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["payload"] is not None:
            if values["text"] is not None or values["media"] is not None or values["files"]:
                raise ValueError("a payload stands alone")
        elif values["text"] is None and values["media"] is None and not values["files"]:
            raise ValueError("give text, payload, media or files")
        return values

    def update(self) -> Said:
        return Said(
            address=self.sender,
            id=self.id,
            text=self.text,
            payload=self.payload,
            media=self.media or ("file" if self.files else None),
            name=self.name,
            language=self.language,
            time_zone=self.time_zone,
            number=self.number,
            identity=self.identity,
            remote=tuple(Remote({"url": file.url}, file.name) for file in self.files),
        )


class _Edit(_Body):
    type: Literal["edit"]
    id: _Id
    sender: _Address = Field(alias="from")
    text: _Text
    version: _Id

    def update(self) -> Edited:
        return Edited(self.sender, self.id, self.text, self.version)


class _Deletion(_Body):
    type: Literal["delete"]
    id: _Id
    sender: _Address = Field(alias="from")

    def update(self) -> Deleted:
        return Deleted(self.sender, self.id)


class _Receipt(_Body):
    type: Literal["receipt"]
    id: _Id
    state: Literal["delivered", "read", "failed"]

    def update(self) -> Receipt:
        return Receipt(self.id, self.state, "refused" if self.state == "failed" else None)


class _Left(_Body):
    type: Literal["left"]
    sender: _Address = Field(alias="from")

    def update(self) -> Left:
        return Left(self.sender)


_KINDS: dict[str, type[_Message | _Edit | _Deletion | _Receipt | _Left]] = {
    "message": _Message,
    "edit": _Edit,
    "delete": _Deletion,
    "receipt": _Receipt,
    "left": _Left,
}


def update_of(content: Any) -> Update:
    """What a posted JSON value tells.

    Raises:
        Unreadable, ValidationError: it is none of the documented forms.
    """
    if not isinstance(content, dict):
        raise Unreadable("not a JSON object")
    kind = content.get("type", "message")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise Unreadable(f"type must be one of {', '.join(_KINDS)}")
    return _KINDS[kind](**content).update()
