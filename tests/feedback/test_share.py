"""Shares: percentages and what so few can say."""

import pytest

from bot.feedback.share import Share


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    # By Wilson's formula, with z = 1.96 for 95 %.
    [(5, 10, 23.66, 76.34), (8, 10, 49.02, 94.33), (0, 10, 0, 27.75), (1, 1, 20.65, 100)],
)
def test_the_interval_is_wilsons(count: int, of: int, low: float, high: float) -> None:
    assert Share(count, of).interval == pytest.approx((low, high), abs=0.01)


def test_it_narrows_and_never_leaves_the_scale() -> None:
    widths = []
    for of in (1, 10, 100, 1000):
        low, high = Share(of, of).interval or (-1, -1)
        assert 0 <= low < high <= 100
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)


def test_of_nothing_there_is_no_share() -> None:
    assert (Share(0, 0).percent, Share(0, 0).interval, Share(0, 0).enough) == (None, None, False)
    assert (Share(3, 9).enough, Share(3, 10).enough) == (False, True)
