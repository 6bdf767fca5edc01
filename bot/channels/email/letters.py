"""Writes our mails: the client's thread, plain text and HTML, headers that nobody can add to."""

import html
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr

from bot.channels import markup
from bot.channels.contract import Attached, Never, Outgoing
from bot.channels.email.machines import our_id
from bot.channels.email.mails import is_address, one_line
from bot.db import JsonDict
from bot.languages.locales import UnknownLocale, get
from bot.languages.say import say

MOST_ENCLOSED = 17 * 1024 * 1024
"""Bytes of files in one mail: a third more once written out, and many servers take 25 MB."""

_RE = ("re:", "aw:", "sv:", "antw:", "رد:", "回复:", "回复：", "返信:")
_MOST_REFERENCES = 12  # the first, and the latest: what programs thread by


def parts_of(message: Outgoing, own: str, shop: str) -> list[JsonDict]:
    """The mails that carry a message, as data: one, unless its files are too much for one."""
    loads = _loads([file.size for file in message.files])
    words = message.text or ", ".join(file.name for file in message.files)
    content = markup.blocks(words, message.markdown)
    if message.author == "agent" and message.name:
        content = markup.said_by(message.name, content)
    titles = [choice.title for choice in message.choices]
    if titles:
        content = markup.numbered(content, titles, message.language, hint=not message.rating)
    heard = message.heard.via if message.heard else {}
    answered = str(heard.get("mail") or "")
    references = [str(each) for each in heard.get("references") or () if each]
    chain = [*references, *([answered] if answered and answered not in references else [])]
    domain = own.rpartition("@")[2]
    whole = {
        "id": our_id(message.id, domain),
        "to": message.address,
        "subject": _subject(str(heard.get("subject") or ""), message.language, shop),
        "answers": answered,
        "references": [*chain[:1], *chain[1:][-(_MOST_REFERENCES - 1) :]],
        "automatic": message.author != "agent",
        "language": message.language,
        "text": "\n\n".join(_separated(content)),
        "html": _page(content, message.language),
    }
    if not message.files:
        return [whole]
    named = [", ".join(message.files[nth].name for nth in load) for load in loads]
    further = [
        {
            **whole,
            "id": our_id(f"{message.id}-{nth}", domain),
            "text": named[nth],
            "html": _page(markup.blocks(named[nth], False), message.language),
            "files": loads[nth],
        }
        for nth in range(1, len(loads))
    ]
    return [{**whole, "files": loads[0]}, *further]


def _loads(sizes: list[int]) -> list[list[int]]:
    """Files by their places, as many together as a mail may carry, in order."""
    loads: list[list[int]] = []
    room = 0
    for nth, size in enumerate(sizes):
        if size > room:
            loads.append([])
            room = MOST_ENCLOSED
        loads[-1].append(nth)
        room -= size
    return loads


def written(
    part: JsonDict, sender: str, own: str, enclosed: Sequence[tuple[Attached, bytes]] = ()
) -> EmailMessage:
    """A part as the mail that is sent. `sender` is a name with an address, `own` the address."""
    if not is_address(str(part["to"])):
        raise Never("refused", "not an address a mail can go to")
    mail = EmailMessage(policy=SMTP.clone(max_line_length=200))
    user, _, domain = own.rpartition("@")
    mail["From"] = Address(one_line(parseaddr(sender)[0]), user, domain)
    to_user, _, to_domain = str(part["to"]).rpartition("@")
    mail["To"] = Address("", to_user, to_domain)
    mail["Subject"] = one_line(str(part["subject"]))
    mail["Date"] = formatdate()
    mail["Message-ID"] = str(part["id"])
    if part["answers"]:
        mail["In-Reply-To"] = one_line(str(part["answers"]))
        mail["References"] = one_line(" ".join(part["references"]))
    if part["automatic"]:
        # RFC 3834, and Exchange's own: no out-of-office answers to the assistant.
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(str(part["text"]), cte="base64" if _long(part["text"]) else None)
    mail.add_alternative(str(part["html"]), subtype="html", cte="base64")
    for file, content in enclosed:
        kind, _, subkind = file.kind.partition("/")
        mail.add_attachment(content, kind, subkind, filename=file.name)
    mail["Content-Language"] = str(part["language"])  # last: a new content takes it away
    return mail


def _long(text: str) -> bool:
    return not text.isascii() or any(len(line) > 900 for line in text.splitlines())


def _subject(heard: str, language: str, shop: str) -> str:
    subject = one_line(heard)
    if not subject:
        return one_line(say("channel.mail_subject", language, shop=shop))
    return subject if subject.lower().startswith(_RE) else f"Re: {subject}"


def _separated(content: list[markup.Block]) -> list[str]:
    """The paragraphs as plain text; what stands tight under another is one with it."""
    found: list[str] = []
    for block in content:
        written = markup.PLAIN.write(block)
        if block.tight and found:
            found[-1] += f"\n{written}"
        else:
            found.append(written)
    return found


def _page(content: list[markup.Block], language: str) -> str:
    paragraphs: list[str] = []
    for block in content:
        written = markup.HTML.write(block)
        if not block.verbatim:
            written = written.replace("\n", "<br>\n")
        if block.tight and paragraphs:
            paragraphs[-1] += f"<br>\n{written}"
        else:
            paragraphs.append(written)
    body = "\n".join(f"<p>{each}</p>" for each in paragraphs)
    tag, direction = html.escape(language, quote=True), _direction(language)
    return (
        f'<!DOCTYPE html>\n<html lang="{tag}" dir="{direction}"><head><meta charset="utf-8"></head>'
        f'<body dir="{direction}">\n{body}\n</body></html>\n'
    )


def _direction(language: str) -> str:
    try:
        return get(language).direction
    except UnknownLocale:
        return "ltr"
