"""Effects survive the dispatcher."""

import pytest

from bot.conversations import effects


@pytest.mark.parametrize(
    "effect",
    [
        effects.HandOff("asked"),
        effects.ShowArticle("return-item", "bn", 0.9),
        effects.NoteTopic("returns"),
        effects.Unanswered("?"),
        effects.Helped(True),
        effects.ChangeLanguage("mr"),
        effects.EndChat(),
    ],
)
def test_there_and_back(effect: effects.Effect) -> None:
    assert effects.effect_from_json(effect.to_json()) == effect


@pytest.mark.parametrize("payload", [{}, {"effect": "rm"}, {"effect": "hand_off"}])
def test_what_is_no_effect_is_refused(payload: dict[str, str]) -> None:
    with pytest.raises(effects.UnknownEffect):
        effects.effect_from_json(payload)
