"""Reads a mail: who wrote, what, beside what, in answer to what; in whatever encoding.

RFC 5322 and MIME as mail programs really write them: every header may be missing, twice or
wrong, so nothing here raises for what a mail holds.
"""

import dataclasses
import email
import email.policy
import hashlib
import re
import unicodedata
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from bot.channels.contract import Enclosed
from bot.channels.email import html

MOST_TEXT = 20_000
"""Characters of a mail that are kept."""

_ADDRESS = re.compile(
    r"[^\s@<>,;:\\\"()\[\]\x00-\x1f\x7f]{1,64}@[^\s@<>,;:\\\"()\x00-\x1f\x7f]{1,130}"
)
_ID = re.compile(r"<[!-;=?-~]{3,250}>")
_MOST_REFERENCES = 20
_MOST_PARTS = 100
_MOST_FILES = 20
_LONGEST_SUBJECT = 200
_LOGO = 20_000  # bytes: smaller pictures within the text are a signature's
# What programs declare, and what their bytes really are.
_REALLY = {
    "us-ascii": "windows-1252",
    "ascii": "windows-1252",
    "iso-8859-1": "windows-1252",
    "latin1": "windows-1252",
    "latin-1": "windows-1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "ks_c_5601-1987": "cp949",
    "iso-8859-9": "windows-1254",
    "unicode-1-1-utf-7": "utf-8",
    "utf-7": "utf-8",
}
_BESIDE = frozenset(
    "text/calendar application/ics application/pgp-signature application/pkcs7-signature "
    "application/x-pkcs7-signature application/ms-tnef text/x-vcard text/vcard "
    "message/delivery-status message/disposition-notification text/rfc822-headers".split()
)  # what programs add by themselves


@dataclasses.dataclass(frozen=True)
class Mail:
    """A mail as it was read.

    `sender` is where an answer goes (Reply-To before From), `wrote` who it says to be from; ""
    where there is no usable address. `id` has its angle brackets; `answers` are the ids of those
    it answers, the latest last. `text` is all of it. `sealed`: encrypted, so there is nothing to
    read. `fingerprint` is the same when the same mail comes twice.
    """

    id: str
    sender: str
    wrote: str
    name: str
    subject: str
    text: str
    answers: tuple[str, ...]
    files: tuple[Enclosed, ...]
    sealed: bool
    fingerprint: str
    message: Message


def read(raw: bytes) -> Mail:
    """A mail's bytes as a value."""
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    wrote, name = _person(message, "From")
    sender = _person(message, "Reply-To")[0] or wrote
    plain, rich, files, sealed = _parts(message)
    text = "\n\n".join(part.strip("\n") for part in plain if part.strip())
    if not text.strip():
        text = "\n\n".join(html.text_of(part) for part in rich)
    text = clean(text.replace("\r\n", "\n").replace("\r", "\n"))[:MOST_TEXT].strip("\n")
    own, date = _first_id(_raw(message, "Message-ID")), _raw(message, "Date")
    # Some programs give all their mails one id, so the id alone would lose mails.
    digest = hashlib.sha256("\0".join((own, date, wrote, text)).encode("utf-8", "replace"))
    for file in files:
        digest.update(hashlib.sha256(file.content).digest())
    return Mail(
        id=own,
        sender=sender,
        wrote=wrote,
        name=name,
        subject=one_line(header(message, "Subject"))[:_LONGEST_SUBJECT],
        text=text,
        answers=_answers(message),
        files=files,
        sealed=sealed,
        fingerprint=digest.hexdigest(),
        message=message,
    )


def header(message: Message, name: str) -> str:
    """A header with its encoded words decoded; "" where there is none."""
    return clean(_words(_raw(message, name)))


def _raw(message: Message, name: str) -> str:
    """A header's first value as it came; bytes that are not ASCII as lone surrogates."""
    wanted = name.lower()
    return next((str(value) for key, value in message.raw_items() if key.lower() == wanted), "")


def one_line(text: str) -> str:
    """Text without line breaks and control characters, fit for a header."""
    visible = "".join(
        " " if unicodedata.category(each) in ("Cc", "Zl", "Zp") else each for each in text
    )
    return " ".join(visible.split())


