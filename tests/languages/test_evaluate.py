"""The measures themselves."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.languages.detect import NOTHING, Candidate, Judgement
from bot.languages.dialogues import Dialogue, Pool, Turn, keep, simulate
from bot.languages.evaluate import BadLine, evaluate, wilson


class Parrot:
    """Judges a text by its first word: the language, a question mark for a doubt."""

    def judge(self, text: str, prior: Mapping[str, float] | None = None) -> Judgement:
        tag = text.split()[0]
        if tag == "none":
            return NOTHING
        language, sure = tag.rstrip("?"), not tag.endswith("?")
        share = 0.99 if sure else 0.5
        return Judgement(language, share, sure, (Candidate(language, share),))


def write(path: Path, *rows: str) -> Path:
    path.write_text("".join(row.replace("|", "\t") + "\n" for row in rows), encoding="utf-8")
    return path


def test_the_mean_is_over_languages_and_doubts_are_told(tmp_path: Path) -> None:
    file = write(
        tmp_path / "some.tsv",
        "lingua|word|bn|bn a", "lingua|word|bn|bn b", "lingua|word|bn|bn c", "lingua|word|bn|mr? d",
        "lingua|word|mr|hi e", "lingua|word|mr|none", "lingua|word|da|en f", "xsid|1-3|en|en g",
    )  # fmt: skip
    chat, words = evaluate([file], Parrot())
    assert (words.kind, words.n, words.languages, words.nothing) == ("words", 5, 2, 1)
    assert words.accuracy == pytest.approx((3 / 4 + 0) / 2)
    assert words.decided == pytest.approx(4 / 5) and words.precision == pytest.approx(3 / 4)
    assert words.low < words.accuracy < words.high
    assert (chat.kind, chat.bucket, chat.accuracy) == ("chat", "1-3", 1.0)


def test_romanised_files_ask_for_the_latin_class(tmp_path: Path) -> None:
    file = write(tmp_path / "romanised.tsv", "x|4-8|hi|hi-Latn a", "x|4-8|hi|hi b")
    assert evaluate([file], Parrot())[0].accuracy == 0.5


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "bad.tsv", "a|b|en|x", "nothing here")
    with pytest.raises(BadLine, match=r"bad\.tsv:2: 1 fields"):
        evaluate([file], Parrot())


def test_wilson_interval() -> None:
    low, high = wilson(0.9, 100)
    assert (round(low, 3), round(high, 3)) == (0.826, 0.945)
    assert wilson(0.0, 0) == (0.0, 1.0)


def test_the_three_ways_of_keeping_a_language() -> None:
    texts = ("bn ek dui tin", "none", "en? word", "en now it is English", "bn abar bangla tin")
    truth = ("bn", "bn", "bn", "en", "bn")
    turns = tuple(Turn(text, tag, True) for text, tag in zip(texts, truth, strict=True))
    belief, alone, lock = keep([Dialogue("fr", turns)], Parrot())
    assert (belief.right, belief.wrong_switches) == (1.0, 0.0)
    assert alone.right == pytest.approx(4 / 5) and alone.wrong_switches == pytest.approx(200)
    assert lock.right == pytest.approx(4 / 5) and lock.wrong_switches == 0


def test_simulation_is_seeded(tmp_path: Path) -> None:
    tags = ("en", "bn", "mr", "ml", "hi", "fr")
    file = write(
        tmp_path / "some.tsv", *(f"x|4-8|{t}|{t} one two three {n}" for t in tags for n in range(9))
    )
    pool = Pool([file], range(100))
    assert simulate(pool, 5, 1) == simulate(pool, 5, 1) != simulate(pool, 5, 2)
