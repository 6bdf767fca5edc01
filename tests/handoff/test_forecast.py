"""Waits as ranges: honest about what is not known, and right where theory says what is right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handoff.forecast import HIGH, LOW, Forecast, Load, Range, sayable

_LENGTHS = st.lists(st.floats(0.5, 200), min_size=5, max_size=20).map(tuple)


def test_a_free_agent_takes_as_long_as_it_lately_did() -> None:
    found = Forecast(Load(places=4, free=2, pickups=(1, 1, 2, 2, 9))).at(2)
    assert found is not None and found.low == 1 and 2 <= found.high < 9


@pytest.mark.parametrize(
    "load",
    [
        Load(places=0, free=0, pickups=(1,) * 9, lengths=(6,) * 9),  # nobody on
        Load(places=4, free=1, pickups=(1,) * 4),  # too little experience
        Load(places=4, free=0, pickups=(1,) * 9, lengths=(6,) * 4),
    ],
)
def test_nothing_is_said_without_grounds(load: Load) -> None:
    assert Forecast(load).at(1) is None


def test_so_far_back_in_the_queue_there_is_no_figure() -> None:
    assert Forecast(Load(places=1, free=0, lengths=(6,) * 9)).at(5000) is None


def test_one_place_with_equal_lengths_is_uniform_until_the_first_end() -> None:
    """The residual life of a constant length H is uniform on (0, H)."""
    found = Forecast(Load(places=1, free=0, lengths=(10,) * 5)).at(1)
    assert found is not None
    assert found.low == pytest.approx(10 * LOW / 100, abs=0.8)
    assert found.high == pytest.approx(10 * HIGH / 100, abs=0.8)


def test_far_back_the_wait_is_ends_times_mean_length_by_places() -> None:
    """The elementary renewal theorem: c places end c / H conversations a minute."""
    lengths = (2.0, 5.0, 5.0, 20.0, 8.0)
    found = Forecast(Load(places=4, free=0, lengths=lengths)).at(200)
    assert found is not None
    assert (found.low + found.high) / 2 == pytest.approx(
        200 * float(np.mean(lengths)) / 4, rel=0.05
    )


@given(lengths=_LENGTHS, places=st.integers(1, 30), position=st.integers(1, 120))
def test_whoever_is_behind_never_waits_less(
    lengths: tuple[float, ...], places: int, position: int
) -> None:
    known = Forecast(Load(places=places, free=0, lengths=lengths))
    here, behind = known.at(position), known.at(position + 1)
    assert here is not None and behind is not None
    assert here.low <= here.high
    assert here.low <= behind.low and here.high <= behind.high


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Range(0.1, 0.9), (1, 1)),
        (Range(3.2, 4.1), (3, 5)),
        (Range(6.0, 11.0), (5, 15)),
        (Range(31.0, 44.0), (30, 50)),
        (Range(70.0, 100.0), (60, 120)),
    ],
)
def test_ranges_are_rounded_outwards(found: Range, said: tuple[int, int]) -> None:
    assert sayable(found) == said
