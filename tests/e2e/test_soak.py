"""Every webhook once and in order, through repeats, a moody platform and kill −9: a sample.

`make torture` has the long one.
"""

import shutil
from pathlib import Path

import pytest

from tests.channels.fake import FakePlatform
from tests.channels.kits import WebhookKit
from tests.e2e.forked import ForkedProduct
from tests.e2e.soak import soak


@pytest.mark.e2e
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_message_once_and_in_order(stocked: Path, tmp_path: Path) -> None:
    shutil.copytree(stocked, tmp_path / "data")
    with FakePlatform().running() as platform:
        product = ForkedProduct(
            tmp_path,
            SETU_WEBHOOK_SECRET=WebhookKit.secret,
            SETU_WEBHOOK_URL=f"{platform.url}/answers",
            SETU_TURN_DEADLINE="60",  # on a busy machine a turn given up is no fault of delivery
        )
        product.start()
        figures = soak(product, platform, tmp_path, webhooks=240, kills=1)
    print(figures)
    assert figures.posted > figures.webhooks
