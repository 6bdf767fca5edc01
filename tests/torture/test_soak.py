"""10,000 webhooks with random repeats, a moody platform, and kill −9 again and again."""

import os
import shutil
from pathlib import Path

import pytest

from tests.channels.fake import FakePlatform
from tests.channels.kits import WebhookKit
from tests.e2e.product import Product
from tests.e2e.soak import soak

WEBHOOKS = int(os.environ.get("SOAK_WEBHOOKS", "10000"))
KILLS = int(os.environ.get("SOAK_KILLS", "5"))


@pytest.mark.timeout(4 * 3600)
def test_ten_thousand_webhooks(stocked: Path, tmp_path: Path) -> None:
    shutil.copytree(stocked, tmp_path / "data")
    with FakePlatform().running() as platform:
        product = Product(
            tmp_path,
            SETU_WEBHOOK_SECRET=WebhookKit.secret,
            SETU_WEBHOOK_URL=f"{platform.url}/answers",
            SETU_TURN_DEADLINE="60",  # on a busy machine a turn given up is no fault of delivery
            SETU_MESSAGES_PER_MINUTE="1000000",
        )
        product.start()
        print(soak(product, platform, tmp_path, WEBHOOKS, KILLS))
