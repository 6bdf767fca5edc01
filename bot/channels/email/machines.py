"""Tells mails of machines from mails of people: out-of-office answers, lists, bounces, our own.

RFC 3834 says that an automatic answer is never answered; the older headers are those that mail
programs set before it, and still do.
"""

import dataclasses
import re
from email.message import Message
from typing import Literal

from bot.channels.contract import Reason, Receipt
from bot.channels.email.mails import Mail, decoded, header, source

Kind = Literal["person", "machine", "bounce", "own"]

_BULK = frozenset(("bulk", "junk", "list", "auto_reply", "auto-reply"))
_SUPPRESS = frozenset(("all", "oof", "autoreply"))
_PRESENT = (
    "X-Autoreply", "X-Autorespond", "X-Auto-Reply-From", "X-Mail-Autoreply", "List-Id",
    "List-Unsubscribe", "Feedback-ID", "X-Failed-Recipients",
)  # fmt: skip
_NOBODY = re.compile(
    r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|noreply[.+-].*|bounces?|bounce[.+-].*"
    r"|nobody|auto-?reply|notifications?)@.*",
    re.I,
)
_DAEMON = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon|mdaemon)@.*", re.I)
_OUR_ID = re.compile(r"<[0-9a-f]{32}-\d{1,9}(?:-\d)?\.setu@[^<>\s]{1,200}>")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# RFC 3463: no such mailbox, system or address; moved away; disabled.
_GONE = frozenset(("1.1", "1.2", "1.3", "1.6", "1.10", "2.1"))
_HEAD = 20_000  # bytes of a returned mail that are looked at


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What a mail is, and why, for the log; `receipts` are what a bounce tells of our mails."""

    kind: Kind
    why: str = ""
    receipts: tuple[Receipt, ...] = ()


def judge(mail: Mail, own: str) -> Verdict:
    """What kind of mail this is.

    Args:
        own: our address.
    """
    message = mail.message
    if mail.wrote == own or _OUR_ID.fullmatch(mail.id):
        return Verdict("own", "it is one of ours")
    if _is_report(message) or _DAEMON.fullmatch(mail.wrote):
        return Verdict("bounce", "a delivery report", _receipts(message))
    return next((Verdict("machine", why) for why in _signs(mail)), Verdict("person"))


def our_id(delivery: str, domain: str) -> str:
    """The Message-ID of one of our mails: the same however often it is sent."""
    return f"<{delivery}.setu@{domain}>"


def is_ours(id: str) -> bool:
    """Whether a Message-ID has the form of ours."""
    return bool(_OUR_ID.fullmatch(id))


def _signs(mail: Mail) -> list[str]:
    message, found = mail.message, []
    submitted = header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        found.append(f"Auto-Submitted: {submitted[:40]}")
    precedence = header(message, "Precedence").strip().lower()
    if precedence in _BULK:
        found.append(f"Precedence: {precedence}")
    suppress = {
        part.strip().lower() for part in header(message, "X-Auto-Response-Suppress").split(",")
    }
    if suppress & _SUPPRESS:
        found.append("X-Auto-Response-Suppress")
    found += [name for name in _PRESENT if name in message]
    if "Return-Path" in message and header(message, "Return-Path").strip() in ("<>", ""):
        found.append("an empty Return-Path")
    if _NOBODY.fullmatch(mail.sender):
        found.append("an address nobody reads")
    return found


def _is_report(message: Message) -> bool:
    kind = str(message.get_param("report-type") or "").lower()
    return message.get_content_type() == "multipart/report" and kind == "delivery-status"


def _receipts(message: Message) -> tuple[Receipt, ...]:
    """What became of our mails: each is named by the Message-ID in what was returned."""
    returned: list[str] = []
    state, reason = "", "refused"
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            state, reason = _outcome(part)
        elif kind == "message/rfc822" or kind == "text/rfc822-headers" or kind == "text/plain":
            returned += _OUR_ID.findall(_source(part))
    if not state and not _is_report(message):
        # A server that writes no report in the form of RFC 3464: its words may still have a code.
        state, reason = _in_words(_source(message))
    ids = dict.fromkeys(returned or _OUR_ID.findall(header(message, "References")))
    if state == "failed":
        failed: Reason = "gone" if reason == "gone" else "refused"
        return tuple(Receipt(id, "failed", failed) for id in ids)
    return tuple(Receipt(id, "delivered") for id in ids) if state == "delivered" else ()


def _outcome(part: Message) -> tuple[str, str]:
    """State and reason of a delivery-status part; ("", …) where it only says that it takes long."""
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else []:
        if not isinstance(block, Message):
            continue
        action = str(block.get("Action", "")).strip().lower()
        if action == "failed":
            return "failed", _reason(
                str(block.get("Status", "")) or str(block.get("Diagnostic-Code", ""))
            )
        if action in ("delivered", "relayed"):
            return ("delivered" if action == "delivered" else ""), ""
    return "", ""


def _in_words(text: str) -> tuple[str, str]:
    found = _STATUS.search(text)
    if found is None or found[1] != "5":
        return "", ""
    return "failed", _reason(found[0])


def _reason(status: str) -> str:
    found = _STATUS.search(status)
    return "gone" if found and f"{found[2]}.{found[3]}" in _GONE else "refused"


def _source(part: Message) -> str:
    return decoded(source(part)[:_HEAD], "")
