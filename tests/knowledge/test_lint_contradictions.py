"""Two texts that say different things about one matter."""

import pytest

from bot.knowledge.articles import Entry
from bot.knowledge.lint_contradictions import between_articles, between_locales
from bot.knowledge.passages import passages
from tests.knowledge.conftest import Letters

WORDS = ("zebra", "quiz", "fjord", "jump", "wax", "onyx", "lynx", "bumf", "gawky")
OTHERS = [
    Entry(word, "en", word, f"{word * 3} takes {n + 20} days {word} in {word}s.")
    for n, word in enumerate(WORDS)
]


def told(letters: Letters, *bodies: str) -> set[frozenset[str]]:
    some = [*OTHERS, *(Entry(f"a{n}", "en", "Sending back", b) for n, b in enumerate(bodies))]
    vectors = {p.digest: letters.embed([p.text], p.kind)[0] for e in some for p in passages(e)}
    clashes = between_articles(some, vectors, letters)
    return {frozenset((c.here.entry.article, c.there.entry.article)) for c in clashes}


@pytest.mark.parametrize(
    ("here", "there", "clash"),
    [
        ("You can send it back within 14 days.", "You can send it back within three weeks.", True),
        ("You can send it back within 14 days.", "You can send it back within two weeks.", False),
        ("You can send it back for ₹50.", "You can send it back for ₹80.", True),
        ("You can send it back for ₹50.", "You can send it back for ₹8,000.", False),
        ("You can send it back for ₹50.", "You can send it back for 50 days.", False),
        ("Send it back, write to a@b.example.", "Send it back, write to c@b.example.", True),
        ("Gift cards can be returned.", "Gift cards cannot be returned.", True),
    ],
)
def test_between_articles(letters: Letters, here: str, there: str, clash: bool) -> None:
    assert (frozenset(("a0", "a1")) in told(letters, here, there)) is clash


def test_a_base_too_small_to_know_what_is_usual(letters: Letters) -> None:
    pair = [Entry(str(n), "en", "Back", f"You can send it back in {n} days.") for n in (5, 9)]
    assert list(between_articles(pair, {}, letters)) == []


def test_translations_that_contradict_where_their_source_is_silent() -> None:
    source = Entry("ship", "en", "Delivery", "Soon.", source_locale="en", version=1)
    hindi = Entry("ship", "hi", "डिलीवरी", "दो दिन में।", source_locale="en", version=1)
    marathi = Entry("ship", "mr", "डिलिव्हरी", "३ दिवसांत.", source_locale="en", version=1)
    ((one, other, difference),) = between_locales([source, hindi, marathi])
    assert (one.locale, other.locale, difference.here, difference.there) == (
        "hi", "mr", ("दो",), ("3",),
    )  # fmt: skip
    english = Entry("ship", "en", "Delivery", "In 2 days.", source_locale="en", version=1)
    found = [(a.locale, b.locale) for a, b, _ in between_locales([english, hindi, marathi])]
    assert found == [("mr", "en")]
