"""Training: what `rasa train` does, for the whole project or for intents alone."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import yaml

from bot.engine.project import model_is_current
from bot.engine.turn import EngineError

__all__ = ["TrainingFailed", "model_is_current", "train", "train_nlu"]

_OWN_IMPORTER = "bot.engine.importer.ExamplesImporter"


class TrainingFailed(EngineError):
    """Rasa trained no model; what it printed says why."""


def train(home: Path) -> Path:
    """Train the project's model into `home/models` and return its archive.

    Raises:
        TrainingFailed: no model came out.
    """
    _no_cache()
    from rasa.model_training import train as rasa_train

    with _reports_on_stderr():
        result = rasa_train(
            domain=str(home / "domain.yml"),
            config=str(home / "config.yml"),
            training_files=[str(home / "data" / "nlu"), str(home / "data" / "rules")],
            output=str(home / "models"),
        )
    if not result.model:
        raise TrainingFailed(f"Rasa trained no model (code {result.code})")
    return Path(result.model)


def train_nlu(examples: Sequence[tuple[str, str]], home: Path, scratch: Path) -> Path:
    """Train the pipeline of `home/config.yml` on (text, intent) examples, in the folder `scratch`.

    Raises:
        TrainingFailed: no model came out.
    """
    _no_cache()
    from rasa.model_training import train_nlu as rasa_train_nlu

    config = yaml.safe_load((home / "config.yml").read_text("utf-8"))
    nlu = {key: config[key] for key in ("recipe", "assistant_id", "language", "pipeline")}
    nlu["importers"] = [{"name": _OWN_IMPORTER}]
    (scratch / "config.yml").write_text(yaml.safe_dump(nlu), "utf-8")
    (scratch / "examples.json").write_text(json.dumps(examples), "utf-8")
    with _reports_on_stderr():
        model = rasa_train_nlu(str(scratch / "config.yml"), str(scratch), str(scratch))
    if not model:
        raise TrainingFailed("Rasa trained no NLU model")
    return Path(model)


def _reports_on_stderr() -> AbstractContextManager[object]:
    """Rasa reports on standard output, which belongs to our commands' results."""
    return contextlib.redirect_stdout(sys.stderr)


def _no_cache() -> None:
    """Keep Rasa from reusing parts by their class's source: it does not see what they call.

    The slow part, embeddings, has a cache of its own.
    """
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"
