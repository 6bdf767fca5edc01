"""The form of address: what moves it, and what must not."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.languages.locales import Locale, get, known
from bot.languages.register import (
    FORMAL,
    carried,
    mixed,
    next_register,
    occasion_of,
    register_of,
    rested,
    spoken_register,
    wished_register,
)
from bot.languages.say import say

ADDRESSED = [locale for locale in known() if locale.registers]
HEARD = [locale for locale in ADDRESSED if "pronouns" in str(locale.usage)]
locales = st.sampled_from(ADDRESSED)
names = st.sampled_from([None, "formal", "polite", "friendly", "informal", "intimate"])
serious = st.sampled_from(["complaint", "anger", "money", "apology", "failure"])


def rung(locale: Locale, register: str) -> int:
    return list(locale.registers).index(register)


@pytest.mark.parametrize(
    ("locale", "text", "heard"),
    [
        ("bn", "তুমি কি একটু দেখবে?", "informal"),
        ("bn", "আমার অর্ডার কোথায় বলো", "informal"),
        ("bn", "tumi bolo order kothay", "informal"),
        ("bn", "আপনি কি বলতে পারেন?", "formal"),
        ("bn", "রিফান্ড কবে পাব জানান", "formal"),
        ("hi", "तुम कब भेजोगे?", "informal"),
        ("hi", "mera order kahan hai jaldi batao", "informal"),
        ("hi", "order cancel kar do", "informal"),
        ("hi", "आप कब भेजेंगे?", "formal"),
        ("hi", "आप बताओ", "formal"),
        ("hi", "aap kab bhejoge", "formal"),
        ("mr", "तुमचं ऑफिस कुठे आहे?", "informal"),
        ("mr", "माझं पार्सल अजून आलं नाही", "informal"),
        ("mr", "झालं का सांगा", "informal"),
        ("mr", "आपण सांगाल का?", "formal"),
        ("ml", "നിങ്ങൾ എപ്പോൾ അയക്കും?", "informal"),
        ("ml", "ഒന്ന് പറയൂ", "informal"),
        ("ml", "ningal eppo ayakkum", "informal"),
        ("ml", "താങ്കൾക്ക് സഹായിക്കാമോ?", "formal"),
        ("es", "¿Me puedes ayudar?", "informal"),
        ("es", "¿Usted sabe cuándo llega?", "formal"),
        ("fr", "Peux-tu m'aider ?", "informal"),
        ("fr", "Pouvez-vous m’aider ?", "formal"),
        ("de", "Kannst du mir helfen?", "informal"),
        ("de", "Können Sie mir helfen?", "formal"),
        ("pt", "Você pode me ajudar?", "polite"),
        ("pt", "O senhor pode me ajudar?", "formal"),
        ("ur", "تم کب بھیجو گے؟", "informal"),
        ("ur", "آپ بتائیے", "formal"),
    ],
)
def test_what_addresses_us_is_heard(locale: str, text: str, heard: str) -> None:
    assert register_of(text, locale) == heard


@pytest.mark.parametrize(
    ("locale", "text"),
    [("bn", "তুই কোথায়"), ("bn", "toke bolchi"), ("hi", "तू कब भेजेगा"), ("hi", "tujhe kya pata"),
     ("mr", "तू कधी पाठवणार"), ("mr", "tula mahit aahe ka"), ("ml", "നീ എപ്പോൾ അയക്കും")],
)  # fmt: skip
def test_the_intimate_form_is_never_mirrored(locale: str, text: str) -> None:
    assert register_of(text, locale) == "informal"
    assert next_register(None, register_of(text, locale), None, locale) == "informal"


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("bn", "ডেলিভারি বয় বলল, তুমি কাল এসো"),
        ("bn", "মেসেজে লেখা আছে “তুমি কাল নিয়ে যেও”"),
        ("bn", "এটা ভালো হলো না, কোনো খবর নেই"),
        ("bn", "পাঠাও কুরিয়ারে দিয়েছেন?"),
        ("bn", "সে কাল বলবে"),
        ("hi", "उसने कहा कि तुम रुको"),
        ("hi", "delivery boy bola tum neeche aao"),
        ("hi", 'ऐप में "अभी ऑर्डर करो" दिखता है'),
        ("hi", "पैसे अपने आप वापस आएँगे?"),
        ("hi", "apne aap cancel ho gaya"),
        ("hi", "mujhe 2 do chahiye the"),
        ("hi", "tum log chor ho"),
        ("hi", "tum batao, aap kab bhejenge"),
        ("hi", "https://shop.example/tum/batao"),
        ("mr", "आपण उद्या पाहू"),
        ("mr", "काय झालं"),
        ("mr", "तो म्हणाला, तू उद्या ये"),
        ("ml", "നിങ്ങളുടെ കട എവിടെയാണ്?"),
        ("ml", "നിങ്ങൾ വരണം എന്ന് അയാൾ പറഞ്ഞു"),
        ("es", "El mensaje dice que tu pedido ha llegado"),
        ("es", "¿Puede llegar mañana?"),
        ("fr", "J'ai pris rendez-vous pour la livraison"),
        ("fr", "Le livreur m'a dit : tu attends"),
        ("de", "Sie haben mein Paket nicht gebracht"),
        ("de", "Er sagte, du musst warten"),
        ("pt", "O senhor da entrega não veio"),
        ("en", "Can you tell me where it is?"),
        ("ta", "நீ எங்கே"),
        ("xx", "tum"),
        ("hi", ""),
        ("hi", "> tum batao\nशुक्रिया"),
    ],
)
def test_quoted_reported_plural_and_unclear_is_not(locale: str, text: str) -> None:
    assert register_of(text, locale) is None


@given(st.sampled_from(HEARD), st.text(max_size=200))
def test_anything_may_be_written(locale: Locale, text: str) -> None:
    assert register_of(text, locale.tag) in {None, *locale.registers}
    assert wished_register(text, locale.tag) in {None, *locale.registers}
    occasion_of(text, locale.tag)
    mixed(text, locale.tag)


@given(locales, names, names)
def test_one_step_at_most_and_never_intimate(
    locale: Locale, current: str | None, heard: str | None
) -> None:
    after = next_register(current, heard, None, locale.tag)
    assert after in locale.registers
    default = rung(locale, locale.register_default)
    before = rung(locale, current) if current in locale.registers else default
    assert abs(rung(locale, after) - before) <= 1
    assert rung(locale, after) <= default + 1


@given(locales, st.lists(names, max_size=6))
def test_no_familiarity_however_long_it_goes_on(locale: Locale, said: list[str | None]) -> None:
    register: str | None = None
    for heard in said:
        register = next_register(register, heard, None, locale.tag)
        assert rung(locale, register) <= rung(locale, locale.register_default) + 1


@given(locales, names, names, serious)
def test_formal_after_an_occasion(
    locale: Locale, current: str | None, heard: str | None, occasion: str
) -> None:
    after = next_register(current, heard, occasion, locale.tag)  # type: ignore[arg-type]
    assert after == next(iter(locale.registers)) == FORMAL


@given(locales, names, names)
def test_a_rating_question_undoes_familiarity(
    locale: Locale, current: str | None, heard: str | None
) -> None:
    after = next_register(current, heard, "rating", locale.tag)
    assert rung(locale, after) <= rung(locale, locale.register_default)


def test_marathi_has_a_step_above_and_one_below() -> None:
    assert next_register("formal", "informal", None, "mr") == "polite"
    assert next_register("polite", "informal", None, "mr") == "informal"
    assert next_register("informal", None, "rating", "mr") == "polite"
    assert next_register("polite", None, "complaint", "mr") == "formal"


@pytest.mark.parametrize(
    ("locale", "text", "occasion"),
    [
        ("en", "The money was deducted but there is no order", "money"),
        ("en", "This is ridiculous", "anger"),
        ("hi", "पैसे कट गए पर ऑर्डर नहीं हुआ", "money"),
        ("hi", "paise kat gaye yaar", "money"),
        ("hi", "this is fraud", "anger"),
        ("bn", "টাকা কেটে নিয়েছে", "money"),
        ("bn", "এটা প্রতারণা", "anger"),
        ("mr", "पैसे कापले पण ऑर्डर नाही", "money"),
        ("mr", "ही फसवणूक आहे", "anger"),
        ("ml", "പൈസ പോയി", "money"),
        ("ml", "ഇത് തട്ടിപ്പാണ്", "anger"),
        ("de", "Das Geld wurde doppelt abgebucht", "money"),
        ("hi", "मेरा ऑर्डर कब आएगा", None),
        ("bn", "টাকা কীভাবে দেব?", None),
        ("en", "When do I get my refund?", None),
    ],
)
def test_anger_and_lost_money(locale: str, text: str, occasion: str | None) -> None:
    assert occasion_of(text, locale) == occasion


@pytest.mark.parametrize(
    ("locale", "text", "wished"),
    [
        ("hi", "call me tum", "informal"),
        ("hi", "please say aap", "formal"),
        ("hi", "please don't call me tum", "formal"),
        ("hi", "mujhe tum keh sakte ho", "informal"),
        ("bn", "আমাকে তুমি করে বলবেন", "informal"),
        ("bn", "তুমি করে বলবেন না", "formal"),
        ("de", "Wir können uns gern duzen", "informal"),
        ("fr", "On peut se tutoyer ?", "informal"),
        ("es", "Puedes tutearme", "informal"),
        ("bn", "তুমি বলতে পারো অর্ডার কোথায়?", None),
        ("hi", "tum kab aaoge", None),
        ("en", "call me tum", None),
    ],
)
def test_an_explicit_wish(locale: str, text: str, wished: str | None) -> None:
    assert wished_register(text, locale) == wished


def test_another_language_begins_with_its_own_form() -> None:
    assert carried("informal", "hi", "bn", None) is None
    assert carried("informal", "hi", "bn", "informal") == "informal"
    assert carried("formal", "mr", "hi", None) == "formal"
    assert carried("formal", "hi", "mr", None) is None
    assert carried("informal", "hi", "hi", None) == "informal"


def test_ratings_and_complaints_are_never_said_familiarly() -> None:
    assert spoken_register("csat.ask", "informal", get("bn")) == "formal"
    assert spoken_register("csat.ask", "informal", get("mr")) == "polite"
    assert spoken_register("engine.complaint", "informal", get("hi")) == "formal"
    assert spoken_register("engine.greet", "informal", get("hi")) == "informal"


@pytest.mark.parametrize(
    ("locale", "text", "fault"),
    [
        ("hi", "आप ज़रा दूसरे शब्दों में बताओ।", True),
        ("bn", "আপনি একটু অন্যভাবে বলো।", True),
        ("mr", "तुम्ही आपले नाव सांगा.", True),
        ("mr", "तुमचं काम झाले.", True),
        ("ml", "താങ്കൾ പറഞ്ഞത് നിങ്ങൾക്ക്", True),
        ("de", "Könnten Sie mir deine Nummer geben?", True),
        ("hi", "आप ज़रा दूसरे शब्दों में बताइए।", False),
        ("hi", "पैसे अपने आप आ जाएँगे, तुम देख लेना।", False),
        ("bn", "আপনি একটু অন্যভাবে বলবেন?", False),
        ("mr", "तुमचे काम झाले.", False),
        ("mr", "तुमचं काम झालं.", False),
        ("en", "Could you tell me?", False),
    ],
)
def test_two_forms_in_one_message_are_seen(locale: str, text: str, fault: bool) -> None:
    assert mixed(text, locale) is fault


_WAITING = itertools.product(
    ("handoff.next", "handoff.place"), ("handoff.wait", "handoff.wait_unknown")
)
_RATED = itertools.product(
    ("csat.thanks", "csat.changed", "csat.low", "csat.low_team"),
    ("csat.ask_good", "csat.ask_better"),
)


@pytest.mark.parametrize("together", [*_WAITING, *_RATED], ids=" ".join)
def test_texts_said_in_one_message_keep_one_form(together: tuple[str, str]) -> None:
    values = {"position": 2, "score": 3, "agent": "Asha", "date": "1"}
    for locale in ADDRESSED:
        for register in locale.registers:
            text = " ".join(
                say(key, locale.tag, register, count=3 if key == "handoff.wait" else None, **values)
                for key in together
            )
            assert not mixed(text, locale.tag), (locale.tag, register, text)


@pytest.mark.parametrize("locale", HEARD, ids=lambda locale: locale.tag)
def test_every_form_can_be_heard_and_none_of_ours_is_two(locale: Locale) -> None:
    assert set(locale.usage) & set(locale.registers)
    for form in locale.registers:
        phrases = locale.usage.get(form, {}).get("pronouns", "")
        for phrase in filter(None, phrases.split(", ")):
            spoken = f"x {phrase.strip()}"
            assert register_of(spoken, locale.tag) == form or "*" in spoken, phrase


@pytest.mark.parametrize(
    ("locale", "register", "wished", "after"),
    [
        ("mr", "formal", None, None),
        ("en", "formal", None, None),
        ("mr", "formal", "formal", "formal"),
        ("mr", "informal", None, "informal"),  # the client's own usage, not an occasion
        ("hi", "formal", None, "formal"),  # no more than its default
        ("hi", None, None, None),
        ("ta", "formal", None, "formal"),
    ],
)
def test_formality_of_an_occasion_ends_with_its_interaction(
    locale: str, register: str | None, wished: str | None, after: str | None
) -> None:
    assert rested(register, locale, wished) == after
