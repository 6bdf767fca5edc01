"""What clients asked and the base did not answer: alike questions together, across languages.

Questions come from outside (already without private data); this module only compares them. Each
is a vector from which the usual vector of its language is taken off, so that what is left is what
is asked and not in which language; directions in which everything differs count less; and two
questions that the base would surely answer with one article are one matter, with two articles two.
Alike ones are joined by average linkage.
"""

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from bot.knowledge.answer import SUGGEST_AT, Result
from bot.knowledge.background import Cohort
from bot.knowledge.base import Knowledge
from bot.knowledge.clean import clean
from bot.knowledge.embed import Embedder, Floats
from bot.knowledge.passages import language_of

ALIKE = 0.25
"""Mean likeness from which groups of questions are one gap.

Chosen with `SAME_ANSWER`, `_DAMPED` and `_OWN` on the "a" half of
`tests/knowledge/data/gap_clusters.txt` (60 questions on nine matters that the sample base does not
answer, five languages, some romanised; B-cubed precision .98, recall .75) and on the 168 answerable
questions of `shop_questions.jsonl` (.94, .87). The plain cosine that it replaces gave 1.0, .54 and
.89, .58. Precision counts more: two rows about one thing are a nuisance, one row about two things
misleads.
"""

SAME_ANSWER = 0.5
"""What is added to the likeness of two questions whose best article is the same, times how sure it
is of either; taken off where the articles differ."""

_DAMPED = 0.3
"""Share of the mean variance that is added to each direction's before it is divided by: whitening,
but not of what hardly varies at all."""

_OWN = 20
"""Questions of a language after which their own mean counts as much as the background's: a shop's
questions lie elsewhere than questions in general, but a few may all be about one thing."""

RECENT = dt.timedelta(days=7)
WINDOW = dt.timedelta(days=35)
"""What is looked back at; what came before `RECENT` is averaged a week."""

MOST = 2_000
"""Different questions that are compared, the newest; 2,000 take half a second to join."""

_TINY = 1e-9
_ASKED_OF_THE_BASE = 5
_RISE, _AT_LEAST = 1.5, 2

Kind = Literal["unanswered", "not_helped", "handed_off"]
Trend = Literal["new", "rising", "steady", "falling"]
Advice = Literal["write", "translate", "improve", "reword"]


@dataclass(frozen=True)
class Question:
    """One question that was not answered, without private data.

    Attributes:
        language: BCP 47 tag of the text; a romanised one may say so (`hi-Latn`).
        kind: nothing was found, what was shown did not help, or people had to take over.
    """

    text: str
    language: str
    kind: Kind
    at: dt.datetime


@dataclass(frozen=True)
class Wording:
    """One way in which it was asked, and how often."""

    text: str
    language: str
    count: int


@dataclass(frozen=True)
class Near:
    """The article that comes nearest; `confidence` that it answers, 0 to 1."""

    article: str
    locale: str
    title: str
    confidence: float


@dataclass(frozen=True)
class Gap:
    """Questions that are alike.

    Attributes:
        title: the wording that is most like all the others.
        language: most clients' language, without how it is written (`hi` of `hi-Latn`).
        kinds, languages: how often each; the most frequent first.
        wordings: the most frequent first, the newest first among equals.
        nearest: None where the base is empty.
        missing: the clients' languages that the nearest article, where it may be the answer, is
            not published in.
        advice: `write` an article (none is near), `translate` the nearest, `improve` it (it was
            shown and did not help), or `reword` it (add the wordings, so that it is found).
        recent: how many in the last seven days.
        before: how many a week in the four weeks before that.
    """

    title: str
    language: str
    count: int
    kinds: Mapping[str, int]
    languages: Mapping[str, int]
    wordings: tuple[Wording, ...]
    nearest: Near | None
    missing: tuple[str, ...]
    advice: Advice
    trend: Trend
    recent: int
    before: float
    last_at: dt.datetime

    def to_json(self) -> dict[str, object]:
        """As `setu kb gaps --json` prints it."""
        return {**dataclasses.asdict(self), "last_at": self.last_at.isoformat()}

    def row(self) -> "Row":
        """The gap in one line."""
        return Row(
            self.title,
            self.count,
            f"{self.recent} in 7 days, {self.before:.1f} a week before: {self.trend}",
            ", ".join(f"{tag} {count}" for tag, count in self.languages.items()),
            f"{self.nearest.article} {self.nearest.confidence:.2f}" if self.nearest else "none",
            ", ".join(self.missing),
            self.advice,
        )


@dataclass(frozen=True)
class Row:
    """A gap as a table shows it; the fields' names are the headings."""

    question: str
    asked: int
    trend: str
    languages: str
    nearest: str
    missing_in: str
    do: str


def find_gaps(
    questions: Sequence[Question], knowledge: Knowledge, embedder: Embedder, moment: dt.datetime
) -> list[Gap]:
    """Gaps, the largest first. Works for as long as the model needs: call it in a thread.

    Args:
        questions: those of `WINDOW`; older ones are left out.
        moment: what "recent" is seen from.
    """
    asked = [q for q in questions if q.at > moment - WINDOW and clean(q.text)]
    asked.sort(key=lambda q: (q.at, q.text), reverse=True)
    texts = list(dict.fromkeys(_key(q) for q in asked))[:MOST]
    number = {key: n for n, key in enumerate(texts)}
    asked = [q for q in asked if _key(q) in number]
    languages = [language for _, language in texts]
    vectors = centred(
        embedder.embed([text for text, _ in texts], "query"), languages, knowledge.cohort
    )
    groups = np.arange(len(texts))
    if len(knowledge.cohort.languages):
        groups = joined(vectors, ALIKE, [_best(knowledge, *key) for key in texts])
    members: dict[int, list[Question]] = {}
    for q in asked:
        members.setdefault(int(groups[number[_key(q)]]), []).append(q)
    found = []
    for some in members.values():
        rows = vectors[[number[_key(q)] for q in some]]
        central = some[int(np.argmax(rows @ rows.sum(axis=0)))]
        found.append(_gap(some, central, knowledge, moment))
    return sorted(found, key=lambda g: (-g.count, -g.recent, -g.last_at.timestamp(), g.title))


