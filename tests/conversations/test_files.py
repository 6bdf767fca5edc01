"""What a file is, its bytes decide; pictures lose all but their pixels."""

import io
from typing import Any

import pytest
from PIL import Image

from bot.conversations import files, identities
from bot.conversations.files import PDF, Unfit, clean_name, prepare
from bot.conversations.models import Attachment
from bot.db import Database, now

PDF_BYTES = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def picture(form: str = "JPEG", size: tuple[int, int] = (40, 20), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, form, **options)
    return out.getvalue()


def photo() -> bytes:
    """As a phone takes it: on its side, with the place and a comment."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010F] = "SecretPhoneMaker"
    exif.get_ifd(0x8825).update({1: "N", 2: (22.0, 34.0, 21.0), 3: "E", 4: (88.0, 21.0, 50.0)})
    return picture(exif=exif, comment=b"SecretComment", xmp=b"<x>SecretPlace</x>")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_pictures_are_known_by_their_bytes(form: str) -> None:
    kept = prepare(picture(form), "report.pdf.exe")
    assert kept.kind == files.PICTURES[form]
    assert (kept.width, kept.height) == (40, 20)
    assert kept.name == "report.pdf" + files._SUFFIX[kept.kind]
    assert Image.open(io.BytesIO(kept.content)).format == form


def test_a_photo_loses_where_and_with_what_it_was_taken_and_stands_upright() -> None:
    assert b"Secret" in photo()
    kept = prepare(photo(), "IMG_1.jpg")
    assert b"Secret" not in kept.content and b"Exif" not in kept.content
    assert not Image.open(io.BytesIO(kept.content)).getexif()
    assert (kept.width, kept.height) == (20, 40)


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_other_formats_lose_it_too(form: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretPhoneMaker"
    given = picture(form, exif=exif, xmp=b"<x>SecretPlace</x>")
    assert b"Secret" in given and b"Secret" not in prepare(given, "x").content


def test_what_stands_behind_a_picture_is_gone() -> None:
    both = picture("PNG") + b"<script>alert(1)</script>"
    assert b"script" not in prepare(both, "x.html").content


def test_moving_pictures_go_on_moving() -> None:
    frames = [Image.new("RGB", (10, 10), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(
        out, "GIF", save_all=True, append_images=frames[1:], duration=80, comment=b"Secret"
    )
    kept = prepare(out.getvalue(), "wave")
    assert Image.open(io.BytesIO(kept.content)).n_frames == 3
    assert b"Secret" not in kept.content and kept.name == "wave.gif"


def test_large_pictures_are_made_smaller_and_absurd_ones_are_not_opened() -> None:
    kept = prepare(picture("PNG", (6000, 3000)), "plan.png")
    assert (kept.width, kept.height) == (4096, 2048)
    out = io.BytesIO()
    Image.new("1", (40_000, 40_000)).save(out, "PNG")
    with pytest.raises(Unfit, match="file_large"):
        prepare(out.getvalue(), "bomb.png")


def test_a_pdf_is_kept_as_it_is() -> None:
    kept = prepare(PDF_BYTES, "Rechnung Müller.pdf")
    assert (kept.kind, kept.content, kept.name) == (PDF, PDF_BYTES, "Rechnung Müller.pdf")
    assert kept.width is None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "file_type"),
        (b"<html><script>1</script>", "file_type"),
        (b"MZ\x90\x00", "file_type"),
        (b"PK\x03\x04docx", "file_type"),
        (b"%PDF-1.7\ncut off", "file_broken"),
        (picture("PNG")[:60], "file_broken"),
        (picture("JPEG", (400, 400))[:300], "file_broken"),
        (picture("BMP"), "file_type"),
        (picture("TIFF"), "file_type"),
    ],
)
def test_anything_else_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Unfit) as refused:
        prepare(content, "photo.png")
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\x\\me.jpg", "me.png"),
        ("a\u202egnp.exe", "agnp.png"),
        ("", "file.png"),
        ("...", "file.png"),
        ("line\nbreak\x00.png", "linebreak.png"),
        ("ছবি.jpeg", "ছবি.png"),
        ("x" * 500, "x" * 100 + ".png"),
    ],
)
def test_names_are_safe_to_show_and_to_save_under(name: str, safe: str) -> None:
    assert clean_name(name, "image/png") == safe


def test_a_name_cannot_break_out_of_its_header() -> None:
    row = Attachment(name='a"; x=y\u0001ছবি.pdf', kind=PDF)
    value = files.headers(row)["Content-Disposition"]
    assert value.startswith("attachment; ") and value.isascii()
    assert value.count('"') == 2 and "filename*=UTF-8''a%22%3B%20x%3Dy" in value


async def _chat(db: Database) -> str:
    async with db.transaction() as session:
        who = await identities.identity(session, "widget", "visitor")
        chat, _ = await identities.open_conversation(session, who, locale="en", belief={})
    return str(chat.id)


async def test_a_file_goes_into_one_message_of_its_own_side(db: Database) -> None:
    chat = await _chat(db)
    async with db.transaction() as session:
        mine = await files.keep(session, chat, files.CLIENT, prepare(PDF_BYTES, "a.pdf"))
        theirs = await files.keep(session, chat, "agent:x", prepare(PDF_BYTES, "b.pdf"))
    async with db.transaction() as session:
        with pytest.raises(Unfit, match="file_gone"):
            await files.take(session, chat, files.CLIENT, [theirs.id], 1)
        with pytest.raises(Unfit, match="file_many"):
            await files.take(session, chat, files.CLIENT, [mine.id] * 6, 1)
        taken = await files.take(session, chat, files.CLIENT, [mine.id], 1)
        assert [file["name"] for file in taken] == ["a.pdf"]
        with pytest.raises(Unfit, match="file_gone"):
            await files.take(session, chat, files.CLIENT, [mine.id], 2)
    async with db.reading() as session:
        found = await files.load(session, mine.id, chat)
        assert found is not None and found.content == PDF_BYTES
        assert await files.load(session, mine.id, "0" * 32) is None


async def test_what_is_never_sent_is_limited_and_forgotten(db: Database) -> None:
    chat = await _chat(db)
    async with db.transaction() as session:
        for _ in range(files.MOST_UNSENT):
            await files.keep(session, chat, files.CLIENT, prepare(PDF_BYTES, "a.pdf"))
        with pytest.raises(Unfit, match="file_many"):
            await files.keep(session, chat, files.CLIENT, prepare(PDF_BYTES, "a.pdf"))
        assert await files.forget_unsent(session) == 0
        for row in (await session.execute(Attachment.__table__.select())).all()[:3]:
            (await session.get(Attachment, row.id)).created_at = now() - files._UNSENT_FOR * 2
        await session.flush()
        assert await files.forget_unsent(session) == 3
