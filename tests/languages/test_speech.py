"""How messages hang together: clauses, and what points back."""

import pytest

from bot.languages import locales, speech


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        (
            "I hate this shop, my bowl arrived broken and nobody answers",
            ("I hate this shop", "my bowl arrived broken", "nobody answers"),
        ),
        ("আমার পার্সেল আসেনি। টাকা ফেরত চাই", ("আমার পার্সেল আসেনি", "টাকা ফেরত চাই")),
        ("पैसे कट गए और ऑर्डर नहीं हुआ", ("पैसे कट गए", "ऑर्डर नहीं हुआ")),
        ("बशी फुटली आणि पैसे परत हवेत", ("बशी फुटली", "पैसे परत हवेत")),
        ("പാഴ്സൽ വന്നില്ല പക്ഷേ പണം പോയി", ("പാഴ്സൽ വന്നില്ല", "പണം പോയി")),
        ("parcel nahi aaya aur paise kat gaye", ("parcel nahi aaya", "paise kat gaye")),
        ("idiots, where is my parcel", ("where is my parcel",)),
        ("I paid 1,499.50 in all", ()),
        ("where is my parcel?", ()),
        ("returns and refunds", ()),
        ("andrea sandals", ()),
        ("", ()),
    ],
)
def test_clauses_end_where_something_else_is_said(text, clauses):
    assert speech.clauses(text) == clauses


def test_only_the_longest_clauses_are_kept_in_order():
    text = ". ".join(f"part {'x' * n}" for n in (3, 9, 4, 8, 5, 7, 6, 1, 2))
    assert [len(clause) - 5 for clause in speech.clauses(text)] == [9, 4, 8, 5, 7, 6]
    assert len(speech.clauses(text)) == speech.MOST


@pytest.mark.parametrize(
    ("text", "refers"),
    [
        ("how long does that take?", True),
        ("is it free", True),
        ("এতে কতদিন লাগবে?", True),
        ("त्याला किती दिवस लागतील?", True),
        ("അതിന് എത്ര ദിവസം?", True),
        ("इसमें कितने दिन लगेंगे", True),
        ("ওটার টাকা কবে পাব?", True),
        ("അതിൻ്റെ വില എത്ര?", True),
        ("usme kitna time lagega", True),
        ("how long does delivery take?", False),
        ("item broken", False),
        ("ডেলিভারি কতদিনে", False),
    ],
)
def test_a_message_that_speaks_of_what_it_does_not_name(text, refers):
    assert speech.refers_back(text) is refers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("assalamu alaikum", True),
        ("السلام عليكم", True),
        ("السلام علیکم", True),
        ("സലാം", True),
        ("is this Salem", False),
        ("নমস্কার", False),
    ],
)
def test_a_salam_is_heard_in_any_language(text, said):
    assert speech.salam(text) is said


def test_the_five_languages_have_words_that_join_and_point():
    complete = [each for each in locales.known() if each.quality == "complete"]
    assert len(complete) == 5
    assert all(each.speech.joins and each.speech.points for each in complete)
