"""Pictures and PDFs in a conversation: what is taken, cleaned, kept, and given back.

What a file is, its bytes decide, never its name. Pictures are written anew: where and when they
were taken, and whatever else hides beside the pixels, does not come along. A PDF cannot be cleaned
like that; it is only ever given out as a download.

They are kept in the database, so that every process has them, a backup holds them, and whoever
erases a client erases them too.
"""

import dataclasses
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath, PureWindowsPath

import sqlalchemy as sa
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from bot.conversations.models import Attachment
from bot.db import JsonDict, now

MOST_IN_A_MESSAGE = 5
MOST_UNSENT = 20
MOST_A_DAY = 200
"""Files one side may bring to a conversation: beside a message, before sending, in a day."""

CLIENT = "client"
"""Who brought a file, when it was no agent."""

PICTURES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
PDF = "application/pdf"
KINDS = (*PICTURES.values(), PDF)
_SUFFIX = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    PDF: ".pdf",
}

_MOST_PIXELS = 50_000_000  # of all frames together; a phone's best photo has as many
_LONGEST_SIDE = 4096  # pixels: more than a screen shows, enough to read small print
_MOST_FRAMES = 300
_KEPT_BESIDE = ("transparency", "icc_profile", "duration", "loop", "background", "disposal")
_LONGEST_NAME = 100
_UNSENT_FOR = dt.timedelta(days=1)
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


class Unfit(Exception):
    """A file is not taken; `code` ends the string key `error.<code>` that says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A file as it is kept. `width` and `height` in pixels, None where it is no picture."""

    name: str
    kind: str
    content: bytes
    width: int | None = None
    height: int | None = None


def prepare(content: bytes, name: str) -> Prepared:
    """Look at a file's bytes and make of it what is kept. Takes processor time: use a thread.

    Raises:
        Unfit: `file_type` we do not take this kind, `file_broken` it is cut off or damaged,
            `file_large` it has more pixels than we open.
    """
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-2048:]:
            raise Unfit("file_broken")
        return Prepared(clean_name(name, PDF), PDF, content)
    try:
        with Image.open(io.BytesIO(content), formats=tuple(PICTURES)) as picture:
            if picture.width * picture.height * _frames(picture) > _MOST_PIXELS:
                raise Unfit("file_large")
            return _written_anew(picture, name)
    except UnidentifiedImageError:
        raise Unfit("file_type") from None
    except Image.DecompressionBombError:
        raise Unfit("file_large") from None
    # What Pillow raises for a damaged file depends on the format and on where the damage is.
    except (OSError, ValueError, SyntaxError, IndexError, EOFError, MemoryError):
        raise Unfit("file_broken") from None


def _frames(picture: Image.Image) -> int:
    frames = int(getattr(picture, "n_frames", 1))
    if frames > _MOST_FRAMES:
        raise Unfit("file_large")
    return frames


def _written_anew(picture: Image.Image, name: str) -> Prepared:
    form = str(picture.format)
    frames = [_bare(frame) for frame in ImageSequence.Iterator(picture)]
    first, out = frames[0], io.BytesIO()
    if len(frames) > 1:
        first.save(out, form, save_all=True, append_images=frames[1:])
    elif form == "JPEG":
        first.save(out, form, quality=88, icc_profile=first.info.get("icc_profile"))
    else:
        first.save(out, form)
    kind = PICTURES[form]
    return Prepared(clean_name(name, kind), kind, out.getvalue(), first.width, first.height)


def _bare(frame: Image.Image) -> Image.Image:
    """Only the pixels, the right way up, no larger than needed."""
    turned = ImageOps.exif_transpose(frame) or frame
    bare = turned.copy()
    bare.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    bare.info = {key: frame.info[key] for key in _KEPT_BESIDE if key in frame.info}
    bare.getexif().clear()
    if frame.format == "JPEG" and bare.mode not in ("L", "RGB"):
        return bare.convert("RGB")
    return bare


