"""Fits the coefficients of `bot.knowledge.calibrate`, and says what they come to.

    python -m training.confidence --evaluation DIR

Only training texts are used: the sample base's own wordings, the training halves of Banking77 and
HINT3 curekart (`intents/`, JSON Lines `text, label`), and Tatoeba's sentences (`language/dev.tsv`).
A question is a wording that the base does not hold, in that language or in any; a near miss is the
same question with its article taken out; an unrelated one is chat, or belongs to another base. Each
base weighs the same, whatever its size, and of each kind as much as is asked (`WEIGHT`).
Seeded: the same texts give the same coefficients. Vectors are kept in `models/.cache`.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bot.knowledge.articles import Entry
from bot.knowledge.background import background
from bot.knowledge.calibrate import ABOUT, ABOUT_BLIND, THIS, Calibration, Measures, probability
from bot.knowledge.clean import clean
from bot.knowledge.embed import Floats, embedder
from bot.knowledge.evaluate import words_of
from bot.knowledge.formats import read
from bot.knowledge.index import Snapshot
from bot.knowledge.passages import Passage
from bot.knowledge.store import computed, indexed, of_question
from bot.settings import settings

SEED = 20261122
_WORDINGS = 6  # of an intent that stands for an article
_ASKED = 300  # questions of an intent set
_CHAT = "tatoeba"
_OUT_OF_SCOPE = "NO_NODES_DETECTED"
WEIGHT = {"answerable": 2, "near miss": 1, "unrelated": 1}
"""How often each kind is taken to be asked: half of what clients write has an answer."""


class Question(NamedTuple):
    """Something asked, in a language; `gold` is the article that answers it, "" for none."""

    text: str
    language: str
    gold: str


@dataclasses.dataclass(frozen=True)
class Scene:
    """A base and what it is asked."""

    name: str
    entries: Sequence[Entry]
    questions: Sequence[Question]


class Seen(NamedTuple):
    """One question's measures, and what was true of it."""

    scene: str
    kind: str
    right: bool
    language: str
    measures: Measures


def sample_base() -> list[Entry]:
    """The articles that come with Setu."""
    found, rejected = read(settings().home / "data" / "knowledge")
    assert not rejected, rejected
    return [Entry(**item.given) for item in found]  # type: ignore[arg-type]


def held_out(entries: Iterable[Entry]) -> tuple[list[Entry], list[Question]]:
    """The base without one wording an article, the same in each of its languages; and those."""
    left, questions = [], []
    for entry in entries:
        wordings = entry.questions
        taken = _digest(entry.article)[0] % len(wordings)
        rest = tuple(text for n, text in enumerate(wordings) if n != taken)
        left.append(dataclasses.replace(entry, questions=rest))
        questions.append(Question(wordings[taken], entry.locale, entry.article))
    return left, questions


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def intent_base(file: Path, wordings: int) -> tuple[list[Entry], list[Question]]:
    """A base with an article for each intent, and other examples of the same as questions."""
    draw = np.random.default_rng(SEED)
    by: dict[str, list[str]] = defaultdict(list)
    for row in map(json.loads, file.read_text("utf-8").splitlines()):
        if row["label"] != _OUT_OF_SCOPE:
            by[row["label"]].append(row["text"])
    entries, questions = [], []
    for label, texts in sorted(by.items()):
        mixed = [texts[n] for n in draw.permutation(len(texts))]
        kept = mixed[: min(wordings, max(1, len(mixed) - 1))]
        body = label.replace("_", " ").lower()
        entries.append(Entry(label, "en", kept[0], body, tuple(kept[1:])))
        questions += [Question(text, "en", label) for text in mixed[len(kept) :]]
    chosen = draw.permutation(len(questions))[:_ASKED]
    return entries, [questions[n] for n in chosen]


def translated(base: Sequence[Entry], locales: Collection[str]) -> list[Question]:
    """Wordings in languages that the base does not have: one an article and language."""
    return [
        Question(
            e.questions[_digest(e.article + e.locale)[0] % len(e.questions)], e.locale, e.article
        )
        for e in base
        if e.locale in locales
    ]


def chat(file: Path) -> list[Question]:
    """Sentences about anything, in the languages of the base's askers and others."""
    rows = (line.split("\t") for line in file.read_text("utf-8").split("\n") if line)
    some = [(row[3], row[2]) for row in rows if (row[0], row[1]) == (_CHAT, "4-8")]
    draw = np.random.default_rng(SEED).permutation(len(some))[:_ASKED]
    return [Question(some[n][0], some[n][1], "") for n in draw]


def scenes(data: Path) -> list[Scene]:
    """The bases that the coefficients are fitted on."""
    whole = sample_base()
    left, asked = held_out(whole)
    english = [entry for entry in whole if entry.locale == "en"]
    mixed = [e for e in whole if e.locale == ("hi" if _digest(e.article)[1] % 2 else "en")]
    banking = data / "intents" / "banking77_train.jsonl"
    bank, bank_asked = intent_base(banking, _WORDINGS)
    single, single_asked = intent_base(banking, 1)
    cure, cure_asked = intent_base(data / "intents" / "hint3_curekart_train.jsonl", _WORDINGS)
    strange = chat(data / "language" / "dev.tsv")

    def others(questions: Sequence[Question]) -> list[Question]:
        return [*strange, *(q._replace(gold="") for q in questions[:_ASKED])]

    return [
        Scene("sample, other wordings", left, [*asked, *others(bank_asked)]),
        Scene(
            "sample, English",
            english,
            [*translated(whole, ("bn", "mr", "ml", "hi")), *others(bank_asked)],
        ),
        Scene(
            "sample, mixed", mixed, [*translated(whole, ("bn", "mr", "ml")), *others(bank_asked)]
        ),
        Scene("banking", bank, [*bank_asked, *others(asked)]),
        Scene("banking, one wording", single, [*single_asked, *others(asked)]),
        Scene("curekart", cure, [*cure_asked, *others(bank_asked)]),
    ]


