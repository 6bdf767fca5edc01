"""How every wait stands, kept for a few seconds: hundreds look, and one simulation serves them."""

import time

from sqlalchemy.ext.asyncio import AsyncSession

from bot.handoff import office, queue, waiting
from bot.handoff.forecast import Forecast
from bot.handoff.office import Office
from bot.languages.say import Voice
from bot.settings import Settings

_SECONDS = 5.0


class Board:
    """One process's view of the queue."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._read_at = float("-inf")
        self._places: dict[str, tuple[int, str]] = {}
        self._forecast: Forecast | None = None
        self._office: Office | None = None

    async def line(self, session: AsyncSession, conversation: str, voice: Voice) -> str | None:
        """A waiting client's place and wait in a few words; None when they do not wait."""
        if time.monotonic() - self._read_at > _SECONDS or conversation not in self._places:
            await self._read(session)
        found = self._places.get(conversation)
        if found is None or self._forecast is None or self._office is None:
            return None
        place, language = found
        schedule = self._office.team(language).schedule
        return waiting.short(waiting.judge(place, self._forecast, schedule), voice) or None

    async def _read(self, session: AsyncSession) -> None:
        self._office = await office.read(session, self._settings)
        self._forecast = await waiting.forecast(session)
        self._places = {
            place.handoff.conversation_id: (place.position, place.handoff.language)
            for place in await queue.waiting(session)
        }
        self._read_at = time.monotonic()
