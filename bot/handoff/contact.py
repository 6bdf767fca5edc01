"""Another way than waiting, as a state machine: an e-mail address, or a call at a time that suits.

email: which address → done. call: which time → which number → done. An open request claims the
address, the time or the number; every other message goes on as usual. What looks like one but is
not is asked about again, twice at most. Each function writes in the caller's transaction; who is
owed what afterwards is the caller's business (`Settled`).
"""

import dataclasses
import datetime as dt
import re
from zoneinfo import ZoneInfo

import phonenumbers
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversations import log
from bot.conversations.identities import client_of
from bot.conversations.models import Conversation
from bot.db import JsonDict, now
from bot.handoff import slots
from bot.handoff.models import ContactRequest
from bot.handoff.office import Office
from bot.handoff.waiting import ASK_CALL, BACK_TO_ASSISTANT, LEAVE_EMAIL, known_zone
from bot.languages.formats import city, clock, fold_digits, short_date
from bot.languages.territory import territory_of_zone

PREFIX = "way-"
_SLOT, _MORE, _KNOWN, _NEVER_MIND = "way-slot-", "way-more-", "way-known", "way-never-mind"
_ASK_AGAIN = 2
_PATIENCE = dt.timedelta(hours=2)
_OFFERED = 4  # times at once: more than a glance holds is not a choice
_EXAMPLE = "name@example.com"

# What people type, not all that RFC 5321 allows: quoted local parts are typing mistakes here.
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]+@[^\s@<>()\[\],;:\"]+")
_HOST = re.compile(r"(?:[\w](?:[\w-]{0,61}[\w])?\.)+[^\W\d_]{2,63}\Z")
_CLOCK = re.compile(r"(?:^|\D)(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?(?:\D|$)")


@dataclasses.dataclass(frozen=True)
class Claimed:
    """The message belonged to a request and has been answered."""


@dataclasses.dataclass(frozen=True)
class Settled(Claimed):
    """… and nothing more is missing: `kind` email or call, to `contact`, a call at `at`."""

    kind: str
    contact: str
    at: dt.datetime | None


async def concerns(session: AsyncSession, conversation: str, payload: str | None) -> bool:
    """Whether a message may be for `claim`."""
    if payload is not None:
        return payload.startswith(PREFIX)
    return await open_of(session, conversation) is not None


async def open_of(session: AsyncSession, conversation: str) -> ContactRequest | None:
    """The conversation's open request, if it is not too old to claim anything."""
    found = await session.execute(
        sa.select(ContactRequest)
        .where(
            ContactRequest.conversation_id == conversation,
            ContactRequest.status == "open",
            ContactRequest.created_at > now() - _PATIENCE,
        )
        .order_by(ContactRequest.created_at.desc())
        .limit(1)
    )
    return found.scalar_one_or_none()  # type: ignore[no-any-return]


async def drop(session: AsyncSession, conversation: str) -> None:
    """Forget what was asked: somebody is talking with the client now, or they moved on."""
    await session.execute(
        sa.update(ContactRequest)
        .where(ContactRequest.conversation_id == conversation, ContactRequest.status == "open")
        .values(status="dropped")
        .execution_options(synchronize_session=False)
    )


async def claim(
    session: AsyncSession,
    conversation_id: str,
    house: Office,
    text: str | None = None,
    payload: str | None = None,
) -> Claimed | None:
    """Take a client's message if it belongs to a request; replies are appended when it does.

    Args:
        text: what the client typed, or
        payload: the button they pressed.
    """
    row = await session.get(Conversation, conversation_id, populate_existing=True)
    talk = _Talk(session, row, house)
    if payload is not None:
        return await talk.pressed(payload) if payload.startswith(PREFIX) else None
    request = await open_of(session, conversation_id)
    if request is None or text is None:
        return None
    return await talk.typed(request, text)


