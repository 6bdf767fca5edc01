"""E-mail: clients write to an address, and are answered in the thread they wrote in.

Anybody can write any sender into a mail. So an address is where answers go and nothing else:
whoever answers a mail of ours has surely got it, all others prove nothing (`Said.proven`).
docs/connect-email.md says how it behaves, and why.
"""

import asyncio
import functools
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from email.utils import parseaddr

import anyio
import anyio.to_thread
import structlog

from bot.channels.contract import (
    Door,
    Finding,
    Limits,
    Noted,
    Outgoing,
    Said,
    Update,
)
from bot.channels.email import letters
from bot.channels.email.machines import is_ours, judge
from bot.channels.email.mailbox import Fetched, Mailbox, Place
from bot.channels.email.mails import MOST_TEXT, Mail, header, is_address, read
from bot.channels.email.servers import Server, Unreachable, deliver, open_post
from bot.channels.email.words import own_words
from bot.conversations import files
from bot.db import JsonDict
from bot.settings import Settings

NAME = "email"
NEEDS = ("email_imap", "email_smtp", "email_from", "email_password")

_AT_ONCE = 4  # mails sent at the same time
_LEASE_SECONDS = 120.0
_LONGEST_PAUSE = 300.0  # seconds until a mailbox that cannot be reached is tried again
_MOST_AN_HOUR = 20  # mails of one sender that are answered: two machines could go on for ever
_HOUR = 3600.0
_REPLY = re.compile(
    r"\s*(?:re|aw|sv|vs|antw|ref|rif|odp|ynt|res|رد|回复|回覆|答复|返信)\s*(?:\[\d+\])?\s*[:：]",
    re.I,
)
_TAG = re.compile(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8})*")
_LOCAL = ("localhost", "127.0.0.1", "::1")

_logger = structlog.get_logger(__name__)


def configured(settings: Settings) -> "Email":
    """The channel, by the settings."""
    own = parseaddr(settings.email_from)[1].lower()
    user = settings.email_user or own
    return Email(
        Server(settings.email_imap, user, settings.email_password),
        Server(settings.email_smtp, user, settings.email_password),
        settings.email_from,
        shop=settings.shop,
        folder=settings.email_folder,
        seconds=settings.email_seconds,
    )


