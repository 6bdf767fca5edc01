"""L5: the language of one short message, beside langdetect as most call it.

Each round is a process of its own, so that memory is the detector's alone:
`python -m benchmarks.detection setu` prints one.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable

from benchmarks import machine
from benchmarks.messages import LANGUAGES, Messages
from benchmarks.summary import Row, Target

ROUNDS = 5
_NAMES = ("setu", "langdetect")
_LONGEST = 6  # words
_EACH = 40  # messages of each language


def measure(step: Callable[[], None]) -> list[Row]:
    """Mean processor time of a message and memory, by round."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in _NAMES}
    for _ in range(ROUNDS):
        for name in _NAMES:
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.detection", name],
                capture_output=True,
                check=True,
            )
            found[name].append(json.loads(done.stdout))
        step()

    def row(measure: str, unit: str, target: Target) -> Row:
        ours, theirs = ([each[unit] for each in found[name]] for name in _NAMES)
        return Row("L5", measure, unit, ours, theirs, target)

    return [
        row(f"language of 1–{_LONGEST} words, CPU", "ms", Target(0.2)),
        row("memory of the detector", "MB", Target(100.0, "ours")),
    ]


def _one_round(name: str) -> dict[str, float]:
    messages = Messages()
    texts = [
        messages.next(language, 1 + number % _LONGEST)
        for number in range(_EACH)
        for language in LANGUAGES
    ]
    before = machine.resident_megabytes(os.getpid())
    judge = _detector(name)
    for language in LANGUAGES:  # whatever is loaded at first use
        judge(messages.next(language, _LONGEST))
    memory = machine.resident_megabytes(os.getpid()) - before
    began = time.process_time()
    for text in texts:
        judge(text)
    seconds = time.process_time() - began
    return {"ms": 1000 * seconds / len(texts), "MB": memory}


def _detector(name: str) -> Callable[[str], object]:
    if name == "langdetect":
        import langdetect

        langdetect.DetectorFactory.seed = 0
        detect: Callable[[str], object] = langdetect.detect
        return detect
    from bot.languages.detect import detector

    return detector(name).judge


if __name__ == "__main__":
    print(json.dumps(_one_round(sys.argv[1])))