class _Talk:
    """One exchange with one client."""

    def __init__(self, session: AsyncSession, row: Conversation, house: Office) -> None:
        self._session = session
        self._row = row
        self._house = house
        self._voice = row.voice

    async def pressed(self, payload: str) -> Claimed:
        if payload in (LEAVE_EMAIL, ASK_CALL):
            await drop(self._session, self._row.id)
            return await self._begin(payload)
        request = await open_of(self._session, self._row.id)
        if request is None or payload == _NEVER_MIND:
            await drop(self._session, self._row.id)
            await self._say("ways.never_mind")
        elif payload.startswith(_MORE) and payload[len(_MORE) :].isdigit():
            await self._ask_time(request, skip=int(payload[len(_MORE) :]))
        elif payload.startswith(_SLOT) and payload[len(_SLOT) :].isdigit():
            at = dt.datetime.fromtimestamp(int(payload[len(_SLOT) :]) * 60, dt.timezone.utc)
            await self._chosen(request, at)
        elif payload == _KNOWN and request.awaiting in ("email", "phone"):
            client = await client_of(self._session, self._row.id)
            known = client.email if request.awaiting == "email" else client.phone
            if known:
                return await self._done(request, known)
            await self._ask(request)
        else:
            await self._ask(request)
        return Claimed()

    async def _begin(self, payload: str) -> Claimed:
        call = payload == ASK_CALL
        request: ContactRequest = ContactRequest(
            conversation_id=self._row.id,
            kind="call" if call else "email",
            awaiting="time" if call else "email",
            tries=0,
        )
        self._session.add(request)
        await self._session.flush()
        await self._ask(request)
        return Claimed()

    async def _ask(self, request: ContactRequest) -> None:
        if request.awaiting == "time":
            await self._ask_time(request)
            return
        client = await client_of(self._session, self._row.id)
        known = client.email if request.awaiting == "email" else client.phone
        buttons = [{"title": readable(known), "payload": _KNOWN}] if known else []
        await self._say(f"ways.ask_{request.awaiting}", buttons)

    async def _ask_time(self, request: ContactRequest, skip: int = 0) -> None:
        times = await self._times()
        offered = slots.choice(times, _OFFERED, skip) or slots.choice(times, _OFFERED)
        if not offered:
            request.status = "dropped"
            await self._say("ways.no_times", [self._button("ways.button.email", LEAVE_EMAIL)])
            return
        buttons = [
            {"title": self._when(at), "payload": f"{_SLOT}{int(at.timestamp()) // 60}"}
            for at in offered
        ]
        if len(times) > skip + len(offered):
            more = f"{_MORE}{skip + len(offered)}"
            buttons.append(self._button("ways.button.more_times", more))
        await self._say("ways.ask_time", buttons, city=city(self._zone, self._voice.locale))

    async def _chosen(self, request: ContactRequest, at: dt.datetime) -> None:
        if request.kind != "call":
            await self._ask(request)
        elif at not in await self._times():
            await self._say("ways.time_gone", [])
            await self._ask_time(request)
        else:
            request.slot_at, request.awaiting, request.tries = at, "phone", 0
            await self._ask(request)

    async def typed(self, request: ContactRequest, text: str) -> Claimed | None:
        if request.awaiting == "time":
            return await self._typed_time(request, text)
        wanted = request.awaiting
        found = read_email(text) if wanted == "email" else self._read_phone(text)
        if found:
            return await self._done(request, found)
        if not (_looks_like_email(text) if wanted == "email" else _looks_like_phone(text)):
            return None
        request.tries += 1
        if request.tries > _ASK_AGAIN:
            return None  # whoever reads the conversation will see what they meant
        await self._say(f"ways.ask_{wanted}_again", example=_EXAMPLE)
        return Claimed()

    async def _typed_time(self, request: ContactRequest, text: str) -> Claimed | None:
        offered = await self._offered()
        folded = fold_digits(text).strip().rstrip(".)")
        if folded.isdigit() and 1 <= int(folded) <= len(offered):
            await self._chosen(request, offered[int(folded) - 1])
            return Claimed()
        at = read_clock(text, [*offered, *await self._times()])
        if at is None:
            return None
        await self._chosen(request, at)
        return Claimed()

    async def _offered(self) -> list[dt.datetime]:
        """The times under our last question, in their order."""
        for message in reversed(await log.recent(self._session, self._row.id, 10)):
            payloads = [button["payload"] for button in message.payload.get("buttons", ())]
            found = [int(each[len(_SLOT) :]) for each in payloads if each.startswith(_SLOT)]
            if found:
                zone = ZoneInfo(self._zone)
                return [dt.datetime.fromtimestamp(minute * 60, zone) for minute in found]
        return []

    def _read_phone(self, text: str) -> str | None:
        row = self._row
        return read_phone(text, row.territory or territory_of_zone(self._zone))

    async def _done(self, request: ContactRequest, contact: str) -> Settled:
        request.status, request.awaiting = "done", "nothing"
        client = await client_of(self._session, self._row.id)
        if request.kind == "email":
            client.email = contact
        else:
            client.phone = contact
        return Settled(request.kind, contact, request.slot_at)

    async def _times(self) -> list[dt.datetime]:
        promised = await self._session.execute(
            sa.select(ContactRequest.slot_at).where(
                ContactRequest.status == "done", ContactRequest.slot_at > now()
            )
        )
        return slots.open_times(
            now(),
            self._house.team(self._row.locale).schedule,
            self._zone,
            length=dt.timedelta(minutes=self._house.call_minutes),
            days=self._house.call_days,
            taken=list(promised.scalars()),
            places=self._house.call_places,
        )

    @property
    def _zone(self) -> str:
        """Where the client is; where we are, when that is not known."""
        return known_zone(self._row.time_zone) or self._house.team(self._row.locale).schedule.zone

    def _when(self, at: dt.datetime) -> str:
        return when(at, self._zone, self._voice.locale)

    def _button(self, key: str, payload: str) -> JsonDict:
        return {"title": self._voice.say(key), "payload": payload}

    async def _say(self, key: str, buttons: list[JsonDict] | None = None, **values: object) -> None:
        """With a way out under every question."""
        if key == "ways.never_mind":
            buttons = [self._button("handoff.back", BACK_TO_ASSISTANT)]
        elif buttons != [] or key != "ways.time_gone":
            buttons = [*(buttons or []), self._button("ways.button.never_mind", _NEVER_MIND)]
        text = self._voice.say(key, None, **values)
        await log.say(
            self._session, self._row.id, "bot", text, self._row.locale, buttons=buttons or []
        )


