"""Sends plain e-mails through the SMTP server of the settings, where there is one."""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import urlsplit

import structlog

from bot.settings import Settings

_SECONDS = 15.0
_SUBMISSION, _SMTPS = 587, 465

_logger = structlog.get_logger(__name__)


class NotSent(Exception):
    """The server did not take an e-mail; the message says why, for the log."""


def configured(settings: Settings) -> bool:
    """Whether e-mails can be sent at all."""
    return bool(settings.smtp_url)


async def send(settings: Settings, to: str, subject: str, text: str) -> None:
    """Send one e-mail, beside the event loop.

    Raises:
        NotSent: the server cannot be reached, wants TLS or a password, or refused.
    """
    message = EmailMessage()
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2]
    message["From"], message["To"], message["Subject"] = settings.mail_from, to, subject
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=domain)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message.set_content(text)
    try:
        await asyncio.to_thread(_send, settings, message)
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"{type(error).__name__}: {error}") from error


async def try_to_send(settings: Settings, to: str, subject: str, text: str) -> bool:
    """Send one e-mail if that is set up; whether it went. A failure is in the log."""
    if not configured(settings):
        return False
    try:
        await send(settings, to, subject, text)
    except NotSent as error:
        _logger.error("an e-mail could not be sent", reason=str(error))
        return False
    return True


def _send(settings: Settings, message: EmailMessage) -> None:
    parts = urlsplit(settings.smtp_url)
    host, tls = parts.hostname or "", ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, parts.port or _SMTPS, timeout=_SECONDS, context=tls
        )
    else:
        server = smtplib.SMTP(host, parts.port or _SUBMISSION, timeout=_SECONDS)
    with server:
        server.ehlo_or_helo_if_needed()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=tls)
            server.ehlo()
        elif parts.scheme == "smtp" and settings.smtp_password:
            raise smtplib.SMTPNotSupportedError("no TLS, and a password must not go without it")
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        server.send_message(message)
