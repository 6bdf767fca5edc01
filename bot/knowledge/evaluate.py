"""How good the base's answers are: cross-lingual, mixed and refusing, beside two baselines.

Measures, on a FAQ translated into several languages (JSON Lines `id, lang, q, a`):

- `cross-lingual`: the base in English, every question asked in every other language, hit@1;
- `mixed`: half the articles in the asker's language, the other half in English, and the other way
  round, hit@1;
- `unrelated`, `near miss`: AUROC of the confidence, answerable questions against ones about
  something else and against the same questions with their own article taken out;
- `answered`: share of answerable questions answered right by the surest answers of which, among
  answerable and unrelated ones, at least 97 % are right.

Baselines, from the same run: `raw e5` (highest cosine of any text of an article) and `BM25`
(Okapi, k1 1.2, b .75, over words).
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import roc_auc_score

from bot.knowledge.articles import Entry
from bot.knowledge.background import background
from bot.knowledge.calibrate import Calibration
from bot.knowledge.clean import clean
from bot.knowledge.embed import Embedder, Floats
from bot.knowledge.formats import read
from bot.knowledge.index import Snapshot
from bot.knowledge.passages import Passage
from bot.knowledge.store import computed, indexed, of_question
from bot.knowledge.words import unpacked
from bot.settings import settings

PIVOT = "en"
PRECISION = 0.97
_RESAMPLES = 500
_WORD = re.compile(r"\w+")

METHODS = ("setu", "raw e5", "BM25")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        measure: see the module.
        base: `en` or `mixed`.
        method: one of `METHODS`.
        language: of the questions; `mean` and `worst` over languages, `all` pooled.
        n: questions that count (for AUROC, both kinds).
        value: 0 to 1.
        low, high: 95 % interval: Wilson's for one language, bootstrap over articles otherwise.
    """

    measure: str
    base: str
    method: str
    language: str
    n: int
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Compared:
    """One measure of every method: per cent, and the 95 % interval."""

    measure: str
    base: str
    language: str
    n: int
    setu: str
    raw_e5: str
    bm25: str


def compared(rows: Iterable[Row]) -> list[Compared]:
    """The methods side by side; `worst` names each one's worst, which may be another language."""
    by: dict[tuple[str, str, str], dict[str, Row]] = defaultdict(dict)
    for row in rows:
        by[row.measure, row.base, row.language][row.method] = row
    return [
        Compared(*key, there["setu"].n, *(_cell(there[method]) for method in METHODS))
        for key, there in by.items()
    ]


def _cell(row: Row) -> str:
    return f"{row.value:.1%} [{row.low:.1%}, {row.high:.1%}]"


class Asked(NamedTuple):
    """What one method made of one question."""

    method: str
    kind: str  # "answerable", "near miss" or "unrelated"
    language: str
    gold: str
    right: bool
    confidence: float


def evaluate(
    file: Path,
    embedder: Embedder,
    unrelated: Sequence[tuple[str, str]] = (),
    progress: Progress | None = None,
) -> list[Row]:
    """All measures on one file.

    Args:
        file: the FAQ; languages without English counterparts are left out.
        embedder: what turns texts into vectors; every text is embedded once.
        unrelated: (language, question) about something else; default, how the sample base's
            articles are asked for.
        progress: called with how many texts are embedded and how many there are.

    Raises:
        ValueError: the file cannot be read, or has not two languages, one of them English.
    """
    found, rejected = read(file)
    if rejected:
        raise ValueError(f"{rejected[0].source}: {rejected[0].reason}")
    by: dict[str, dict[str, Entry]] = defaultdict(dict)
    for item in found:
        entry = Entry(**item.given)  # type: ignore[arg-type]
        by[entry.locale][entry.article] = entry
    pivot = by.pop(PIVOT, {})
    if not pivot or not by:
        raise ValueError(f"{file.name}: needs questions in {PIVOT} and in another language")
    others = list(unrelated) or _sample_questions()
    vectors = _embedded(embedder, [pivot, *by.values()], others, progress)
    rows: list[Row] = []
    single = Bench(list(pivot.values()), vectors, embedder.dimensions)
    asked = [a for there in by.values() for a in single.ask(there.values())]
    asked += single.ask_unrelated(others)
    rows += [*_hits("cross-lingual", PIVOT, asked), *_refusals(PIVOT, asked)]
    asked = []
    for language, there in by.items():
        for half in (0, 1):
            mixed = [
                there[article] if _half(article) == half and article in there else entry
                for article, entry in pivot.items()
            ]
            bench = Bench(mixed, vectors, embedder.dimensions)
            asked += bench.ask(there.values())
            asked += bench.ask_unrelated([o for o in others if o[0] in (language, PIVOT)])
    return [*rows, *_hits("mixed", "mixed", asked), *_refusals("mixed", asked)]


