"""What counts as the same figure, and what contradicts, across languages and digits."""

from pathlib import Path

import pytest

from bot.knowledge.figures import differences, figures, sentences, without_figures
from bot.knowledge.formats import read


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("within 14 days", [("14", "duration", 14 * 1440)]),
        ("১৪ দিনের মধ্যে", [("14", "duration", 14 * 1440)]),
        ("5 to 7 working days", [("5", "duration", 7200), ("7", "duration", 10080)]),
        ("२ ते ४ दिवस", [("2", "duration", 2880), ("4", "duration", 5760)]),
        ("₹1,23,456 or 500 রুপি", [("1,23,456", "money", 123456), ("500", "number", 500)]),
        ("49 രൂപ", [("49", "money", 49)]),
        ("Rs. 99 and 10% off", [("99", "money", 99), ("10", "percent", 10)]),
        ("from 9:30 am to 9 pm", [("9:30", "time", 9.5), ("9", "time", 9)]),
        ("রাত ৯টা পর্যন্ত", [("9", "time", 9)]),
        ("24 മണിക്കൂറിനുള്ളിൽ", [("24", "duration", 1440)]),
        ("1. Open it\n2. Press it", []),
        ("ND-482133, 12/11/2026, A4, 3G", []),
        ("19,000 PIN codes", [("19,000", "number", 19000)]),
        ("You have three weeks", [("three", "duration", 21 * 1440)]),
        ("two to four working days", [("two", "duration", 2880), ("four", "duration", 5760)]),
        ("one of 6 months, one code", [("6", "duration", 180 * 1440)]),
        ("দুদিন বা সাতটি কাজের দিন", [("দু", "duration", 2880), ("সাতটি", "duration", 10080)]),
        ("দুটো কোড। পঞ্চাশ টাকা", [("পঞ্চাশ", "money", 50)]),
        ("चौबीस घंटे, रात नौ बजे", [("चौबीस", "duration", 1440), ("नौ", "time", 9)]),
        ("सहा महिन्यांनंतर", [("सहा", "duration", 180 * 1440)]),
        ("രണ്ടാഴ്ചയ്ക്കുള്ളിൽ", [("രണ്ട", "duration", 14 * 1440)]),
        ("সকাল সাড়ে ৯টা থেকে", [("9", "time", 9.5)]),
        ("সাড়ে তিনশো টাকা, চোদ্দ দিন", [("তিনশো", "money", 350), ("চোদ্দ", "duration", 14 * 1440)]),
        ("सुबह साढ़े नौ से रात बारह बजे", [("नौ", "time", 9.5), ("बारह", "time", 0)]),
        ("पांच हजार रुपये, डेढ साल", [("पांच हजार", "money", 5000), ("डेढ", "duration", 547.5 * 1440)]),
        ("सकाळी साडेनऊ वाजता, दोनशे रुपये", [("साडेनऊ", "time", 9.5), ("दोनशे", "money", 200)]),
        ("अर्ध्या तासात", [("अर्ध्या", "duration", 30)]),
        ("പത്തു ദിവസം, ആറാഴ്ച", [("പത്തു", "duration", 14400), ("ആറ", "duration", 42 * 1440)]),
        ("ഒമ്പതര മണിക്ക്, അരമണിക്കൂർ", [("ഒമ്പതര", "time", 9.5), ("അര", "duration", 30)]),
        ("Ring +91 20-4123 4567", [("+91 20-4123 4567", "phone", 2041234567)]),
        ("on 2026-11-21", [(n, "number", float(n)) for n in ("2026", "11", "21")]),
        ("", []),
    ],
)
def test_figures(text: str, kinds: list[tuple[str, str, float]]) -> None:
    assert [(f.text, f.kind, f.value) for f in figures(text)] == kinds


@pytest.mark.parametrize(
    ("here", "there", "differ"),
    [
        ("Within 14 days.", "১৪ দিনের মধ্যে।", False),
        ("Within 24 hours.", "Within 1 day.", False),
        ("Within two weeks.", "14 दिन में।", False),
        ("Within two weeks.", "चौदह दिन में।", False),
        ("Within two weeks.", "दहा दिवसांत.", True),
        ("Within a fortnight.", "14 दिन में।", False),  # in other words: nothing is proven
        ("Within 14 days.", "15 दिन में।", True),
        ("Free from ₹499.", "₹599 থেকে ফ্রি।", True),
        ("From 9 am to 9 pm.", "सकाळी ९ ते रात्री १० वाजता", True),
        ("48 hours. Once more: 48 hours.", "৪৮ ঘণ্টা। আবার: ৪৯ ঘণ্টা।", True),
        ("It costs 30 rupees.", "It takes 5 days.", False),
        ("Write to help@shop.example.", "help@shop.example पर लिखिए।", False),
        ("Write to help@shop.example.", "care@shop.example पर लिखिए।", True),
        ("Write to help@shop.example.", "12 दिन में लिखिए।", False),
        ("Call 020-4123-4567.", "फोन: +91 20 4123 4567", False),
        ("Call 020-4123-4567.", "फोन: +91 20 4123 4568", True),
    ],
)
def test_differences(here: str, there: str, differ: bool) -> None:
    assert any(differences(here, there)) is differ
    assert any(differences(there, here)) is differ


def test_an_address_is_told_by_its_letters() -> None:
    (found,) = figures("Write to Help@Shop.example")
    assert (found.text, found.kind) == ("help@shop.example", "email")


def test_a_text_without_its_figures() -> None:
    assert without_figures("**Two** weeks, ₹१,०००, a@b.example") == "# weeks, ₹#, #"


def test_the_sample_base_says_the_same_in_every_language() -> None:
    found, _ = read(Path(__file__).parents[2] / "data" / "knowledge")
    bodies = {(f.given["article"], f.given["locale"]): str(f.given["body"]) for f in found}
    wrong = [
        (article, locale)
        for (article, locale), body in bodies.items()
        if any(differences(bodies[article, "en"], body))
    ]
    assert len(bodies) >= 190 and wrong == []


def test_sentences() -> None:
    assert sentences("One. Two!\n\n1. Three\n- **Four**\nপাঁচ। ছয়") == [
        "One.", "Two!", "Three", "Four", "পাঁচ।", "ছয়",
    ]  # fmt: skip
