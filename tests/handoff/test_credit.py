"""Who is credited with a rating."""

import pytest

from bot.handoff.credit import most


@pytest.mark.parametrize(
    ("wrote", "resolver", "credited"),
    [
        ([], "a", "a"),  # nobody wrote
        (["b", "b", "a"], "a", "b"),  # who did most of the work
        (["a", "b"], "a", "a"),  # equal: who resolved it
        (["a", "b"], "c", "b"),  # equal, resolved by a third: who wrote last
        (["a", "b", "b", "a", "c"], "c", "a"),
    ],
)
def test_the_rule(wrote: list[str], resolver: str, credited: str) -> None:
    assert most(wrote, resolver) == credited