def _half(article: str) -> int:
    return hashlib.sha256(article.encode()).digest()[0] % 2


def _sample_questions() -> list[tuple[str, str]]:
    found, _ = read(settings().home / "data" / "knowledge")
    questions = []
    for item in found:
        entry = Entry(**item.given)  # type: ignore[arg-type]
        questions += [(entry.locale, wording) for wording in entry.questions[:1]]
    return questions


def _embedded(
    embedder: Embedder,
    bases: Sequence[Mapping[str, Entry]],
    others: Sequence[tuple[str, str]],
    progress: Progress | None,
) -> dict[str, Floats]:
    wanted = {p.digest: p for p in background()}
    for base in bases:
        for entry in base.values():
            wanted.update((p.digest, p) for p in indexed(entry))
            wanted.update((p.digest, p) for p in of_question(entry.title))
    for _, text in others:
        wanted.update((p.digest, p) for p in of_question(text))
    vectors = {}
    for n, (digest, passage) in enumerate(wanted.items(), 1):
        vectors[digest] = computed(embedder, passage)
        if progress is not None:
            progress(n, len(wanted))
    return vectors


def _query(text: str) -> Passage:
    return Passage(clean(text), "query")


def words_of(text: str, vectors: Mapping[str, Floats]) -> Floats:
    """A question's words, which must be among these."""
    return unpacked(vectors[Passage(clean(text), "words").digest])


class Bench:
    """One base, asked by every method.

    Args:
        entries: what is in it, each article once.
        vectors: of everything that is asked and answered with.
        dimensions: of a vector.
    """

    def __init__(
        self, entries: Sequence[Entry], vectors: Mapping[str, Floats], dimensions: int
    ) -> None:
        self._vectors = vectors
        self._snapshot = Snapshot(0, entries, vectors, dimensions)
        self._calibration = Calibration(self._snapshot)
        self._words = Words([f"{e.title}\n{e.body}".lower() for e in self._snapshot.entries])

    def ask(self, questions: Iterable[Entry]) -> Iterator[Asked]:
        """Each entry's question, with its article in the base and with it taken out."""
        for entry in questions:
            if entry.article in self._snapshot.articles:
                gold = self._snapshot.articles.index(entry.article)
                yield from self._answers("answerable", entry.locale, entry.title, gold, ())
                yield from self._answers("near miss", entry.locale, entry.title, gold, (gold,))

    def ask_unrelated(self, questions: Sequence[tuple[str, str]]) -> list[Asked]:
        """Questions that nothing in the base answers."""
        return [
            answer
            for language, text in questions
            for answer in self._answers("unrelated", language, text, -1, ())
        ]

    def _answers(
        self, kind: str, language: str, text: str, gold: int, without: tuple[int, ...]
    ) -> Iterator[Asked]:
        snapshot = self._snapshot
        query = self._vectors[_query(text).digest]
        words = words_of(text, self._vectors)
        ranking = snapshot.rank(query, clean(text), language, without, words=words)
        tops = {
            "setu": (
                int(ranking.articles[0]),
                self._calibration.confidences(query, ranking, 1)[0],
            ),
            "raw e5": self._nearest(snapshot.vectors @ query, without),
            "BM25": self._words.best(text, snapshot.article_of, without),
        }
        name = snapshot.articles[gold] if gold >= 0 else text
        for method, (top, confidence) in tops.items():
            yield Asked(method, kind, language, name, top == gold, confidence)

    def _nearest(self, cosines: Floats, without: tuple[int, ...]) -> tuple[int, float]:
        best = self._snapshot.nearest_entries(cosines)
        best[np.isin(self._snapshot.article_of, without)] = -1
        top = int(best.argmax())
        return int(self._snapshot.article_of[top]), float(best[top])


