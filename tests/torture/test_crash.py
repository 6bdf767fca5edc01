"""kill −9 at 500 random moments; `tests/e2e/test_crash.py` is the sample of it in `make test`."""

import os
import shutil
from pathlib import Path

import pytest

from tests.e2e.forked import ForkedProduct
from tests.e2e.test_crash import PATIENT, crash

KILLS = int(os.environ.get("CRASH_KILLS", "500"))


@pytest.mark.timeout(8 * 3600)
def test_nothing_is_lost_or_doubled_however_often(stocked: Path, tmp_path: Path) -> None:
    shutil.copytree(stocked, tmp_path / "data")
    product = ForkedProduct(tmp_path, **PATIENT)
    print(f"{crash(product, tmp_path / 'data', KILLS)} messages, {KILLS} kills")
