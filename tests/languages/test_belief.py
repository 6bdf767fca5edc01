"""What a conversation believes of its client's language."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.languages.belief import Belief
from bot.languages.detect import Candidate, Judgement, detector
from bot.languages.dialogues import JUNK

CLEAR = {
    "en": "I would like to return these shoes",
    "bn": "আমি এই জুতোটা ফেরত দিতে চাই",
    "mr": "मला हे बूट परत करायचे आहेत",
    "ml": "എനിക്ക് ഈ ഷൂ തിരികെ നൽകണം",
    "hi": "मुझे ये जूते वापस करने हैं",
    "fr": "Je voudrais rendre ces chaussures",
    "de": "Ich möchte diese Schuhe zurückgeben",
}
languages = st.sampled_from(sorted(CLEAR))


def after(belief: Belief, *texts: str) -> Belief:
    for text in texts:
        belief = belief.revise(detector("setu").judge(text), text)
    return belief


def test_it_starts_with_the_browser_and_with_nothing() -> None:
    assert Belief.starting("bn-BD").language == "bn"
    assert Belief.starting(None).language is None
    assert Belief.starting("tlh").language is None


@given(first=languages, second=languages, browser=st.one_of(st.none(), languages))
@settings(max_examples=60, deadline=None)
def test_a_clear_message_changes_it_at_once(first: str, second: str, browser: str | None) -> None:
    belief = after(Belief.starting(browser), CLEAR[first])
    assert belief.language == first
    assert after(belief, CLEAR[second]).language == second


@given(language=languages, junk=st.lists(st.sampled_from(JUNK), max_size=8))
@settings(max_examples=60, deadline=None)
def test_junk_changes_nothing(language: str, junk: list[str]) -> None:
    belief = after(Belief.starting(None), CLEAR[language])
    assert after(belief, *junk) == belief


@given(
    texts=st.lists(
        st.one_of(st.sampled_from([*CLEAR.values(), *JUNK]), st.text(max_size=20)), max_size=12
    ),
    last=languages,
)
@settings(max_examples=60, deadline=None)
def test_it_is_never_locked_and_survives_storage(texts: list[str], last: str) -> None:
    belief = after(Belief.starting("en"), *texts)
    stored = json.loads(json.dumps(belief.to_json()))
    assert Belief.from_json(stored) == belief
    assert after(belief, *[CLEAR[last]] * 3).language == last


def test_a_borrowed_word_or_two_does_not_move_it_but_two_messages_do() -> None:
    belief = after(Belief.starting(None), CLEAR["de"])
    assert after(belief, "special child").language == "de"
    assert after(belief, "special child", "great weather").language == "en"


def test_one_word_of_another_script_moves_it() -> None:
    belief = after(Belief.starting("en"), CLEAR["en"])
    assert after(belief, "ধন্যবাদ").language == "bn"
    assert after(belief, "ধন্যবাদ", "ok", "thanks").language == "bn"


def test_romanised_counts_for_its_language() -> None:
    assert after(Belief.starting("en"), "mera order abhi tak nahi aaya hai").language == "hi"


def test_words_that_urdu_and_hindi_share_do_not_change_one_for_the_other() -> None:
    for before in (
        after(Belief.starting(None), "مجھے یہ جوتے واپس کرنے ہیں"),
        Belief.starting("ur-PK"),
    ):
        assert before.language == "ur"
        assert after(before, "shukriya", "theek hai", "haan ji").language == "ur"
    assert after(Belief.starting("en"), "shukriya").language == "hi"
    assert after(after(Belief.starting(None), CLEAR["hi"]), "shukriya").language == "hi"


def test_a_first_word_beats_the_browser() -> None:
    assert after(Belief.starting("en"), "bonjour madame").language == "fr"


def test_a_wish_holds_against_the_language_it_was_uttered_in() -> None:
    belief = after(Belief.starting("en"), CLEAR["en"]).wish("mr")
    assert belief.language == "mr" and belief.wished == "mr"
    assert after(belief, "what about the refund then", "ok").language == "mr"
    assert after(belief, CLEAR["en"], CLEAR["en"], CLEAR["en"]).language == "en"
    assert after(belief, CLEAR["bn"]).language == "bn"
    assert after(belief, CLEAR["bn"]).wished == "mr"


def test_a_neighbour_we_only_tell_apart_needs_more() -> None:
    belief = Belief.starting("id")
    unsure = Judgement("ms", 0.75, True, (Candidate("ms", 0.75), Candidate("id", 0.25)))
    assert belief.revise(unsure, "satu dua tiga empat").language == "id"


@pytest.mark.parametrize("stored", [None, {}])
def test_nothing_stored_is_an_empty_belief(stored: dict[str, object] | None) -> None:
    assert Belief.from_json(stored) == Belief()