def clean(text: str) -> str:
    """Without what no database holds: NUL, and surrogates that stand alone."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def is_address(text: str) -> bool:
    """Whether an answer could be sent there."""
    return bool(_ADDRESS.fullmatch(text))


def decoded(content: bytes, charset: str) -> str:
    """Bytes as the text they are, whatever charset is declared."""
    declared = _REALLY.get(charset.strip().strip("\"'").lower(), charset.strip().strip("\"'"))
    if declared.lower().startswith("windows-125"):
        # Text in UTF-8 declared as something else: other bytes are hardly ever valid UTF-8.
        candidates: tuple[str, ...] = ("utf-8", declared)
    else:
        candidates = (declared, "utf-8", "windows-1252")
    for candidate in candidates:
        try:
            return content.decode(candidate)
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("utf-8", "replace")


def _words(value: str) -> str:
    """RFC 2047, and raw bytes of any charset that should not be there."""
    unfolded = re.sub(r"\r?\n[ \t]*", " ", value)
    try:
        found = decode_header(unfolded)
    except (HeaderParseError, ValueError):
        return unfolded
    words = []
    for part, charset in found:
        if isinstance(part, str):
            part = part.encode("utf-8", "surrogateescape")
        words.append(decoded(part, "" if charset in (None, "unknown-8bit") else str(charset)))
    return "".join(words)


def _person(message: Message, name: str) -> tuple[str, str]:
    """The first usable address of a header, in lower case, and the name beside it."""
    # Parsed before it is decoded: an encoded name may hold a comma or another address.
    for shown, address in getaddresses([_raw(message, name)[:2000]]):
        if is_address(address) and address.isascii():
            return address.lower(), one_line(clean(_words(shown)))[:120]
    return "", ""


def _first_id(value: str) -> str:
    found = _ID.search(value)
    return found[0] if found else ""


def _answers(message: Message) -> tuple[str, ...]:
    found = [
        *_ID.findall(_raw(message, "References")[:20_000]),
        *_ID.findall(_raw(message, "In-Reply-To")[:2_000]),
    ]
    latest_last = list(dict.fromkeys(reversed(found)))[::-1]
    return tuple(latest_last[-_MOST_REFERENCES:])


def _parts(message: Message) -> tuple[list[str], list[str], tuple[Enclosed, ...], bool]:
    """The plain texts, the HTML texts, the files, and whether it is encrypted."""
    plain: list[str] = []
    rich: list[str] = []
    files: list[Enclosed] = []
    sealed = False
    for nth, (part, within) in enumerate(_leaves(message, "")):
        if nth >= _MOST_PARTS:
            break
        kind = part.get_content_type()
        sealed = sealed or within == "multipart/encrypted" or _enveloped(part)
        if sealed:
            continue
        attached = part.get_content_disposition() == "attachment" or bool(_name(part))
        if kind == "text/plain" and not attached:
            plain.append(_flowing(part))
        elif kind == "text/html" and not attached:
            rich.append(_text(part))
        elif kind not in _BESIDE and not kind.startswith("multipart/"):
            content = _bytes(part)
            logo = within == "multipart/related" and len(content) < _LOGO
            if content and not logo and len(files) < _MOST_FILES:
                files.append(Enclosed(_name(part) or "file", content))
    return plain, rich, tuple(files), sealed


def _leaves(message: Message, within: str) -> Iterator[tuple[Message, str]]:
    """The parts that hold something; what a forwarded mail holds is one of them."""
    waiting = [(message, within)]
    while waiting:
        part, around = waiting.pop(0)
        content = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(content, list):
            kind = part.get_content_type()
            waiting[:0] = [(each, kind) for each in content if isinstance(each, Message)]
        else:
            yield part, around


def _enveloped(part: Message) -> bool:
    kind = part.get_content_type()
    if kind not in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        return False
    return "signed" not in str(part.get_param("smime-type") or "")


def _bytes(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        held = inner[0] if isinstance(inner, list) and inner else None
        return source(held) if isinstance(held, Message) else b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def source(part: Message) -> bytes:
    """A part as it came, as nearly as can be said where it is broken."""
    try:
        return part.as_bytes()
    except (UnicodeError, LookupError):
        content = part.get_payload()
        lines = [f"{name}: {value}" for name, value in part.raw_items()]
        body = content if isinstance(content, str) else ""
        return "\n".join([*lines, "", body]).encode("utf-8", "replace")


def _text(part: Message) -> str:
    charset = part.get_param("charset") or ""
    if isinstance(charset, tuple):
        charset = charset[2]
    return decoded(_bytes(part), str(charset))


def _flowing(part: Message) -> str:
    """A plain text, with the lines joined that format=flowed has broken (RFC 3676)."""
    text = _text(part).replace("\r\n", "\n")
    if str(part.get_param("format") or "").lower() != "flowed":
        return text
    joiner = "" if str(part.get_param("delsp") or "").lower() == "yes" else " "
    lines: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        said = line.lstrip(">")
        depth = len(line) - len(said)
        said = said.removeprefix(" ")
        flows = said.endswith(" ") and said != "-- "
        if depth == open_depth and said != "-- ":
            lines[-1] += said.rstrip(" ") + (joiner if flows else "")
        else:
            body = said.rstrip(" ") + joiner if flows else said
            lines.append(f"{'>' * depth} {body}" if depth else body)
        open_depth = depth if flows else -1
    return "\n".join(lines)


def _name(part: Message) -> str:
    try:
        name = part.get_filename()
    except (LookupError, UnicodeError, ValueError):
        return "file"
    return one_line(clean(_words(str(name))))[:100] if name else ""
