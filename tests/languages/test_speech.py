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
        ("llegó roto pero nadie responde", ("llegó roto", "nadie responde")),
        (
            "où est mon colis et combien coûte le retour",
            ("où est mon colis", "combien coûte le retour"),
        ),
        (
            "ist kaputt angekommen aber niemand antwortet",
            ("ist kaputt angekommen", "niemand antwortet"),
        ),
        ("chegou quebrado porém ninguém responde", ("chegou quebrado", "ninguém responde")),
        ("وصل الطلب مكسورا ولكن لا أحد يرد", ("وصل الطلب مكسورا", "لا أحد يرد")),
        ("پارسل ٹوٹا ہوا آیا اور پیسے کٹ گئے", ("پارسل ٹوٹا ہوا آیا", "پیسے کٹ گئے")),
        ("பார்சல் வரவில்லை ஆனால் பணம் போய்விட்டது", ("பார்சல் வரவில்லை", "பணம் போய்விட்டது")),
        ("పార్సిల్ రాలేదు కానీ డబ్బు పోయింది", ("పార్సిల్ రాలేదు", "డబ్బు పోయింది")),
        ("return cheyyan ethra divasam und", ()),
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
        ("¿cuánto tarda eso?", True),
        ("combien coûte cela ?", True),
        ("gibt es davon mehr?", True),
        ("quanto custa isso?", True),
        ("كم يستغرق هذا؟", True),
        ("اس میں کتنے دن لگیں گے؟", True),
        ("இதற்கு எத்தனை நாள் ஆகும்?", True),
        ("దీనికి ఎన్ని రోజులు పడుతుంది?", True),
        ("donde esta mi pedido", False),
        ("ist das Paket von Rina Das da?", False),
        ("parcel ese geche", False),
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


def test_every_language_that_clients_are_spoken_to_in_has_words_that_join_and_point():
    spoken = [each.tag for each in locales.known() if each.quality != "answers only"]
    assert len(spoken) >= 15
    assert {tag: lacking for tag in spoken if (lacking := speech.lacking(tag))} == {}


def test_what_a_language_lacks_is_named_unless_it_writes_without_spaces():
    assert speech.lacking("gu") == ("joins", "points")
    assert speech.lacking("ja") == speech.lacking("th") == ()
