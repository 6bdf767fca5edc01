"""Real mail servers on loopback: dovecot for IMAP, aiosmtpd for SMTP, with a certificate."""

import asyncio
import contextlib
import email
import email.policy
import imaplib
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from bot.channels.email.channel import Email
from bot.channels.email.servers import Server
from tests.channels.fake import Reply
from tests.patience import PATIENCE, Port

OWN = "help@nadi.example"
PASSWORD = "between-us"

_CONF = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_verbose = yes
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
mail_fsync = never
{users}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  service_count = 0
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


class Dovecot:
    """An IMAP server that lets any user in with one password. Nothing of it outlives the tests."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="setu-mail-"))
        self.folder.chmod(0o755)
        (self.folder / "mail").mkdir()
        self._reserved = Port(), Port()
        self.imap, self.imaps = (port.number for port in self._reserved)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
             "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
             self.folder / "key.pem", "-out", self.folder / "cert.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
        root = os.geteuid() == 0
        owner = pwd.getpwnam("mail") if root else pwd.getpwuid(os.geteuid())
        users = (
            ""
            if root
            else "".join(
                f"default_{kind} = {owner.pw_name}\n" for kind in ("internal_user", "login_user")
            )
        )
        if root:
            shutil.chown(self.folder / "mail", owner.pw_uid, owner.pw_gid)
        (self.folder / "dovecot.conf").write_text(
            _CONF.format(folder=self.folder, users=users, password=PASSWORD, uid=owner.pw_uid,
                         gid=owner.pw_gid, imap=self.imap, imaps=self.imaps)
        )  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "/usr/sbin/dovecot", "-F", "-c",
             self.folder / "dovecot.conf"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.imap)):
                return
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(PATIENCE)
            self._process = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def tls(self) -> ssl.SSLContext:
        """Trusts this server's certificate, and nothing else."""
        return ssl.create_default_context(cafile=str(self.folder / "cert.pem"))

    @property
    def certified(self) -> ssl.SSLContext:
        """For a server with the same certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "cert.pem", self.folder / "key.pem")
        return context

    @contextlib.contextmanager
    def box(self, user: str) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.imap, timeout=PATIENCE) as box:
            box.login(user, PASSWORD)
            yield box

    def put(self, user: str, raw: bytes, folder: str = "INBOX") -> None:
        """As if this mail had come."""
        with self.box(user) as box:
            answer, said = box.append(folder, "", imaplib.Time2Internaldate(time.time()), raw)
            assert answer == "OK", said


@dataclass
class Post:
    """An SMTP server: keeps what it is given, answers as scripted. `rcpt` answers recipients."""

    tls: ssl.SSLContext
    kind: str = "smtps"
    script: deque[Reply] = field(default_factory=deque)
    rcpt: deque[str] = field(default_factory=deque)
    mails: list[EmailMessage] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._reserved = Port()
        self.port = self._reserved.number
        more: dict[str, Any] = {
            "authenticator": self._login, "auth_required": True, "auth_require_tls": False,
            "ready_timeout": PATIENCE,
        }  # fmt: skip
        if self.kind == "smtps":
            more["ssl_context"] = self.tls
        elif self.kind == "smtp":
            more |= {"tls_context": self.tls, "require_starttls": True}
        self._controller = Controller(self, hostname="localhost", port=self.port, **more)
        self._controller._trigger_server = self._knock
        self._controller.start()

    def _knock(self) -> None:
        """As aiosmtpd does to see that it listens, but with a client's TLS."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as plain:
            if self.kind != "smtps":
                plain.recv(100)
                return
            with ssl._create_unverified_context().wrap_socket(plain) as secure:
                secure.recv(100)

    def close(self) -> None:
        self._controller.stop()

    def _login(self, server: Any, session: Any, envelope: Any, how: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
        return AuthResult(success=right, handled=right)

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.rcpt:
            return self.rcpt.popleft()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.senders.append(envelope.mail_from)
        reply = self.script.popleft() if self.script else Reply()
        if reply.seconds:
            await asyncio.sleep(reply.seconds)
        if isinstance(reply.content, str):
            return reply.content
        if reply.status == 429:
            return "451 4.7.1 try again later"
        return "250 OK" if reply.status < 400 else "421 4.3.0 not now"

    def sent(self, path: str = "") -> list[dict[str, Any]]:
        """The texts that arrived, whatever was answered."""
        return [{"text": words(mail), "to": mail["To"].partition("@")[0]} for mail in self.mails]


def words(mail: EmailMessage) -> str:
    """A mail's plain text."""
    plain = mail.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content()).replace("\r\n", "\n").strip()


def channel(dovecot: Dovecot, post: Post, user: str, **more: Any) -> Email:
    """A channel over both servers, with the usual kind of TLS."""
    return Email(
        Server(f"imaps://localhost:{dovecot.imaps}", user, PASSWORD, dovecot.tls),
        Server(f"{post.kind}://localhost:{post.port}", user, PASSWORD, dovecot.tls),
        f"Nadi <{OWN}>",
        shop="Nadi",
        **more,
    )


def letter(text: str, sender: str = "Rina Sen <rina@example.com>", **headers: str) -> bytes:
    """A mail as a mail program writes it; `headers` with _ for -."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, OWN
    mail["Date"] = "Mon, 03 May 2027 10:00:00 +0530"
    mail.set_content(text)
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    return mail.as_bytes()
