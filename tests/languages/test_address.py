"""How a client is called, and sentences that close over a name that is not known."""

import pytest

from bot.languages.address import addressed, with_client


@pytest.mark.parametrize(
    ("name", "tag", "called"),
    [
        ("रमेश कुमार", "hi", "रमेश जी"),
        ("स्नेहा राजेश पाटील", "mr", "स्नेहा जी"),
        ("Md. Rahim Uddin", "bn", "Rahim"),
        ("K. അനിൽകുമാർ", "ml", "അനിൽകുമാർ"),
        ("Anne-Marie Dupont", "en", "Anne-Marie"),
        ("Asha", "xx", "Asha"),
        ("  ", "hi", ""),
        (None, "en", ""),
    ],
)
def test_the_given_name_as_the_language_has_it(name: str | None, tag: str, called: str) -> None:
    assert addressed(name, tag) == called


@pytest.mark.parametrize(
    ("template", "with_name", "without"),
    [
        (
            "Hello {client}, how can I help?",
            "Hello Rina, how can I help?",
            "Hello, how can I help?",
        ),
        ("Thank you, {client}.", "Thank you, Rina.", "Thank you."),
        ("{client}, your parcel is here.", "Rina, your parcel is here.", "Your parcel is here."),
        ("No name at all.", "No name at all.", "No name at all."),
    ],
)
def test_a_sentence_closes_over_a_missing_name(template: str, with_name: str, without: str) -> None:
    assert with_client(template, "Rina Das", "en") == with_name
    assert with_client(template, None, "en") == without


def test_a_name_is_only_a_name() -> None:
    assert with_client("Hello {client}!", r"{agent}\1 Das", "en") == r"Hello {agent}\1!"
