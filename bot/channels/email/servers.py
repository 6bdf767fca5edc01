"""The two servers of a mailbox: how we reach them, and what their answers mean.

TLS is on unless the address says `+plain`, and certificates are verified always. Python's own
clients block, so all this runs in threads.
"""

import contextlib
import dataclasses
import imaplib
import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from urllib.parse import urlsplit

from bot.channels.contract import Later, Never, Reason

SECONDS = 10.0
"""What a server is given for each of its answers; a whole send stays within a delivery's lease."""

_PORTS = {
    "imaps": 993, "imap": 143, "imap+plain": 143,
    "smtps": 465, "smtp": 587, "smtp+plain": 25,
}  # fmt: skip
_PERMANENT = 500
_NO_MAILBOX = (550, 551, 553)
_GONE = re.compile(r"\b5\.(?:1\.(?:1|2|3|6|10)|2\.1)\b")
_WORDS_GONE = re.compile(
    r"user unknown|unknown user|no such (?:user|mailbox|recipient)|does ?n[o']t exist|"
    r"mailbox (?:unavailable|not found)|recipient (?:rejected|not found)|unknown recipient|"
    r"invalid (?:recipient|mailbox)",
    re.I,
)
_GREYLISTED = 60.0  # seconds until a server that put us off is asked again

imaplib._MAXLINE = 10_000_000  # type: ignore[attr-defined]  # a SEARCH answer is one line


class Unreachable(Exception):
    """A server cannot be used; `advice` is what the person who runs Setu should do."""

    def __init__(self, why: str, advice: str) -> None:
        super().__init__(why)
        self.advice = advice


@dataclasses.dataclass(frozen=True)
class Server:
    """One of the servers, and who logs in there.

    Args:
        tls: what certificates are verified against; the system's where it is None.
    """

    url: str
    user: str
    password: str = dataclasses.field(repr=False)
    tls: ssl.SSLContext | None = None

    @property
    def scheme(self) -> str:
        """Such as imaps."""
        return urlsplit(self.url).scheme

    @property
    def host(self) -> str:
        """Its name."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The address's, else the usual one."""
        return urlsplit(self.url).port or _PORTS[self.scheme]

    @property
    def encrypted(self) -> bool:
        """Whether TLS is used."""
        return not self.scheme.endswith("+plain")

    def context(self) -> ssl.SSLContext:
        """What its certificate is verified with."""
        return self.tls or ssl.create_default_context()


def open_mailbox(server: Server) -> imaplib.IMAP4:
    """A connection that is logged in.

    Raises:
        Unreachable: see there.
    """
    with _explained("IMAP", server, "SETU_EMAIL_IMAP"):
        if server.scheme == "imaps":
            mailbox: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                server.host, server.port, ssl_context=server.context(), timeout=SECONDS
            )
        else:
            mailbox = imaplib.IMAP4(server.host, server.port, timeout=SECONDS)
            if server.scheme == "imap":
                if "STARTTLS" not in mailbox.capabilities:
                    raise Unreachable(
                        "the IMAP server has no STARTTLS",
                        "Use imaps://, or imap+plain:// if the server is on this machine.",
                    )
                mailbox.starttls(server.context())
        try:
            mailbox.login(server.user, server.password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise _refused("IMAP", server) from error
    return mailbox


@contextlib.contextmanager
def open_post(server: Server) -> Iterator[smtplib.SMTP]:
    """A connection to send over, logged in.

    Raises:
        Unreachable: see there.
    """
    with _explained("SMTP", server, "SETU_EMAIL_SMTP"):
        if server.scheme == "smtps":
            post: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=SECONDS, context=server.context()
            )
        else:
            post = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
            post.ehlo()
            if server.scheme == "smtp":
                if not post.has_extn("starttls"):
                    post.close()
                    raise Unreachable(
                        "the SMTP server has no STARTTLS",
                        "Use smtps://, or smtp+plain:// if the server is on this machine.",
                    )
                post.starttls(context=server.context())
        post.ehlo()
        try:
            # A relay on this machine may know no login at all.
            if post.has_extn("auth") or server.scheme != "smtp+plain":
                post.login(server.user, server.password)
        except smtplib.SMTPAuthenticationError as error:
            post.close()
            raise _refused("SMTP", server) from error
    try:
        yield post
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            post.quit()
        post.close()


def deliver(server: Server, mail: EmailMessage, sender: str, to: str) -> None:
    """Hand one mail over.

    Raises:
        Later, Never: see there.
    """
    try:
        with open_post(server) as post:
            post.send_message(mail, sender, [to])
    except Unreachable as error:
        raise Later(str(error)) from error
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise _meaning(code, said, recipient=True) from error
    except smtplib.SMTPSenderRefused as error:
        # Our own address: a setting to mend, or a limit of the server, and no fault of this mail.
        raise Later(f"the sender is refused: {error.smtp_code}", _GREYLISTED) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Never("refused", str(error)) from error
    except smtplib.SMTPResponseException as error:
        raise _meaning(error.smtp_code, error.smtp_error, recipient=False) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Later(type(error).__name__) from error


def _meaning(code: int, said: bytes | str, *, recipient: bool) -> Later | Never:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    if code < _PERMANENT:
        return Later(f"it answered {code}", _GREYLISTED)
    gone = bool(_GONE.search(words)) or (
        recipient and code in _NO_MAILBOX and bool(_WORDS_GONE.search(words))
    )
    reason: Reason = "gone" if gone else "refused"
    return Never(reason, f"it answered {code}")


@contextlib.contextmanager
def _explained(kind: str, server: Server, setting: str) -> Iterator[None]:
    where = f"{server.host}:{server.port}"
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(
            f"the certificate of {where} cannot be trusted: {error.verify_message}",
            f"Is the name in {setting} the one in its certificate? "
            "Name an authority of your own with the variable SSL_CERT_FILE.",
        ) from error
    except ssl.SSLError as error:
        scheme = server.scheme.rstrip("s")
        raise Unreachable(
            f"{where} does not speak TLS as it should: {error.reason or error}",
            f"Does {scheme}:// with the port for STARTTLS fit better in {setting}?",
        ) from error
    except (OSError, imaplib.IMAP4.error, smtplib.SMTPException) as error:
        raise Unreachable(
            f"the {kind} server at {where} cannot be reached: {type(error).__name__}",
            f"Is {setting} right, and may this machine reach it?",
        ) from error


def _refused(kind: str, server: Server) -> Unreachable:
    return Unreachable(
        f"the {kind} server refuses the login of {server.user}",
        "Are SETU_EMAIL_USER and SETU_EMAIL_PASSWORD right? Many providers want a password made "
        "for this program alone (an app password), and IMAP switched on.",
    )


def quoted(name: str) -> str:
    """A folder's name as IMAP writes it (modified UTF-7, RFC 3501)."""
    written: list[str] = []
    for run in re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", name):
        if run.isascii():
            written.append(run.replace("&", "&-"))
        else:
            coded = run.encode("utf-7").decode()  # "+…-"
            written.append("&" + coded[1:].rstrip("-").replace("/", ",") + "-")
    escaped = "".join(written).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def numbers(answer: Sequence[object]) -> list[int]:
    """The numbers of a SEARCH answer."""
    found: list[int] = []
    for line in answer:
        if isinstance(line, bytes):
            found += [int(each) for each in line.split() if each.isdigit()]
    return sorted(found)
