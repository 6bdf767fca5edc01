"""Writes our mails: the client's thread, plain text and HTML, headers that nobody can add to."""

import html
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr

from bot.channels import markup
from bot.channels.contract import Never, Outgoing
from bot.channels.email.machines import our_id
from bot.channels.email.mails import is_address, one_line
from bot.db import JsonDict
from bot.languages.locales import UnknownLocale, get
from bot.languages.say import say

_RE = ("re:", "aw:", "sv:", "antw:", "رد:", "回复:", "回复：", "返信:")
_MOST_REFERENCES = 12  # the first, and the latest: what programs thread by


def parts_of(message: Outgoing, own: str, shop: str) -> list[JsonDict]:
    """The one mail that carries a message, as data."""
    content = markup.blocks(message.text, message.markdown)
    if message.author == "agent" and message.name:
        content = markup.said_by(message.name, content)
    titles = [choice.title for choice in message.choices]
    if titles:
        content = markup.numbered(content, titles, message.language, hint=not message.rating)
    heard = message.heard.via if message.heard else {}
    answered = str(heard.get("mail") or "")
    references = [str(each) for each in heard.get("references") or () if each]
    chain = [*references, *([answered] if answered and answered not in references else [])]
    return [
        {
            "id": our_id(message.id, own.rpartition("@")[2]),
            "to": message.address,
            "subject": _subject(str(heard.get("subject") or ""), message.language, shop),
            "answers": answered,
            "references": [*chain[:1], *chain[1:][-(_MOST_REFERENCES - 1) :]],
            "automatic": message.author != "agent",
            "language": message.language,
            "text": "\n\n".join(_separated(content)),
            "html": _page(content, message.language),
        }
    ]


def written(part: JsonDict, sender: str, own: str) -> EmailMessage:
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
