"""Quotations and signatures go; the client's own words never do."""

import pytest

from bot.channels.email.words import own_words

ATTRIBUTIONS = [
    "On Mon, 3 May 2027 at 10:00, Nadi <help@nadi.example> wrote:",
    "On Mon, 3 May 2027 at 10:00, Nadi\n<help@nadi.example> wrote:",
    "Am 03.05.2027 um 10:00 schrieb Nadi <help@nadi.example>:",
    "Le lun. 3 mai 2027 à 10:00, Nadi <help@nadi.example> a écrit :",
    "El lun, 3 may 2027 a las 10:00, Nadi (<help@nadi.example>) escribió:",
    "Em seg., 3 de mai. de 2027 às 10:00, Nadi <help@nadi.example> escreveu:",
    "সোম, ৩ মে, ২০২৭ তারিখে ১০:০০ টায় Nadi <help@nadi.example> লিখেছেন:",
    "सोम, 3 मई 2027 को 10:00 बजे Nadi <help@nadi.example> ने लिखा:",
    "सोम, ३ मे, २०२७ रोजी १०:०० वाजता Nadi <help@nadi.example> यांनी लिहिले:",
    "2027, മേയ് 3 തിങ്കൾ 10:00-ന് Nadi <help@nadi.example> ഇപ്രകാരം എഴുതി:",
    "2027년 5월 3일 (월) 10:00, Nadi <help@nadi.example>님이 작성:",
    "في الاثنين، 3 مايو 2027 في 10:00 تمت كتابة ما يلي بواسطة Nadi <help@nadi.example>:",
    "Nadi <help@nadi.example> 于2027年5月3日周一 10:00写道：",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_what_is_quoted_below_goes(attribution: str) -> None:
    text = f"2\n\n{attribution}\n\n> Choose:\n> 1. Yes\n> 2. No\n"
    assert own_words(text, reply=True) == "2"


@pytest.mark.parametrize("attribution", ATTRIBUTIONS[:9])
def test_also_where_no_line_is_marked(attribution: str) -> None:
    text = f"It did not help.\n\n{attribution}\n\nChoose:\n1. Yes\n"
    assert own_words(text, reply=True) == "It did not help."


def test_answers_between_the_lines_stay() -> None:
    text = (
        "On 3 May 2027 Nadi <help@nadi.example> wrote:\n> Your order number?\n4411\n"
        "> And your postcode?\n400001\n"
    )
    assert own_words(text, reply=True) == "4411\n400001"


@pytest.mark.parametrize(
    "text",
    [
        "On 3 May your colleague wrote:\nwe refund you.\nWhere is it?",
        "My order numbers at 10:00:\n4411\n4412",
        "Please change:\n\nFrom: Delhi\nMumbai",
        "a -- b\n-- c",
        "> 5 kg is what I need",
    ],
)
def test_own_words_that_look_alike_stay(text: str) -> None:
    assert own_words(text, reply=False) == text
    if not text.startswith(">"):
        assert own_words(text, reply=True) == text


def test_nothing_but_a_quotation_stays_whole() -> None:
    assert own_words("> 5 kg is what I need", reply=True) == "> 5 kg is what I need"


@pytest.mark.parametrize(
    "below",
    [
        "-----Original Message-----\nFrom: Nadi\nSent: today\nold",
        "________________________________\nFrom: Nadi <help@nadi.example>\nSent: Monday\n"
        "To: Rina\nSubject: x\n\nold",
        "Von: Nadi <help@nadi.example>\nGesendet: Montag, 3. Mai\nAn: Rina\nBetreff: x\n\nold",
        "প্রেরক: Nadi\nপাঠানো: সোমবার\nবিষয়: x\n\nold",
    ],
)
def test_the_way_of_outlook(below: str) -> None:
    assert own_words(f"Thanks.\n\n{below}", reply=True) == "Thanks."


def test_forwarded_mails_are_what_the_client_wants_us_to_see() -> None:
    text = (
        "See below.\n\n---------- Forwarded message ---------\n"
        "From: X <x@y.z>\nDate: 1\nSubject: s\n\nYour parcel"
    )
    assert "Your parcel" in own_words(text, reply=True)
    assert "Your" in own_words("-----Original Message-----\nYour", reply=True, subject="Fwd: s")


@pytest.mark.parametrize(
    "signature",
    ["-- \nRina Sen\n+91 98765 43210", "--\nRina", "Sent from my iPhone", "Get Outlook for Android",
     "Von meinem iPhone gesendet", "Enviado desde mi iPhone", "iPhoneから送信"],
)  # fmt: skip
def test_signatures_go(signature: str) -> None:
    assert own_words(f"Where is it?\n\n{signature}\n", reply=False) == "Where is it?"


def test_a_long_text_after_dashes_is_no_signature() -> None:
    text = "First.\n-- \n" + "\n".join(f"line {n}" for n in range(30))
    assert "line 29" in own_words(text, reply=False)
