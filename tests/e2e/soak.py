"""Many webhooks, repeated at random, into a product that is killed in the middle of it."""

import collections
import contextlib
import dataclasses
import json
import random
import sqlite3
import threading
import time
from pathlib import Path

import httpx

from tests.channels.fake import FakePlatform, Reply
from tests.channels.kits import WebhookKit
from tests.e2e.product import Product
from tests.patience import PATIENCE

_TEXTS = ("Where is my order?", "thanks", "ফেরত কীভাবে দেব?", "hello", "वॉरंटी किती महिने?")
_PEOPLE = 12
_PATIENCE = 300.0  # seconds without an answer or a message sent: then something hangs
_AT_ONCE = 16  # sends that may be under way when the process dies


@dataclasses.dataclass(frozen=True)
class Figures:
    """What a soak came to. `posted` counts repeats; `doubled` messages that arrived twice."""

    webhooks: int
    posted: int
    kills: int
    answers: int
    doubled: int
    seconds: float


def soak(
    product: Product, platform: FakePlatform, folder: Path, webhooks: int, kills: int
) -> Figures:
    """Post `webhooks` messages of a few people while killing the product; check the log and the
    platform afterwards.

    A person's next message is posted once the one before was taken, as platforms that keep an
    order do; each is repeated until it is answered with 2xx, and now and then after that.
    """
    chance = random.Random(7)
    platform.mood = lambda: _mood(chance)
    began = time.monotonic()
    share = webhooks // _PEOPLE
    left = threading.Semaphore(0)
    posted = collections.Counter[str]()
    writers = [
        threading.Thread(target=_write, args=(product, f"person-{n}", share, n, posted, left))
        for n in range(_PEOPLE)
    ]
    for writer in writers:
        writer.start()
    for _ in range(kills):
        for _ in range(share * _PEOPLE // (kills + 1)):
            left.acquire()
        product.kill()
        product.start()
    for writer in writers:
        writer.join()
    platform.mood = lambda: None
    database = folder / "data" / "setu.db"
    _settle(database)
    assert product.stop() == 0
    answers, doubled = _check(database, platform, share)
    assert doubled <= kills * _AT_ONCE
    return Figures(
        share * _PEOPLE, posted.total(), kills, answers, doubled, time.monotonic() - began
    )


def _mood(chance: random.Random) -> Reply | None:
    """A platform on a bad day: one answer in eight is no success, many are slow."""
    dice = chance.random()
    if dice < 0.05:
        return Reply(500)
    if dice < 0.09:
        return Reply(429, {}, {"Retry-After": "0"})
    if dice < 0.12:
        return Reply(503, {}, {"Retry-After": "0.2"})
    return Reply(seconds=chance.random() / 50)


def _write(
    product: Product,
    who: str,
    count: int,
    seed: int,
    posted: "collections.Counter[str]",
    left: threading.Semaphore,
) -> None:
    kit, chance = WebhookKit(), random.Random(seed)
    url = f"{product.url}/api/channels/webhook"
    taken: list[dict[str, object]] = []
    with httpx.Client(timeout=PATIENCE) as http:
        for number in range(count):
            text = f"{chance.choice(_TEXTS)} {number}" if number % 5 == 0 else "ok"
            update = {"id": f"{who}-{number}", "from": who, "text": text}
            again = [update] + ([chance.choice(taken)] if taken and chance.random() < 0.2 else [])
            for each in again:
                while True:
                    hook = kit.sign(each)
                    with contextlib.suppress(httpx.TransportError):
                        reply = http.post(url, content=hook.body, headers=dict(hook.headers))
                        posted[who] += 1
                        # Sometimes the platform does not hear the answer.
                        if reply.is_success and chance.random() > 0.1:
                            break
                    time.sleep(0.02)
            taken.append(update)
            left.release()


def _settle(path: Path) -> None:
    """Wait until everything is answered and sent, for as long as it goes on."""
    before, until = (0, 0), time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        with contextlib.closing(sqlite3.connect(path, timeout=PATIENCE)) as database:
            (turns,) = database.execute(
                "SELECT coalesce(sum(client_seq - handled_seq), 0) FROM conversation "
                "WHERE owner = 'bot'"
            ).fetchone()
            (sent,) = database.execute(
                "SELECT count(*) FROM delivery WHERE state != 'waiting'"
            ).fetchone()
            (waiting,) = database.execute(
                "SELECT count(*) FROM delivery WHERE state = 'waiting'"
            ).fetchone()
        if not turns and not waiting:
            return
        if (turns, sent) != before:
            before, until = (turns, sent), time.monotonic() + _PATIENCE
        time.sleep(0.5)
    raise AssertionError(f"nothing moves: turns owed {turns}, messages unsent {waiting}")


def _check(path: Path, platform: FakePlatform, share: int) -> tuple[int, int]:
    """Every message once and in order, in the log and at the platform."""
    arrived: dict[str, list[str]] = collections.defaultdict(list)
    for call in platform.calls:
        if call.status == httpx.codes.OK and "id" in call.content:
            arrived[call.content["to"]].append(call.content["id"])
    answers = doubled = 0
    with contextlib.closing(sqlite3.connect(path)) as database:
        conversations = database.execute(
            "SELECT conversation.id, address FROM conversation "
            "JOIN identity ON identity.id = identity_id WHERE identity.channel = 'webhook'"
        ).fetchall()
        assert len(conversations) == _PEOPLE
        for conversation, who in conversations:
            rows = database.execute(
                "SELECT seq, kind, author, message_id, payload FROM event "
                "WHERE conversation_id = ? ORDER BY seq",
                (conversation,),
            ).fetchall()
            assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
            client = [row[3] for row in rows if row[2] == "client"]
            assert client == [f"{who}-{number}" for number in range(share)]
            handled = [json.loads(row[4])["message"] for row in rows if row[1] == "understood"]
            assert handled == [row[0] for row in rows if row[2] == "client"]
            ours = [
                f"{conversation}-{row[0]}"
                for row in rows
                if row[1] == "message" and row[2] != "client"
            ]
            once = list(dict.fromkeys(arrived[who]))
            assert once == ours
            answers += len(ours)
            doubled += len(arrived[who]) - len(once)
    return answers, doubled