class Email:
    """See the module.

    Args:
        sender: our name and address, as mails show it.
        seconds: between two looks for new mail.
    """

    name = NAME
    limits = Limits(
        text=100_000,
        per_second=5.0,
        every=1.0,
        files=dict.fromkeys(files.KINDS, letters.MOST_ENCLOSED),
        caption=100_000,
        opens=True,
    )

    def __init__(
        self,
        imap: Server,
        smtp: Server,
        sender: str,
        *,
        shop: str,
        folder: str = "INBOX",
        seconds: float = 10.0,
    ) -> None:
        self._imap, self._smtp = imap, smtp
        self._sender, self._shop = sender, shop
        self.mailbox = parseaddr(sender)[1].lower()
        self._folder = folder
        self._seconds = seconds
        self._box = Mailbox(imap, folder)
        self._sending = anyio.CapacityLimiter(_AT_ONCE)
        self._wrote: defaultdict[str, deque[float]] = defaultdict(deque)

    async def pull(self, door: Door) -> None:
        """See `Pulled.pull`."""
        faults = 0
        while True:
            pause = self._seconds
            try:
                if await door.mine(self, max(_LEASE_SECONDS, 3 * self._seconds)):
                    pause = 0.0 if await self.look(door) else self._seconds
                if faults:
                    _logger.info("the mailbox can be read again")
                faults = 0
            except Unreachable as error:
                faults += 1
                pause = min(_LONGEST_PAUSE, self._seconds * 2.0 ** min(faults, 10))
                _logger.warning("no mail can be fetched", why=str(error), seconds=pause)
            await asyncio.sleep(pause)

    async def look(self, door: Door) -> int:
        """Take what is new; gives how many mails that were.

        Raises:
            Unreachable: the mailbox cannot be read now.
        """
        before = Place.from_json(await door.recall(self))
        place, found = await anyio.to_thread.run_sync(self._box.new, before)
        for fetched in found:
            for update in await self._updates(door, fetched):
                await door.take(self, update)
            # Only what is in the log counts as fetched.
            place = Place(place.validity, fetched.uid, place.at)
            await door.remember(self, place.to_json())
        if not found:
            now = time.time()
            if before is None or place != before or now - place.at > _HOUR:
                await door.remember(self, Place(place.validity, place.uid, now).to_json())
        return len(found)

    async def _updates(self, door: Door, fetched: Fetched) -> list[Update]:
        try:
            mail = await anyio.to_thread.run_sync(read, fetched.raw)
            verdict = judge(mail, self.mailbox)
        # The boundary of a mail: one that we cannot read must not hold all others up for ever. It
        # stays in the mailbox.
        except Exception:
            _logger.exception("a mail could not be read; it is still there", uid=fetched.uid)
            return []
        if verdict.kind == "bounce":
            return list(verdict.receipts)
        if verdict.kind == "own" or not is_address(mail.sender):
            _logger.info("a mail is left alone", uid=fetched.uid, why=verdict.why or "no sender")
            return []
        if verdict.kind == "machine" or self._too_often(mail.sender):
            why = verdict.why or "too many mails in an hour"
            _logger.info("a mail is noted, not answered", uid=fetched.uid, why=why)
            text = own_words(mail.text, reply=True) or mail.subject
            return [Noted(mail.sender, mail.fingerprint, _titled(mail.subject, text))]
        return [await self._said(door, mail, cut=fetched.cut)]

    async def _said(self, door: Door, mail: Mail, *, cut: bool) -> Said:
        address = mail.sender
        for id in reversed([each for each in mail.answers if is_ours(each)]):
            if (known := await door.whose(self, id)) is not None:
                address = known
                break
        else:
            known = None
        reply = bool(mail.answers or _REPLY.match(mail.subject))
        text = own_words(mail.text, reply=reply, subject=mail.subject)
        whole = mail.text if text != mail.text.strip() else ""
        if not reply:
            text = _titled(mail.subject, text)
        language = header(mail.message, "Content-Language").partition(",")[0].strip()
        via: JsonDict = {
            "mail": mail.id,
            "references": list(mail.answers),
            "subject": mail.subject,
            **({"whole": whole[:MOST_TEXT]} if whole else {}),
            **({"from": mail.sender} if mail.sender != address else {}),
        }
        return Said(
            address=address,
            id=mail.fingerprint,
            text=text or None,
            media="other" if mail.sealed else "file" if cut else None,
            name=mail.name if mail.sender == mail.wrote and mail.name else None,
            language=language if _TAG.fullmatch(language) else None,
            via=via,
            files=mail.files,
            proven=known == mail.sender,
        )

    def _too_often(self, address: str) -> bool:
        """Whether this sender has written so much lately that it is hardly a person."""
        now = time.monotonic()
        if len(self._wrote) > 10_000:
            recent = {who: at for who, at in self._wrote.items() if at[-1] > now - _HOUR}
            self._wrote = defaultdict(deque, recent)
        lately = self._wrote[address]
        while lately and lately[0] < now - _HOUR:
            lately.popleft()
        lately.append(now)
        return len(lately) > _MOST_AN_HOUR

    def render(self, message: Outgoing) -> Sequence[JsonDict]:
        """See `Channel.render`. One mail, unless its files are too much for one."""
        return letters.parts_of(message, self.mailbox, self._shop)

    async def send(self, message: Outgoing, part: JsonDict) -> str:
        """See `Channel.send`."""
        enclosed = [
            (message.files[nth], await message.files[nth].read()) for nth in part.get("files", ())
        ]
        mail = letters.written(part, self._sender, self.mailbox, enclosed)
        hand_over = functools.partial(deliver, self._smtp, mail, self.mailbox, message.address)
        await anyio.to_thread.run_sync(hand_over, limiter=self._sending)
        return str(part["id"])

    async def check(self, address: str) -> Sequence[Finding]:
        """See `Channel.check`."""
        return [
            await self._checked(self._mailbox_works),
            await self._checked(self._post_works),
            *(_unsafe(server) for server in (self._imap, self._smtp) if not server.encrypted),
        ]

    async def register(self, address: str) -> Sequence[Finding]:
        """There is nothing to set up at a mail server."""
        return await self.check(address)

    async def close(self) -> None:
        """See `Channel.close`."""
        await anyio.to_thread.run_sync(self._box.close)

    async def _checked(self, look: Callable[[], Finding]) -> Finding:
        try:
            return await anyio.to_thread.run_sync(look)
        except Unreachable as error:
            return Finding(False, str(error), error.advice)

    def _mailbox_works(self) -> Finding:
        box = Mailbox(self._imap, self._folder)
        try:
            count = box.waiting()
        finally:
            box.close()
        return Finding(True, f"{self._folder} of {self.mailbox} is read; it holds {count} mails")

    def _post_works(self) -> Finding:
        with open_post(self._smtp):
            return Finding(True, f"mails are sent over {self._smtp.host}")


def _unsafe(server: Server) -> Finding:
    scheme = server.scheme.partition("+")[0]
    return Finding(
        server.host in _LOCAL,
        f"{server.url} is used without TLS",
        f"Passwords and mails can be read on the way: use {scheme}s:// or {scheme}://.",
    )


def _titled(subject: str, text: str) -> str:
    """A mail's first words are its subject, unless the text says the same."""
    if not subject or subject.casefold() in text.casefold():
        return text
    return f"{subject}\n\n{text}".strip()