def as_jpeg(content: bytes) -> bytes:
    """A picture we keep, as a JPEG; of a moving one its first frame. Takes processor time."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(content), formats=tuple(PICTURES)) as picture:
        shown = picture.convert("RGBA")
        paper = Image.new("RGB", shown.size, "white")
        paper.paste(shown, mask=shown.getchannel("A"))
        paper.save(out, "JPEG", quality=88)
    return out.getvalue()


def clean_name(name: str, kind: str) -> str:
    """A name that is safe to show and to save under, ending as its kind does."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    visible = "".join(c for c in last if unicodedata.category(c) not in _HIDDEN)
    stem = re.sub(r"\.\w{1,5}$", "", visible).strip(" .")[:_LONGEST_NAME].strip()
    return (stem or "file") + _SUFFIX[kind]


async def keep(session: AsyncSession, conversation: str, by: str, prepared: Prepared) -> Attachment:
    """Keep a file until its message comes.

    Args:
        by: `client`, or `agent:<id>`.

    Raises:
        Unfit: `file_many`, there are too many already.
    """
    mine = (Attachment.conversation_id == conversation, Attachment.by == by)
    today = now() - dt.timedelta(days=1)
    found = await session.execute(
        sa.select(
            sa.func.count().filter(Attachment.seq.is_(None)),
            sa.func.count().filter(Attachment.created_at > today),
        ).where(*mine)
    )
    unsent, lately = found.one()
    if unsent >= MOST_UNSENT or lately >= MOST_A_DAY:
        raise Unfit("file_many")
    row: Attachment = Attachment(
        conversation_id=conversation,
        by=by,
        name=prepared.name,
        kind=prepared.kind,
        size=len(prepared.content),
        width=prepared.width,
        height=prepared.height,
        content=prepared.content,
    )
    session.add(row)
    await session.flush()
    return row


async def take(
    session: AsyncSession, conversation: str, by: str, ids: Sequence[str], seq: int
) -> list[JsonDict]:
    """Put kept files into the message at `seq`; gives what the message says of them, in order.

    Raises:
        Unfit: `file_gone`, one of them is not kept here or is in a message already;
            `file_many`, more than a message holds.
    """
    if len(ids) > MOST_IN_A_MESSAGE:
        raise Unfit("file_many")
    rows = await session.execute(
        sa.select(Attachment)
        .where(
            Attachment.id.in_(ids),
            Attachment.conversation_id == conversation,
            Attachment.by == by,
            Attachment.seq.is_(None),
        )
        .execution_options(populate_existing=True)
    )
    found = {row.id: row for row in rows.scalars()}
    if set(found) != set(ids):
        raise Unfit("file_gone")
    for row in found.values():
        row.seq = seq
    return [described(found[id]) for id in dict.fromkeys(ids)]


def word_for(taken: Sequence[JsonDict]) -> str:
    """The string key that stands for files where nothing but text can be shown."""
    return "channel.file" if any(file["kind"] == PDF for file in taken) else "channel.photo"


def described(row: Attachment) -> JsonDict:
    """What a message says of a file."""
    return {
        "id": row.id,
        "name": row.name,
        "kind": row.kind,
        "size": row.size,
        "width": row.width,
        "height": row.height,
    }


async def load(
    session: AsyncSession, id: str, conversation: str | None = None
) -> Attachment | None:
    """A file with its bytes; None where there is none, or not in this conversation."""
    where = [Attachment.id == id]
    if conversation is not None:
        where.append(Attachment.conversation_id == conversation)
    found = await session.execute(
        sa.select(Attachment).where(*where).options(undefer(Attachment.content))
    )
    return found.scalar_one_or_none()  # type: ignore[no-any-return]


async def forget_unsent(session: AsyncSession) -> int:
    """Let go of files whose message never came, after a day; gives how many."""
    gone = await session.execute(
        sa.delete(Attachment)
        .where(Attachment.seq.is_(None), Attachment.created_at < now() - _UNSENT_FOR)
        .execution_options(synchronize_session=False)
    )
    return int(gone.rowcount)


def headers(row: Attachment) -> dict[str, str]:
    """With what a file goes out: a browser shows a picture and saves anything else, runs nothing,
    and believes the type it is told."""
    ascii_name = row.name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    quoted = "".join(
        chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"%{byte:02X}"
        for byte in row.name.encode()
    )
    way = "attachment" if row.kind == PDF else "inline"
    return {
        "Content-Disposition": f"{way}; filename=\"{ascii_name}\"; filename*=UTF-8''{quoted}",
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        # For this reader alone, and not for long: whoever signs out leaves nothing behind.
        "Cache-Control": "private, max-age=300",
        "Vary": "Authorization, Cookie",
    }