class Words:
    """Okapi BM25 over words (Robertson and Zaragoza 2009; k1 1.2, b .75)."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._counter = CountVectorizer(analyzer=_WORD.findall, lowercase=False)
        counts = self._counter.fit_transform(texts).toarray().astype(np.float64)
        length = counts.sum(axis=1, keepdims=True)
        containing = (counts > 0).sum(axis=0)
        rarity = np.log(1 + (len(texts) - containing + 0.5) / (containing + 0.5))
        norm = 1.2 * (0.25 + 0.75 * length / length.mean())
        self._weights = rarity * counts * 2.2 / (counts + norm)

    def best(
        self, text: str, article_of: NDArray[np.intp], without: tuple[int, ...]
    ) -> tuple[int, float]:
        """The best article and its score."""
        scores = self._weights @ self._counter.transform([text.lower()]).toarray()[0]
        scores[np.isin(article_of, without)] = -1
        top = int(scores.argmax())
        return int(article_of[top]), float(scores[top])


def _hits(measure: str, base: str, asked: Sequence[Asked]) -> Iterator[Row]:
    for method in METHODS:
        answerable = [a for a in asked if a.method == method and a.kind == "answerable"]
        by: dict[str, list[bool]] = defaultdict(list)
        for a in answerable:
            by[a.language].append(a.right)
        rows = [
            Row(measure, base, method, language, len(hits), float(np.mean(hits)), *_wilson(hits))
            for language, hits in sorted(by.items())
        ]
        low, high = _bootstrap(answerable, _mean_by_language)
        mean = _mean_by_language(answerable)
        yield Row(measure, base, method, "mean", len(answerable), mean, low, high)
        worst = min(rows, key=lambda row: row.value)
        yield Row(measure, base, method, "worst", worst.n, worst.value, worst.low, worst.high)
        yield from rows


def _refusals(base: str, asked: Sequence[Asked]) -> Iterator[Row]:
    for method in METHODS:
        mine = [a for a in asked if a.method == method]
        for kind in ("unrelated", "near miss"):
            some = [a for a in mine if a.kind in ("answerable", kind)]
            low, high = _bootstrap(some, _auroc)
            yield Row(kind, base, method, "all", len(some), _auroc(some), low, high)
        some = [a for a in mine if a.kind in ("answerable", "unrelated")]
        low, high = _bootstrap(some, _answered)
        yield Row("answered", base, method, "all", len(some), _answered(some), low, high)


def _mean_by_language(asked: Sequence[Asked]) -> float:
    by: dict[str, list[bool]] = defaultdict(list)
    for a in asked:
        by[a.language].append(a.right)
    return float(np.mean([np.mean(hits) for hits in by.values()]))


def _auroc(asked: Sequence[Asked]) -> float:
    answerable = [a.kind == "answerable" for a in asked]
    return float(roc_auc_score(answerable, [a.confidence for a in asked]))


def _answered(asked: Sequence[Asked]) -> float:
    surest = sorted(asked, key=lambda a: -a.confidence)
    right = np.cumsum([a.right and a.kind == "answerable" for a in surest])
    precise = right / np.arange(1, len(surest) + 1) >= PRECISION
    most = int(right[precise].max()) if precise.any() else 0
    return most / sum(a.kind == "answerable" for a in asked)


def _bootstrap(
    asked: Sequence[Asked], measure: Callable[[Sequence[Asked]], float]
) -> tuple[float, float]:
    # Whole articles are drawn: one question in twelve languages is not twelve questions.
    clusters: dict[str, list[Asked]] = defaultdict(list)
    for a in asked:
        clusters[a.gold].append(a)
    names, draw = sorted(clusters), np.random.default_rng(1)
    values = []
    for _ in range(_RESAMPLES):
        some = draw.integers(0, len(names), len(names))
        sample = [a for n in some for a in clusters[names[n]]]
        if len({a.kind == "answerable" for a in sample}) == 2 or measure is _mean_by_language:
            values.append(measure(sample))
    return float(np.percentile(values, 2.5)), float(np.percentile(values, 97.5))


def _wilson(hits: Sequence[bool]) -> tuple[float, float]:
    z, n, share = 1.96, len(hits), float(np.mean(hits))
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)