def when(at: dt.datetime, zone: str, locale: str) -> str:
    """A moment as a choice: day and time where the client is."""
    return f"{short_date(at, locale, zone)}, {clock(at, locale, zone)}"


def read_email(text: str) -> str | None:
    """The one e-mail address in what somebody typed, None where there is none, or several."""
    found = {part.strip(".,;!?'").rstrip("।") for part in _EMAIL.findall(text)}
    if len(found) != 1:
        return None
    local, _, host = found.pop().rpartition("@")
    if not local or len(local) > 64 or len(host) > 190 or not _HOST.match(host):
        return None
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return None
    return f"{local}@{host.lower()}"


def _looks_like_email(text: str) -> bool:
    bare = text.strip()
    return "@" in bare or (" " not in bare and "." in bare[1:-1] and len(bare) < 80)


def read_phone(text: str, region: str | None) -> str | None:
    """The telephone number somebody typed, in any digits, as E.164; None where it is none.

    Args:
        region: the country a number without its code is of, ISO 3166.
    """
    folded = fold_digits(text)
    for match in phonenumbers.PhoneNumberMatcher(folded, region):
        return str(phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164))
    return None


def _looks_like_phone(text: str) -> bool:
    digits = sum(char.isdigit() for char in fold_digits(text))
    return digits >= 5 and digits >= sum(char.isalpha() for char in text)


def read_clock(text: str, times: list[dt.datetime]) -> dt.datetime | None:
    """The first of `times` at the time of day somebody typed ("5 pm", "17:30"); None otherwise."""
    folded = fold_digits(text).casefold()
    if len(folded) > 60 or (found := _CLOCK.search(folded)) is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if found[2] is None and half is None:
        return None  # a bare number is not yet a time
    if half is not None:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return next((at for at in times if (at.hour, at.minute) == (hour, minute)), None)


def readable(known: str) -> str:
    """An address as people read it: telephone numbers in groups."""
    if not known.startswith("+"):
        return known
    number = phonenumbers.parse(known)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
