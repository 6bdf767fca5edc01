"""The contract suite's line, by mail only."""

import pytest

from tests.channels.kits import EmailKit, Kit


@pytest.fixture(params=[EmailKit()], ids=["email"])
def kit(request: pytest.FixtureRequest) -> Kit:
    found: Kit = request.param
    return found
