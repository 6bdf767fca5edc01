"""Rasa's own commands run where TensorFlow is not installed, and say so where it is needed."""

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

RASA = Path(sys.executable).with_name("rasa")
NLU_PIPELINE = ["WhitespaceTokenizer", "CountVectorsFeaturizer", "LogisticRegressionClassifier"]
DOMAIN = """
version: "3.1"
intents: [greet, goodbye]
responses:
  utter_greet: [{text: Hello}]
  utter_goodbye: [{text: Bye}]
"""
NLU = """
version: "3.1"
nlu:
- intent: greet
  examples: |
    - hello
    - good morning
    - hi there
- intent: goodbye
  examples: |
    - bye
    - see you later
    - good night
"""
RULES = """
version: "3.1"
rules:
- rule: greet
  steps: [{intent: greet}, {action: utter_greet}]
- rule: goodbye
  steps: [{intent: goodbye}, {action: utter_goodbye}]
"""
STORIES = """
version: "3.1"
stories:
- story: a visit
  steps: [{intent: greet}, {action: utter_greet}, {intent: goodbye}, {action: utter_goodbye}]
"""


def project(folder: Path, pipeline: list[str], policy: str = "RulePolicy") -> Path:
    def listed(names: list[str]) -> str:
        return "".join(f"- name: {name}\n" for name in names)

    (folder / "data").mkdir(parents=True)
    (folder / "config.yml").write_text(
        "recipe: default.v1\nlanguage: en\nassistant_id: tiny\n"
        f"pipeline:\n{listed(pipeline)}policies:\n{listed([policy])}"
    )
    (folder / "domain.yml").write_text(DOMAIN)
    (folder / "data" / "nlu.yml").write_text(NLU)
    dialogues = RULES if policy == "RulePolicy" else STORIES
    (folder / "data" / "dialogues.yml").write_text(dialogues)
    return folder


def rasa(folder: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [RASA, *arguments], cwd=folder, input=typed, capture_output=True, text=True, env=os.environ
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("rasa") / "tiny", NLU_PIPELINE)
    done = rasa(folder, "train")
    assert done.returncode == 0, done.stderr
    assert list((folder / "models").glob("*.tar.gz"))
    return folder


def test_the_environment_is_the_one_without_tensorflow() -> None:
    assert importlib.metadata.version("setu-tensorflow-absent")
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("tensorflow")


def test_help_and_validation_run(tmp_path: Path) -> None:
    assert "usage: rasa" in rasa(tmp_path, "--help").stdout
    done = rasa(project(tmp_path / "tiny", NLU_PIPELINE), "data", "validate")
    assert done.returncode == 0, done.stderr
    assert "No story structure conflicts found" in done.stdout + done.stderr


def test_a_trained_model_is_measured_by_rasa_test(trained: Path) -> None:
    done = rasa(trained, "test", "nlu", "--nlu", "data/nlu.yml")
    assert done.returncode == 0, done.stderr
    made = {file.name for file in (trained / "results").iterdir()}
    assert {"intent_report.json", "intent_confusion_matrix.png"} <= made


def test_a_trained_model_answers_in_the_shell(trained: Path) -> None:
    done = rasa(trained, "shell", "nlu", typed="good morning\nsee you later\n")
    assert done.returncode == 0, done.stderr
    named = [
        line.split('"')[3] for line in done.stdout.splitlines() if line.startswith('    "name"')
    ]
    assert named == ["greet", "goodbye"]


@pytest.mark.parametrize(
    ("pipeline", "policy"),
    [
        ([*NLU_PIPELINE[:2], "DIETClassifier"], "RulePolicy"),
        (["WhitespaceTokenizer", "ConveRTFeaturizer"], "RulePolicy"),
        (NLU_PIPELINE, "TEDPolicy"),
    ],
)
def test_what_needs_tensorflow_says_how_to_get_it(
    tmp_path: Path, pipeline: list[str], policy: str
) -> None:
    done = rasa(project(tmp_path / "tiny", pipeline, policy), "train")
    assert done.returncode == 1
    assert "make install TENSORFLOW=1" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_libraries_that_probe_for_tensorflow_go_on_without(tmp_path: Path) -> None:
    program = "import rasa.core.agent, thinc.compat; print(thinc.compat.has_tensorflow)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout.split() == ["False"], done.stderr
