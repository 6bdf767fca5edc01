"""The door to a translation service: masks, limits, deadline, retries, breaker, cache, checks.

Whatever the service does, who asks gets an answer in time: a translation that passed the checks,
or the original with the reason. Nothing here logs a text.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
import time
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from bot.languages import scripts
from bot.languages.locales import UnknownLocale, get
from bot.languages.translation.breaker import Breaker
from bot.languages.translation.masks import Finder, Masked, Masker
from bot.languages.translation.translator import Failure, Service, ServiceError, Translated

DEADLINE: Final = 8.0
LONGEST: Final = 4000
"""Characters of one text; longer ones are not sent."""

_BATCH: Final = 2000  # characters in one request, unless a single text has more
_TRIES: Final = 3
_BACKOFF: Final = 0.3  # seconds before the second try, doubled before the third
_AT_ONCE: Final = 4
_GROWS: Final = 4  # times as long as the original at most, and
_GROWS_BY: Final = 200  # so many characters for the short ones
_UNCHANGED_WORDS: Final = 4  # a shorter text may well be the same in both languages
_OWN_LETTERS: Final = 8  # letters; fewer may be a name, which some engines leave as it is
# A script's name in BCP 47, as the blocks of letters that write it.
_WRITTEN_IN: Final = {
    "Jpan": {"Kana", "Hani"},
    "Hans": {"Hani"},
    "Hant": {"Hani"},
    "Kore": {"Hang"},
}
_COUNTED: Final = frozenset({"unreachable", "slow", "busy", "refused", "garbage"})
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Answer:
    """What is known of one masked text: its masked translation, or why there is none."""

    text: str | None
    failure: Failure | None = None


class Guarded:
    """A `Translator` around one service.

    Args:
        terms: glossary terms: never translated.
        private: finds what else must not leave this machine.
        deadline: seconds one call of `translate` may take, waiting and retries included.
        cached: translations that are remembered (masked: without numbers and names).
    """

    def __init__(
        self,
        service: Service,
        *,
        terms: Collection[str] = (),
        private: Finder | None = None,
        deadline: float = DEADLINE,
        breaker: Breaker | None = None,
        cached: int = 2000,
    ) -> None:
        self.name = service.name
        self._service = service
        self._masker = Masker(terms, private)
        self._deadline = deadline
        self._breaker = breaker or Breaker()
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._cache: OrderedDict[tuple[str, ...], str] = OrderedDict()
        self._cached = cached
        glossary = "\n".join(sorted(terms)).encode("utf-8", "replace")
        self._about = (service.name, hashlib.sha256(glossary).hexdigest()[:12])

    async def translate(
        self, texts: Sequence[str], source: str, target: str, *, keep: Collection[str] = ()
    ) -> list[Translated]:
        """See `Translator.translate`."""
        # Beside the event loop: finding private data in a long text takes a while.
        masked = await asyncio.to_thread(lambda: [self._mask(text, source, keep) for text in texts])
        answers: dict[str, _Answer] = {}
        missing: dict[str, Masked] = {}
        for one in masked:
            if one is None or one.empty or source == target:
                continue
            cached = self._recall((source, target, one.text))
            if cached is None:
                missing[one.text] = one
            else:
                answers[one.text] = _Answer(cached)
        if missing:
            await self._fill(list(missing.values()), source, target, answers)
        return [
            self._result(text, one, source, target, answers)
            for text, one in zip(texts, masked, strict=True)
        ]

    def _mask(self, text: str, source: str, keep: Collection[str]) -> Masked | None:
        if len(text) > LONGEST:
            return None
        return self._masker.mask(_CONTROL.sub("", text), source, keep)

    def _result(
        self,
        text: str,
        masked: Masked | None,
        source: str,
        target: str,
        answers: dict[str, _Answer],
    ) -> Translated:
        if masked is None:
            return Translated(text, source, failure="too_long")
        answer = answers.get(masked.text)
        if answer is None:
            return Translated(text, source)
        restored = None if answer.text is None else masked.restore(answer.text)
        if restored is None:
            return Translated(text, source, failure=answer.failure or "lost_mask")
        return Translated(restored, target, by=self.name)

    async def _fill(
        self, missing: list[Masked], source: str, target: str, answers: dict[str, _Answer]
    ) -> None:
        """Ask the service for what is missing, for as long as the deadline allows."""
        ends = time.monotonic() + self._deadline
        failure: Failure | None = None
        for batch in _batches(missing):
            texts = [one.text for one in batch]
            if failure is None:
                try:
                    got = await asyncio.wait_for(
                        self._ask(texts, source, target, ends), max(0.0, ends - time.monotonic())
                    )
                except asyncio.TimeoutError:
                    self._breaker.failed()
                    failure = "slow"
                except ServiceError as error:
                    failure = error.reason
            if failure is not None:
                _logger.warning("not translated", by=self.name, why=failure, texts=len(texts))
                answers.update((text, _Answer(None, failure)) for text in texts)
                continue
            for one, said in zip(batch, got, strict=True):
                said = _CONTROL.sub("", said).strip()
                wrong = _wrong(one, said, source, target)
                answers[one.text] = _Answer(None, wrong) if wrong else _Answer(said)
                if not wrong:
                    self._remember((source, target, one.text), said)

    async def _ask(self, texts: list[str], source: str, target: str, ends: float) -> list[str]:
        got = await self._call(texts, source, target, ends)
        if len(got) == len(texts):
            return got
        if len(texts) == 1:
            raise ServiceError("garbage")
        # Which answer belongs to which text cannot be known: each is asked for by itself.
        alone = [await self._call([text], source, target, ends) for text in texts]
        return [one[0] if len(one) == 1 else "" for one in alone]

    async def _call(self, texts: list[str], source: str, target: str, ends: float) -> list[str]:
        """One request, and again after "busy" while there is time.

        Raises:
            ServiceError: there was no answer.
        """
        if not self._breaker.allows():
            raise ServiceError("paused")
        tried = 0
        while True:
            tried += 1
            try:
                async with self._at_once:
                    got = await self._service.translate(texts, source, target)
            except ServiceError as error:
                if error.retry_after is not None:
                    self._breaker.pause(error.retry_after)
                wait = _again_in(error, tried)
                if wait is None or time.monotonic() + wait >= ends:
                    if error.reason in _COUNTED:
                        self._breaker.failed()
                    raise
                await asyncio.sleep(wait)
                continue
            self._breaker.succeeded()
            return got

    def _recall(self, key: tuple[str, str, str]) -> str | None:
        whole = (*self._about, *key)
        if whole in self._cache:
            self._cache.move_to_end(whole)
        return self._cache.get(whole)

    def _remember(self, key: tuple[str, str, str], text: str) -> None:
        whole = (*self._about, *key)
        self._cache[whole] = text
        while len(self._cache) > self._cached:
            self._cache.popitem(last=False)


def _again_in(error: ServiceError, tried: int) -> float | None:
    """Seconds until the next try after a failed one; None where another makes no sense."""
    if error.reason != "busy" or tried >= _TRIES:
        return None
    backoff: float = _BACKOFF * 2.0 ** (tried - 1) * random.uniform(0.5, 1.5)
    return max(backoff, error.retry_after or 0.0)


def _batches(texts: list[Masked]) -> Iterator[list[Masked]]:
    batch: list[Masked] = []
    for one in texts:
        if batch and sum(len(each.text) for each in batch) + len(one.text) > _BATCH:
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _wrong(masked: Masked, said: str, source: str, target: str) -> Failure | None:
    """What is wrong with an answer, as far as can be seen without knowing the language."""
    if not said or len(said) > _GROWS * len(masked.text) + _GROWS_BY:
        return "garbage"
    if masked.restore(said) is None:
        return "lost_mask"
    asked, bare = masked.bare(masked.text), masked.bare(said)
    if asked.casefold().split() == bare.casefold().split():
        same = len(asked.split()) >= _UNCHANGED_WORDS
        return "garbage" if same and source.split("-")[0] != target.split("-")[0] else None
    letters = sum(map(str.isalpha, asked))
    written = _scripts(target)
    if (
        letters >= _OWN_LETTERS
        and written
        and not any(scripts.of(w) in written for w in bare.split())
    ):
        return "garbage"
    return None


def _scripts(tag: str) -> frozenset[str]:
    """The blocks of letters a language is written in; none where that is not known."""
    try:
        script = get(tag).script
    except UnknownLocale:
        return frozenset()
    return frozenset(_WRITTEN_IN.get(script, {script}))
