"""Where Rasa reads a project from: its own files, stamped, or a list of examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.project import STAMP, STAMPED, fingerprint


class StampingImporter(RasaFileImporter):
    """Reads config.yml, domain.yml and data/ as Rasa does; the model will know what they were."""

    def get_config(self) -> dict[str, Any]:
        """The configuration, the stamped component's with the fingerprint of its project."""
        config: dict[str, Any] = super().get_config()
        for component in config.get("pipeline") or []:
            if component.get("name") == STAMPED:
                component[STAMP] = fingerprint(Path(self.config_file).resolve().parent)
        return config


class ExamplesImporter(RasaFileImporter):
    """Reads `examples.json` beside the configuration: a list of [text, intent].

    Rasa's own formats would take `[a](b)` in a text for an entity.
    """

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The examples as they stand."""
        file = Path(self.config_file).parent / "examples.json"
        examples = json.loads(file.read_text("utf-8"))
        return TrainingData([Message.build(text=text, intent=intent) for text, intent in examples])