def _key(q: Question) -> tuple[str, str]:
    return clean(q.text).casefold(), language_of(q.language)


def _best(knowledge: Knowledge, text: str, language: str) -> tuple[str, float]:
    """The article that answers a question best, and how surely."""
    decision = knowledge.search(text, language, 1)
    return (decision.results[0].article if decision.results else "", decision.confidence)


def centred(vectors: Floats, languages: Sequence[str], cohort: Cohort) -> Floats:
    """Unit vectors of what is asked: without the usual of each one's language, and whitened."""
    if not len(cohort.languages) or not len(vectors):
        return vectors
    usual = cohort.queries.mean(axis=0)
    offsets = {language: cohort.offset(language) for language in (*languages, *cohort.languages)}
    known = _unit(cohort.queries - usual - np.stack([offsets[tag] for tag in cohort.languages]))
    moved = _unit(vectors - usual - np.stack([offsets[tag] for tag in languages]))
    variances, directions = np.linalg.eigh(known.T @ known / len(known))
    moved = _unit(moved @ (directions / np.sqrt(variances + _DAMPED * variances.mean() + _TINY)))
    tags = np.array(languages)
    for tag in set(languages):
        own = tags == tag
        count = int(own.sum())
        moved[own] -= moved[own].mean(axis=0) * (count / (count + _OWN))
    return _unit(moved)


def _unit(rows: Floats) -> Floats:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(length, _TINY), np.float32)


def joined(
    vectors: Floats, alike: float = ALIKE, best: Sequence[tuple[str, float]] = ()
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """A group number for each row: average linkage, until no two groups are `alike`.

    Args:
        best: each row's best article and how sure it is, for as many rows; or nothing.
    """
    if len(vectors) < 2:
        return np.zeros(len(vectors), np.intp)
    likeness = vectors.astype(np.float64) @ vectors.T
    if best:
        names = np.array([article for article, _ in best])
        sure = np.array([confidence for _, confidence in best])
        sign = np.where(names[:, None] == names[None, :], 1.0, -1.0)
        likeness += SAME_ANSWER * sign * np.outer(sure, sure)
    apart = np.maximum(1 - (likeness + likeness.T) / 2, 0)
    np.fill_diagonal(apart, 0)
    tree = linkage(squareform(apart, checks=False), "average")
    return np.asarray(fcluster(tree, 1 - alike, "distance"), np.intp)


def _gap(
    some: Sequence[Question], central: Question, knowledge: Knowledge, moment: dt.datetime
) -> Gap:
    kinds = Counter(str(q.kind) for q in some)
    languages = Counter(language_of(q.language) for q in some)
    wordings = _wordings(some)
    language = languages.most_common(1)[0][0]
    nearest = _nearest(wordings, knowledge)
    there = {language_of(tag) for tag in knowledge.locales_of(nearest.article)} if nearest else ()
    near = nearest is not None and nearest.confidence >= SUGGEST_AT
    missing = tuple(tag for tag, _ in languages.most_common() if near and tag not in there)
    recent = sum(q.at > moment - RECENT for q in some)
    before = (len(some) - recent) / ((WINDOW - RECENT) / RECENT)
    return Gap(
        title=central.text,
        language=language,
        count=len(some),
        kinds=dict(kinds.most_common()),
        languages=dict(languages.most_common()),
        wordings=wordings,
        nearest=nearest,
        missing=missing,
        advice=_advice(near, missing, kinds),
        trend=_trend(recent, before),
        recent=recent,
        before=before,
        last_at=max(q.at for q in some),
    )


def _wordings(some: Sequence[Question]) -> tuple[Wording, ...]:
    shown: dict[tuple[str, str], Question] = {}
    for q in some:  # the newest first: its spelling is the one shown
        shown.setdefault(_key(q), q)
    counts = Counter(_key(q) for q in some)
    return tuple(
        Wording(shown[key].text, shown[key].language, count) for key, count in counts.most_common()
    )


def _nearest(wordings: Sequence[Wording], knowledge: Knowledge) -> Near | None:
    sums: dict[str, float] = {}
    best: dict[str, Result] = {}
    asked = wordings[:_ASKED_OF_THE_BASE]
    for wording in asked:
        for result in knowledge.search(wording.text, language_of(wording.language)).results:
            sums[result.article] = sums.get(result.article, 0.0) + result.confidence
            best.setdefault(result.article, result)
    if not sums:
        return None
    article = max(sums, key=lambda name: (sums[name], name))
    result = best[article]
    return Near(article, result.locale, result.title, sums[article] / len(asked))


def _advice(near: bool, missing: Sequence[str], kinds: Counter[str]) -> Advice:
    if not near:
        return "write"
    if missing:
        return "translate"
    return "improve" if kinds["not_helped"] * 2 >= kinds.total() else "reword"


def _trend(recent: int, before: float) -> Trend:
    if not before:
        return "new"
    if recent - before >= _AT_LEAST and recent > before * _RISE:
        return "rising"
    if before - recent >= _AT_LEAST and before > recent * _RISE:
        return "falling"
    return "steady"
