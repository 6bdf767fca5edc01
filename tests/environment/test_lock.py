"""What `make install` brings: exact, from anywhere, and not too much of it."""

import importlib.metadata
import re
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
LOCKS = ["base", "build", "dev", "tensorflow", "uv"]
LARGEST_ENVIRONMENT = 1000 * 2**20  # bytes on disk as du counts them, compiled bytecode included


def pins(lock: str) -> dict[str, str]:
    text = (REQUIREMENTS / f"{lock}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", text, re.M))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_versions_and_hashes_and_no_addresses(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (REQUIREMENTS / f"{lock}.txt").read_text().strip())
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==\S+", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}$", entry), entry
        assert "://" not in entry
        assert " @ " not in entry


def test_tests_run_on_the_versions_that_the_product_runs_on() -> None:
    assert pins("base").items() <= pins("dev").items()


def test_tensorflow_is_only_in_its_own_lock() -> None:
    assert "tensorflow" in pins("tensorflow")
    assert not {name for name in pins("dev") if name.startswith(("tensorflow", "keras"))}


def test_the_environment_is_small_enough() -> None:
    blocks = 0
    platform = set()
    for name in pins("base"):
        try:
            files = importlib.metadata.files(name) or []
        except importlib.metadata.PackageNotFoundError:
            platform.add(name)  # its marker is for another platform
            continue
        for file in files:
            path = Path(str(file.locate()))
            compiled = path.parent.glob(f"__pycache__/{path.stem}.*.pyc")
            for part in [path, *(compiled if path.suffix == ".py" else ())]:
                blocks += part.stat().st_blocks if part.exists() else 0
    assert len(platform) < 5, platform
    assert blocks * 512 < LARGEST_ENVIRONMENT
