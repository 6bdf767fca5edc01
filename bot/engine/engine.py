"""The engine: Rasa in a thread and an event loop of its own, used as a pure function.

A turn goes in with all it needs and comes out as an `Outcome`; in between, the tracker lives in
memory. Nothing here writes anything, so a turn that fails, is too late or is discarded leaves no
trace and can be tried again.
"""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import structlog

from actions import ACTIONS, Reads
from bot.engine.project import current_model
from bot.engine.turn import EngineError, Outcome, Turn, TurnTimedOut
from bot.knowledge.embed import embedder
from bot.languages import speech
from bot.languages.locales import known, name_in
from bot.languages.numbers import asks_order

__all__ = ["Engine", "Reads"]

_WARMERS = 2  # threads that embed ahead; the model frees the GIL, so this is the second core's work
_STOP_SECONDS = 5.0
_ESCAPE = "\u2060"  # word joiner: invisible, no whitespace that Rasa would strip, cleaned for NLU

_logger = structlog.get_logger(__name__)


class Engine:
    """Answers turns. One instance serves the whole process; `handle` may be called concurrently.

    Args:
        home: the Rasa project folder (config.yml, domain.yml, data/, models/).
        reads: what the actions may read; languages default to those we speak completely, and with
            them what texts say to the languages' own words.
    """

    def __init__(self, home: Path, reads: Reads) -> None:
        self._home = home
        if not reads.languages:
            reads = dataclasses.replace(
                reads,
                languages=_spoken(),
                named=name_in,
                asks_order=asks_order,
                clauses=speech.clauses,
                refers_back=speech.refers_back,
                salam=speech.salam,
            )
        self._reads = reads
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._brain: Any = None
        self._warmers = ThreadPoolExecutor(_WARMERS, thread_name_prefix="embed")

    async def start(self) -> None:
        """Load the model.

        Raises:
            ModelNotCurrent: there is none, or it was not trained from what the project holds now.
        """
        model = current_model(self._home)
        loop = asyncio.new_event_loop()
        self._loop = loop
        self._thread = threading.Thread(target=loop.run_forever, name="engine", daemon=True)
        self._thread.start()
        try:
            self._brain = await self._in_engine(self._load(model))
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the engine's thread; turns under way are abandoned."""
        loop, thread, self._brain = self._loop, self._thread, None
        self._loop = self._thread = None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            await asyncio.to_thread(thread.join, _STOP_SECONDS)
            if not thread.is_alive():
                loop.close()
        self._warmers.shutdown(wait=False)

    async def handle(self, turn: Turn, deadline: float) -> Outcome:
        """Answer one message.

        Args:
            turn: the message and what the dialogue was before it.
            deadline: seconds it may take.

        Raises:
            TurnTimedOut: it took longer.
            TurnFailed: an action, a reply or the dialogue raised an error.
            EngineError: the engine is not running.
        """
        try:
            return await asyncio.wait_for(self._handle(turn), deadline)
        except asyncio.TimeoutError as error:
            raise TurnTimedOut(f"a turn of {turn.conversation} took over {deadline} s") from error

    async def parse(self, text: str) -> dict[str, Any]:
        """What is understood of one text, with no dialogue around it.

        Returns:
            `language`, `intent` and `confidence` (None and 0 for a blank text), and `entities`.
        """
        await self._warm(text)
        parsed: dict[str, Any] = await self._in_engine(self._running().parse(_escaped(text)))
        return parsed

    async def _handle(self, turn: Turn) -> Outcome:
        if turn.text is not None:
            await self._warm(turn.text)
            turn = dataclasses.replace(turn, text=_escaped(turn.text))
        outcome: Outcome = await self._in_engine(self._running().answer(turn))
        return outcome

    async def _warm(self, text: str) -> None:
        """Embed the text in another thread while the engine answers somebody else."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._warmers, embedder().embed, [text], "query")

    async def _load(self, model: Path) -> Any:
        # Rasa takes four seconds to import, so only the engine's thread does, when it starts.
        from bot.engine.brain import Brain

        brain = Brain(model, [action(self._reads) for action in ACTIONS])
        _logger.info("model loaded", model=model.name.split("-", 2)[-1])  # less its date
        return brain

    def _running(self) -> Any:
        if self._brain is None:
            raise EngineError("the engine is not running: start() it first")
        return self._brain

    async def _in_engine(self, work: Any) -> Any:
        if self._loop is None:
            work.close()
            raise EngineError("the engine is not running: start() it first")
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


def _escaped(text: str) -> str:
    """The text such that Rasa does not read it as a command: a client types no intents."""
    return _ESCAPE + text if text.lstrip().startswith("/") else text


def _spoken() -> tuple[tuple[str, str], ...]:
    return tuple((each.tag, each.endonym) for each in known() if each.quality == "complete")
