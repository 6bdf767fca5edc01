"""The model's graph in onnxruntime: token embeddings to states.

The graph (`training/e5_graph.py` writes it) has no weights; they are given at load. One thread a
pass: with two on two busy cores the slowest of a hundred took seconds, and passes of several
clients run side by side anyway, since onnxruntime frees the GIL.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from bot.e5.files import Floats, Packed

FOLDER: Final = Path(__file__).parent / "model"


class Encoder:
    """Token embeddings to the states of the last layers. Thread-safe."""

    def __init__(self, model: Packed) -> None:
        self._model = model
        width = model.width
        self._positions = (
            model.floats("emb.pos").reshape(-1, width) + model.floats("emb.type")[:width]
        )
        self._session = _session(_weights(model))

    def states(self, ids: list[int]) -> tuple[Floats, Floats]:
        """The last layer's, and the mean of the last three's: one row a token.

        Args:
            ids: of at most `Packed.longest` tokens.
        """
        rows = self._model.embeddings(ids) + self._positions[: len(ids)]
        last, late = self._session.run(["states", "late"], {"embeddings": rows[None]})
        return last[0], late[0]


def _weights(model: Packed) -> dict[str, NDArray[Any]]:
    width = model.width
    weights: dict[str, NDArray[Any]] = {}

    def matrix(name: str, outputs: int, *parts: str) -> None:
        found = [model.quantised(part, outputs // len(parts)) for part in parts]
        weights[f"{name}.w"] = np.concatenate([part.nibbles for part in found])
        weights[f"{name}.s"] = np.concatenate([part.scales for part in found])

    names = ["emb.ln.w", "emb.ln.b"]
    for at in (f"l{layer}" for layer in range(model.layers)):
        weights[f"{at}.qkv.b"] = np.concatenate([model.floats(f"{at}.{one}.b") for one in "qkv"])
        matrix(f"{at}.qkv", 3 * width, *(f"{at}.{one}.w" for one in "qkv"))
        for name, outputs in (("ao", width), ("fi", model.inner), ("fo", width)):
            matrix(f"{at}.{name}", outputs, f"{at}.{name}.w")
        names += [f"{at}.{one}" for one in "ao.b fi.b fo.b aln.w aln.b oln.w oln.b".split()]
    return weights | {name: model.floats(name) for name in names}


def _session(weights: dict[str, NDArray[Any]]) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Weights are packed anew at load, and what they were packed from is then given back.
    options.add_session_config_entry("session.use_device_allocator_for_initializers", "1")
    options.add_external_initializers(
        list(weights),
        [
            onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(each))
            for each in weights.values()
        ],
    )
    graph = (FOLDER / "encoder.onnx").read_bytes()
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
