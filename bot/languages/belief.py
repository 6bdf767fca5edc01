"""What a conversation believes of its client's language.

A pure value on the conversation's row: each message revises it, nothing ever locks it. A language
that was used is sticky, so that a short or borrowed word changes nothing; a clear message in
another language changes it at once; what tells no language (ok, 123, a brand) never does.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.languages import clean
from bot.languages.detect import Judgement
from bot.languages.locales import UnknownLocale, get, native

# Odds a language starts a message with, against one never heard of: for having been used in a
# clear message, and for being the browser's. From a sweep on simulated dialogues (`dialogues`).
USED: Final = 40.0
BROWSER: Final = 7.0
# What a language must reach, odds included, before we move to it.
_SWITCH: Final = 0.7
# What makes up for a judgement that was not decided by itself.
_SURE: Final = 0.9
# Odds of a language that is known only to tell it from a neighbour we speak.
_NEIGHBOUR: Final = 0.3
# Fewer telling words than this may be a loan, a name or a title: they move nothing by themselves.
_CLEAR_WORDS: Final = 3
# With more words than that, a judgement this sure is believed whatever was spoken before.
_CERTAIN: Final = 0.98
# So many messages in a row move it all the same …
_INSISTS: Final = 2
# … and so many clear ones in the language a wish was uttered in undo the wish.
_UNDOES_WISH: Final = 3
# What is left of the other languages' odds after a clear message.
_FADE: Final = 0.7


@dataclass(frozen=True)
class Belief:
    """What is believed after some messages.

    `weights` holds the odds the next message starts with, by language (1.0 where absent);
    `current` is the language to speak; `wished` the one the client asked for and `wished_in` the
    one spoken until then; `leaning` another language the last `times` messages spoke for.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    current: str | None = None
    wished: str | None = None
    wished_in: str | None = None
    leaning: str | None = None
    times: int = 0

    @classmethod
    def starting(cls, locale: str | None) -> Belief:
        """The belief before the first message, from the browser's locale or the profile's wish."""
        if not locale:
            return cls()
        try:
            language = get(locale).tag
        except UnknownLocale:
            return cls()
        return cls({language: BROWSER}, language)

    @classmethod
    def from_json(cls, stored: dict[str, Any] | None) -> Belief:
        """A belief as `to_json` wrote it; None is an empty one."""
        return cls(**stored) if stored else cls()

    def to_json(self) -> dict[str, Any]:
        """The belief for the conversation's row."""
        return {**dataclasses.asdict(self), "weights": dict(self.weights)}

    @property
    def language(self) -> str | None:
        """The language to speak now; None until anything is known."""
        return self.current

    def wish(self, tag: str) -> Belief:
        """The client asked for a language: it is spoken from now on, whatever they write in."""
        return Belief({**self.weights, tag: USED}, tag, tag, self.current)

    def revise(self, judgement: Judgement, text: str) -> Belief:
        """The belief after a message.

        Args:
            judgement: what a detector made of `text` by itself, without this belief as its prior.
            text: the message; how much of it can tell a language decides how much it weighs.
        """
        found = clean.words(clean.normal(text))
        telling = clean.telling(found)
        if judgement.language is None or not telling:
            return self
        size = clean.size(telling) + (len(found) - len(telling)) // 2
        posterior = _posterior(judgement, self.weights)
        best = max(posterior, key=lambda tag: (posterior[tag], tag == self.current))
        clear = judgement.decided and size >= _CLEAR_WORDS
        if clear and size > _CLEAR_WORDS and judgement.confidence >= _CERTAIN:
            best = native(judgement.language)
        elif best != self.current and posterior[best] < _SWITCH and self.current:
            return self
        if best == self.current:
            return self._used(best) if clear else dataclasses.replace(self, leaning=None, times=0)
        times = self.times + 1 if best == self.leaning else 1
        sure = judgement.decided or posterior[best] >= _SURE
        if self._moves(best, clear, sure, times):
            return dataclasses.replace(
                self._used(best) if clear else self, current=best, leaning=None, times=0
            )
        return dataclasses.replace(self, leaning=best, times=times)

    def _moves(self, best: str, clear: bool, sure: bool, times: int) -> bool:
        """Whether a message that speaks for another language makes it the current one."""
        if self.current is None:
            return True
        if self.current == self.wished and best == self.wished_in:
            return clear and times >= _UNDOES_WISH
        heard = self.weights.get(self.current, 1.0) > BROWSER
        returns = self.weights.get(best, 1.0) > BROWSER
        foreign = get(best).script not in {"Latn", get(self.current).script}
        return clear or (sure and (foreign or returns or not heard or times >= _INSISTS))

    def _used(self, language: str) -> Belief:
        """The belief with the odds of a language that was clearly used."""
        faded = {tag: odds * _FADE for tag, odds in self.weights.items() if odds * _FADE > 1}
        return dataclasses.replace(self, weights={**faded, language: USED}, leaning=None, times=0)


def _posterior(judgement: Judgement, weights: Mapping[str, float]) -> dict[str, float]:
    merged: dict[str, float] = {}
    for candidate in judgement.candidates:
        tag = native(candidate.language)
        merged[tag] = merged.get(tag, 0.0) + candidate.probability
    # What the candidates leave over is shared by the languages that were not named.
    rest = max(1e-4, 1.0 - sum(merged.values())) / 10
    for tag in weights:
        merged.setdefault(tag, rest)
    odds = {
        tag: share * weights.get(tag, 1.0 if get(tag).spoken else _NEIGHBOUR)
        for tag, share in merged.items()
    }
    total = sum(odds.values())
    return {tag: share / total for tag, share in odds.items()}
