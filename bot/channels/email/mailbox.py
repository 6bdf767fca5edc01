"""Fetches a folder's new mails, each once, whatever happens in between.

The place is kept as the folder's UIDVALIDITY and the last UID that was taken. Where a server
renumbers a folder, the mails of the last days are looked at again; those already taken are known
by their fingerprint. Nothing in the mailbox is changed: it is opened for reading only.
"""

import contextlib
import dataclasses
import datetime as dt
import imaplib
import re
import time

from bot.channels.email.servers import Server, Unreachable, numbers, open_mailbox, quoted
from bot.db import JsonDict

LARGEST = 30 * 1024 * 1024
"""Bytes of a mail that are fetched; of a larger one only its head is."""

AT_ONCE = 20
"""Mails fetched between two looks at whether to go on."""

_AGAIN = dt.timedelta(days=2)  # how far back a renumbered folder is looked at
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclasses.dataclass(frozen=True)
class Place:
    """How far a folder was read: every mail up to `uid` is taken; `at`: when that was last so."""

    validity: int
    uid: int
    at: float

    def to_json(self) -> JsonDict:
        """As it is remembered."""
        return dataclasses.asdict(self)

    @staticmethod
    def from_json(state: JsonDict) -> "Place | None":
        """As it was remembered; None if it never was."""
        if not {"validity", "uid", "at"} <= state.keys():
            return None
        return Place(int(state["validity"]), int(state["uid"]), float(state["at"]))


@dataclasses.dataclass(frozen=True)
class Fetched:
    """One mail: `raw` is all of it, or only its head where it is too large (`cut`)."""

    uid: int
    raw: bytes
    cut: bool


class Mailbox:
    """A folder over one connection, made anew when it breaks. Not for two threads at once."""

    def __init__(self, server: Server, folder: str) -> None:
        self._server = server
        self._folder = folder
        self._connection: imaplib.IMAP4 | None = None

    def new(self, place: Place | None) -> tuple[Place, list[Fetched]]:
        """The next mails after a place, and the place itself as it counts now.

        The first time there is no place: it begins with mails that come from now on.

        Raises:
            Unreachable: the server cannot be used now.
        """
        try:
            connection = self._selected()
            validity, following = self._status(connection)
            moment = time.time()
            if place is None:
                return Place(validity, following - 1, moment), []
            if place.validity == validity:
                wanted = f"UID {place.uid + 1}:*"
            else:
                since = dt.datetime.fromtimestamp(place.at, dt.timezone.utc) - _AGAIN
                wanted = f"SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}"
                place = Place(validity, 0, place.at)
            uids = [uid for uid in self._search(connection, wanted) if uid > place.uid][:AT_ONCE]
            return place, self._some(connection, uids)
        except (OSError, imaplib.IMAP4.error) as error:
            self.close()
            raise Unreachable(
                f"the mailbox cannot be read: {type(error).__name__}", "It is tried again."
            ) from error

    def close(self) -> None:
        """Let the connection go."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                connection.logout()

    def waiting(self) -> int:
        """How many mails the folder holds.

        Raises:
            Unreachable: the server cannot be used, or there is no such folder.
        """
        connection = self._selected()
        return int((connection.response("EXISTS")[1] or [b"0"])[-1] or 0)

    def _selected(self) -> imaplib.IMAP4:
        if self._connection is None:
            self._connection = open_mailbox(self._server)
        # Selected again at each look: only so does every server tell what is new.
        answer, _ = self._connection.select(quoted(self._folder), readonly=True)
        if answer != "OK":
            self.close()
            raise Unreachable(
                f"there is no folder {self._folder}",
                "SETU_EMAIL_FOLDER must name it as the server does.",
            )
        return self._connection

    def _status(self, connection: imaplib.IMAP4) -> tuple[int, int]:
        """UIDVALIDITY, and the UID that the next mail will get."""
        validity = connection.response("UIDVALIDITY")[1]
        following = connection.response("UIDNEXT")[1]
        first = int((validity or [b"0"])[-1] or 0)
        if following and following[-1]:
            return first, int(following[-1])
        return first, max(self._search(connection, "ALL"), default=0) + 1

    def _search(self, connection: imaplib.IMAP4, wanted: str) -> list[int]:
        answer, found = connection.uid("SEARCH", wanted)
        if answer != "OK":
            raise imaplib.IMAP4.error("SEARCH failed")
        return numbers(found)

    def _some(self, connection: imaplib.IMAP4, uids: list[int]) -> list[Fetched]:
        """The mails, or the first few of them where they are large."""
        found: list[Fetched] = []
        for uid in uids:
            if sum(len(each.raw) for each in found) > LARGEST:
                break
            if (mail := self._fetch(connection, uid)) is not None:
                found.append(mail)
        return found

    def _fetch(self, connection: imaplib.IMAP4, uid: int) -> Fetched | None:
        """A mail; None if somebody has deleted it just now."""
        answer, found = connection.uid("FETCH", str(uid), "(RFC822.SIZE)")
        size = _SIZE.search(b" ".join(each for each in found if isinstance(each, bytes)))
        if answer != "OK" or size is None:
            return None
        cut = int(size[1]) > LARGEST
        section = "BODY.PEEK[HEADER]" if cut else "BODY.PEEK[]"
        answer, found = connection.uid("FETCH", str(uid), f"({section})")
        raw = next((bytes(each[1]) for each in found if isinstance(each, tuple)), None)
        return None if answer != "OK" or raw is None else Fetched(uid, raw, cut)