def vectors_of(wanted: Iterable[Passage]) -> dict[str, Floats]:
    """Vectors by digest, computed once and kept."""
    model = embedder()
    file = settings().home / "models" / ".cache" / "confidence.npz"
    known: dict[str, Floats] = {}
    if file.exists():
        with np.load(file) as stored:
            for name in {key.partition(" ")[2] for key in stored}:
                rows = zip(stored[f"digests {name}"].tolist(), stored[f"rows {name}"], strict=True)
                known.update(rows)
    missing = {p.digest: p for p in wanted if p.digest not in known}
    for n, (digest, passage) in enumerate(missing.items(), 1):
        known[digest] = computed(model, passage)
        if n % 500 == 0:
            print(f"embedded {n} of {len(missing)}", flush=True)
    if missing:
        file.parent.mkdir(parents=True, exist_ok=True)
        kept = {}
        for length in {len(row) for row in known.values()}:  # words are of any length
            some = {digest: row for digest, row in known.items() if len(row) == length}
            kept[f"digests {length}"] = np.array(list(some))
            kept[f"rows {length}"] = np.stack(list(some.values()))
        np.savez(file, **kept)
    return known


def _query(text: str) -> Passage:
    return Passage(clean(text), "query")


def looked_at(scene: Scene, vectors: Mapping[str, Floats]) -> Iterator[Seen]:
    """Every question of a scene, and every near miss."""
    snapshot = Snapshot(0, scene.entries, vectors, embedder().dimensions)
    calibration = Calibration(snapshot)
    for question in scene.questions:
        query = vectors[_query(question.text).digest]
        gold = snapshot.number.get(question.gold)
        kinds = {"unrelated": ()} if gold is None else {"answerable": (), "near miss": (gold,)}
        for kind, without in kinds.items():
            words = words_of(question.text, vectors)
            text = clean(question.text)
            ranking = snapshot.rank(query, text, question.language, without, words=words)
            measures = calibration.measures(query, ranking, 1)[0]
            right = gold is not None and int(ranking.articles[0]) == gold
            yield Seen(scene.name, kind, right, question.language, measures)


Columns = NDArray[np.float64]


def fitted(seen: Sequence[Seen]) -> tuple[tuple[float, ...], ...]:
    """The coefficients of both questions: is it about something here; is it this article.

    The first with words and without them.
    """
    weights = _weights(seen)
    about = np.array([s.kind != "unrelated" for s in seen])
    first = np.array(
        [(s.measures.reach, s.measures.subject, *(s.measures.words or ())) for s in seen]
    )
    second = np.array([(s.measures.reach, s.measures.margin, s.measures.gap) for s in seen])
    right = np.array([s.right for s in seen])
    return (
        _logistic(first, about, weights),
        _logistic(first[:, :2], about, weights),
        _logistic(second[about], right[about], weights[about]),
    )


def _weights(seen: Sequence[Seen]) -> Columns:
    count: dict[tuple[str, str], int] = defaultdict(int)
    for s in seen:
        count[s.scene, s.kind] += 1
    return np.array([1000 * WEIGHT[s.kind] / count[s.scene, s.kind] for s in seen])


def _logistic(columns: Columns, wanted: NDArray[np.bool_], weights: Columns) -> tuple[float, ...]:
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))
    model.fit(columns, wanted, logisticregression__sample_weight=weights)
    scaler, regression = model[0], model[1]
    slopes = regression.coef_[0] / scaler.scale_
    constant = regression.intercept_[0] - float(slopes @ scaler.mean_)
    return (float(constant), *map(float, slopes))


def report(seen: Sequence[Seen]) -> None:
    """How the coefficients now in the code do, by base and over all."""
    print(f"{'base':22} {'n':>5} {'unrelated':>9} {'near miss':>9} {'Brier':>6}")
    names = dict.fromkeys(s.scene for s in seen)
    for name, some in [*((n, [s for s in seen if s.scene == n]) for n in names), ("all", seen)]:
        sure = np.array([probability(s.measures) for s in some])
        answerable = np.array([s.kind == "answerable" for s in some])
        areas = []
        for kind in ("unrelated", "near miss"):
            both = np.array([s.kind in ("answerable", kind) for s in some])
            areas.append(roc_auc_score(answerable[both], sure[both]))
        right = np.array([s.right for s in some])
        brier = float(np.average((sure - right) ** 2, weights=_weights(some)))
        print(f"{name:22} {len(some):5} {areas[0]:9.3f} {areas[1]:9.3f} {brier:6.3f}")


def main() -> None:
    """Fit and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evaluation", type=Path, required=True, help="folder of the data")
    chosen = scenes(parser.parse_args().evaluation)
    wanted = {p.digest: p for p in background()}
    for scene in chosen:
        wanted.update((p.digest, p) for entry in scene.entries for p in indexed(entry))
        for q in scene.questions:
            wanted.update((p.digest, p) for p in of_question(q.text))
    vectors = vectors_of(wanted.values())
    seen = [one for scene in chosen for one in looked_at(scene, vectors)]
    now = {"ABOUT": ABOUT, "ABOUT_BLIND": ABOUT_BLIND, "THIS": THIS}
    for (name, there), values in zip(now.items(), fitted(seen), strict=True):
        print(name, "=", tuple(round(value, 2) for value in values), "now", there)
    report(seen)


if __name__ == "__main__":
    main()
