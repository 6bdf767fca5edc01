"""A model knows what it was trained from."""

import io
import tarfile

import pytest

from bot.engine.project import current_model, fingerprint, model_is_current, stamp_of
from bot.engine.turn import ModelNotCurrent
from tests.engine.conftest import copy_project


@pytest.fixture
def home(tmp_path):
    return copy_project(tmp_path / "home")


@pytest.mark.parametrize("name", ["config.yml", "domain.yml", "data/nlu/en.yml"])
def test_any_change_is_noticed(home, name):
    before = fingerprint(home)
    assert fingerprint(home) == before
    with (home / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert fingerprint(home) != before


def test_a_new_and_a_renamed_file_are_noticed(home):
    before = fingerprint(home)
    (home / "data" / "rules" / "more.yml").write_text("version: '3.1'\n", "utf-8")
    after = fingerprint(home)
    (home / "data" / "rules" / "more.yml").rename(home / "data" / "rules" / "other.yml")
    assert len({before, after, fingerprint(home)}) == 3


def test_the_place_does_not_matter(home, tmp_path):
    assert fingerprint(copy_project(tmp_path / "elsewhere")) == fingerprint(home)


def test_a_trained_model_carries_its_project_s_fingerprint(trained_home):
    assert stamp_of(current_model(trained_home)) == fingerprint(trained_home)
    assert model_is_current(trained_home)


@pytest.mark.parametrize("content", [b"", b"not a tar"])
def test_what_is_no_model_is_not_current(home, content):
    (home / "models").mkdir()
    (home / "models" / "m.tar.gz").write_bytes(content)
    assert not model_is_current(home)
    with pytest.raises(ModelNotCurrent):
        current_model(home)


def test_a_model_that_was_overwritten_in_the_middle_is_not_current(home):
    content = " ".join(map(str, range(20_000))).encode()
    entry = tarfile.TarInfo("features.txt")
    entry.size = len(content)
    (home / "models").mkdir()
    model = home / "models" / "m.tar.gz"
    with tarfile.open(model, "w:gz") as archive:
        archive.addfile(entry, io.BytesIO(content))
    written = model.read_bytes()
    half = len(written) // 2
    model.write_bytes(written[:half] + b"\xff" * 200 + written[half + 200 :])
    assert not model_is_current(home)


def test_an_archive_without_metadata_is_not_current(home):
    (home / "models").mkdir()
    with tarfile.open(home / "models" / "m.tar.gz", "w:gz") as archive:
        archive.add(home / "config.yml", "config.yml")
    assert stamp_of(home / "models" / "m.tar.gz") is None
