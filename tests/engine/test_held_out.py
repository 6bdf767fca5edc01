"""The shop's own intents, asked with messages that nobody trained on.

`data/nlu/*.yml` were written by second readers before they saw the training examples. Lines that
happen to stand there too (stock phrases: "yes", "thank you") are left out, as they prove nothing.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.engine.project import latest_model, model_is_current
from bot.engine.training import train
from bot.engine.understanding import Understanding

ROOT = Path(__file__).parents[2]
_ENTITY = re.compile(r"\[([^\]]+)\](?:\{[^}]*\}|\([^)]*\))")
LEAST = {
    **dict.fromkeys(("en", "bn", "mr", "ml", "hi"), 0.92),  # measured .943–.979 (n 140–174)
    # Measured .829–.966, .908 in the mean (n 107–117). Some training examples were added after the
    # kinds of confusion, not the messages, had been looked at: before, .807–.955, .885.
    **dict.fromkeys(("es", "fr", "de", "pt", "ar", "ur", "ta", "te", "zh", "ja"), 0.8),
}


def _examples(file: Path) -> Iterator[tuple[str, str]]:
    for block in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
        for line in block["examples"].splitlines():
            yield _ENTITY.sub(r"\1", line.strip().removeprefix("- ")), block["intent"]


def _bare(text: str) -> str:
    return text.casefold().strip(" ?.!।")


@pytest.fixture(scope="module")
def understand() -> Understanding:
    model = latest_model(ROOT) if model_is_current(ROOT) else train(ROOT)
    assert model is not None
    return Understanding(model)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("language", sorted(LEAST))
def test_intents_of_unseen_messages(language: str, understand: Understanding) -> None:
    seen = {
        _bare(text) for file in (ROOT / "data" / "nlu").glob("*.yml") for text, _ in _examples(file)
    }
    asked = Path(__file__).parent / "data" / "nlu" / f"{language}.yml"
    result = Counter(
        understand(text)[0] == intent
        for text, intent in _examples(asked)
        if _bare(text) not in seen
    )
    assert sum(result.values()) > 100
    assert result[True] / sum(result.values()) >= LEAST[language]
