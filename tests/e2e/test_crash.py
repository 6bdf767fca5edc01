"""kill −9 at random moments: every accepted message is in the log once, answered once."""

import contextlib
import json
import random
import shutil
import sqlite3
import threading
import time
import uuid
from pathlib import Path

import httpx
import pytest

from tests.e2e.forked import ForkedProduct
from tests.e2e.product import ApiClient, Product
from tests.patience import PATIENCE

TEXTS = ["Where is my order?", "ফেরত কীভাবে দেব?", "वॉरंटी किती महिने?", "thanks", "hello"]
KILLS = 4
# A message over which the process dies three times is given to a person. Here that is chance.
PATIENT = {"SETU_TURN_ATTEMPTS": "100"}


@pytest.mark.e2e
@pytest.mark.timeout(600)
def test_nothing_is_lost_or_doubled(stocked: Path, tmp_path: Path) -> None:
    shutil.copytree(stocked, tmp_path / "data")
    crash(ForkedProduct(tmp_path, **PATIENT), tmp_path / "data", KILLS)


def crash(product: Product, data: Path, kills: int) -> int:
    """Kill a product that is written to, again and again; gives how many messages it was sent."""
    product.start()
    clients = [product.client() for _ in range(4)]
    sent: dict[str, dict[str, str]] = {client.conversation: {} for client in clients}
    over = threading.Event()

    def write(client: ApiClient, seed: int) -> None:
        chance = random.Random(seed)
        while not over.is_set():
            key, text = uuid.uuid4().hex, chance.choice(TEXTS)
            while True:  # a client retries with the same id until it is told that we have it
                with contextlib.suppress(httpx.TransportError):
                    if client.post(text, id=key).status_code == httpx.codes.ACCEPTED:
                        sent[client.conversation][key] = text
                        break
                if over.wait(0.02):
                    return
            if over.wait(chance.random() / 5):
                return

    writers = [
        threading.Thread(target=write, args=(client, seed)) for seed, client in enumerate(clients)
    ]
    for writer in writers:
        writer.start()
    chance = random.Random(0)
    for _ in range(kills):
        over.wait(0.2 + chance.random())
        product.kill()
        product.start()
    over.set()
    for writer in writers:
        writer.join()

    with contextlib.closing(sqlite3.connect(data / "setu.db", timeout=PATIENCE)) as database:
        for client in clients:
            assert client.post("Are you a robot?").status_code == httpx.codes.ACCEPTED
        for client in clients:
            _settle(database, client.conversation)
        assert product.stop() == 0
        for client in clients:
            _check(database, client.conversation, sent[client.conversation])
    total = sum(len(texts) for texts in sent.values())
    assert total > kills
    return total


def _settle(database: sqlite3.Connection, conversation: str) -> None:
    """Wait until the last message is handled: an answer may still be to one before it."""
    received, handled = _turns(database, conversation)
    until = time.monotonic() + PATIENCE
    while received[-1:] != handled[-1:]:
        assert time.monotonic() < until, f"received {received[-5:]}, handled {handled[-5:]}"
        time.sleep(0.2)
        before, handled = handled, _turns(database, conversation)[1]
        if handled != before:
            until = time.monotonic() + PATIENCE


def _turns(database: sqlite3.Connection, conversation: str) -> tuple[list[int], list[int]]:
    """The numbers of the client's messages, and of those that were handled."""
    rows = database.execute(
        "SELECT seq, kind, author, payload FROM event WHERE conversation_id = ? ORDER BY seq",
        (conversation,),
    ).fetchall()
    received = [seq for seq, _, author, _ in rows if author == "client"]
    understood = (payload for _, kind, _, payload in rows if kind == "understood")
    handled = [json.loads(payload)["message"] for payload in understood]
    return received, handled


def _check(database: sqlite3.Connection, conversation: str, sent: dict[str, str]) -> None:
    rows = database.execute(
        "SELECT seq, author, message_id, payload FROM event WHERE conversation_id = ? ORDER BY seq",
        (conversation,),
    ).fetchall()
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    stored = {key: json.loads(text)["text"] for _, author, key, text in rows if author == "client"}
    assert sent.items() <= stored.items()
    received, handled = _turns(database, conversation)
    assert handled == received
