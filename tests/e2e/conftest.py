"""The real product for a module's tests, with the sample base in it from the first moment on."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.product import ROOT, Product


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the sample base; copy it.

    Embedding the articles takes half a minute, so parallel workers share it.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "stocked"
    with (shared / "stocked.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = shared / "stocking"
            making.mkdir()
            done = subprocess.run(
                [sys.executable, "-m", "bot.cli", "kb", "import", "data/knowledge"],
                cwd=ROOT,
                env={**os.environ, "SETU_DATA_DIR": str(making)},
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr
            making.rename(folder)
    return folder


@pytest.fixture(scope="module")
def product(stocked: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One running `setu serve` for all tests of a module."""
    folder = tmp_path_factory.mktemp("product")
    shutil.copytree(stocked, folder / "data")
    product = Product(folder)
    product.start()
    yield product
    assert product.stop() == 0
    assert "Exception in ASGI" not in product.output.read_text()
