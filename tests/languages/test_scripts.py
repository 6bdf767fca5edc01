"""Writing systems."""

import pytest

from bot.languages import scripts


@pytest.mark.parametrize(
    ("words", "script"),
    [
        (["where", "is"], "Latn"),
        (["আমার", "order"], "Beng"),
        (["मेरा", "refund", "कब"], "Deva"),
        (["注文はどこ"], "Kana"),
        (["订单在哪里"], "Hani"),
        (["주문"], "Hang"),
        (["привет"], "Cyrl"),
        (["میرا"], "Arab"),
        (["my", "friend", "said", "नमस्ते", "to", "everybody"], "Latn"),
    ],
)
def test_the_script_most_letters_are_in(words: list[str], script: str) -> None:
    found = scripts.dominant(words)
    assert found and found[0] == script and 0 < found[1] <= 1


def test_no_letters_no_script() -> None:
    assert scripts.dominant([]) is None
    assert scripts.dominant(["ελληνικά"]) is None
