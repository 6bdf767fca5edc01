"""A trained pipeline without a dialogue: text in, best intent and confidence out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.engine.loader import load_predict_graph_runner
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.common import TempDirectoryPath, get_temp_dir_name

from bot.engine.nlu.intents import EVIDENCE


class Understanding:
    """The NLU part of a model.

    Args:
        model: the model's archive; it is read whole, and may be deleted afterwards.
    """

    def __init__(self, model: Path) -> None:
        with TempDirectoryPath(get_temp_dir_name()) as unpacked:
            metadata, self._graph = load_predict_graph_runner(
                Path(unpacked), model, LocalModelStorage, DaskGraphRunner
            )
        self._target = metadata.nlu_target
        self._nobody = DialogueStateTracker("understanding", [])

    def __call__(self, text: str, language: str | None = None) -> tuple[str, float]:
        """The best intent, whatever the threshold, and the calibrated confidence in it.

        A blank text has neither: "" and 0.
        """
        metadata = {"language": language} if language else None
        # The word joiner keeps Rasa from reading a leading "/" as a command.
        message = UserMessage("\u2060" + text, metadata=metadata)
        inputs = {PLACEHOLDER_MESSAGE: [message], PLACEHOLDER_TRACKER: self._nobody}
        parsed: Any = self._graph.run(inputs=inputs, targets=[self._target])[self._target][0]
        evidence = parsed.get(EVIDENCE) or {"name": "", "confidence": 0.0}
        return evidence["name"], float(evidence["confidence"])
