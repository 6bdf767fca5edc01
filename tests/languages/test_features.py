"""Hashed features."""

from hypothesis import given
from hypothesis import strategies as st

from bot.languages.features import indices

KNOWN = [138869, 191818, 149742, 173705, 16513, 250979, 53661, 244302, 198987]
words = st.lists(
    st.text(st.characters(whitelist_categories=["L", "M"]), min_size=1, max_size=12),
    min_size=1,
    max_size=8,
)


@given(words)
def test_words_add_up_and_rows_are_in_the_table(texts: list[str]) -> None:
    whole = sorted(indices(texts, 12, sounds=False).tolist())
    assert whole == sorted(
        row for word in texts for row in indices([word], 12, sounds=False).tolist()
    )
    assert whole[0] >= 0 and whole[-1] < 1 << 12


@given(words)
def test_rows_never_change(texts: list[str]) -> None:
    assert (
        indices(texts, 18, sounds=True).tolist() == indices(list(texts), 18, sounds=True).tolist()
    )


def test_known_rows_stay_where_the_shipped_model_has_them() -> None:
    assert indices(["ab"], 18, sounds=False).tolist() == KNOWN


def test_spellings_of_one_sound_share_features() -> None:
    def shared(one: str, other: str) -> int:
        return len({*indices([one], 18, True).tolist()} & {*indices([other], 18, True).tolist()})

    assert shared("nahi", "naahee") > 0
    assert shared("jhala", "zala") > shared("jhala", "purba")
