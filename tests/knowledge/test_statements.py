"""What an article says, one statement at a time."""

from bot.knowledge.articles import Entry
from bot.knowledge.statements import statements


def test_an_item_of_a_list_comes_with_what_leads_to_it() -> None:
    body = "Two ways. It takes:\n\n- in cities: 2 days\n- elsewhere: 4 days\n\nSee you.\n\n1. Pay"
    entry = Entry("time", "en", "Delivery", body)
    assert [s.text for s in statements(entry)] == [
        "Two ways.", "It takes: in cities: 2 days", "It takes: elsewhere: 4 days", "See you.",
        "Pay",
    ]  # fmt: skip
    assert next(statements(entry)).titled == "Delivery: Two ways."


def test_nothing_says_nothing() -> None:
    assert list(statements(Entry("x", "en", "X", "\n \n- \n"))) == []
