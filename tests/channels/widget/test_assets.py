"""The script, the sample shop, and what the widget is told of a language."""

import base64
import gzip
import hashlib
import json
from pathlib import Path

import httpx
import pytest

from bot.channels.widget import assets
from bot.channels.widget.assets import BrokenBuild, load_script
from bot.languages.locales import Locale, known
from bot.languages.say import say
from bot.languages.strings import STRINGS

STATIC = Path(assets.__file__).parent / "static"
LIMIT = 20 * 1024


def test_the_committed_script_is_the_one_described() -> None:
    manifest = json.loads((STATIC / "manifest.json").read_text())
    content = (STATIC / "widget.js").read_bytes()
    digest = hashlib.sha256(content).digest()
    assert manifest["integrity"] == f"sha256-{base64.b64encode(digest).decode()}"
    assert manifest["licence"] == "Apache-2.0"
    assert len(gzip.compress(content, 9)) <= LIMIT
    assert b"sourceMappingURL" not in content


def test_a_changed_script_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "manifest.json").write_bytes((STATIC / "manifest.json").read_bytes())
    (tmp_path / "widget.js").write_text("alert(1)")
    monkeypatch.setattr(assets, "_STATIC", tmp_path)
    with pytest.raises(BrokenBuild, match="npm run build"):
        load_script()


async def test_the_script_comes_compressed_and_is_remembered(http: httpx.AsyncClient) -> None:
    newest = await http.get("/widget.js")
    assert newest.headers["content-encoding"] == "gzip"
    assert newest.headers["content-type"].startswith("text/javascript")
    assert newest.content == (STATIC / "widget.js").read_bytes()
    plain = await http.get("/widget.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.content == newest.content
    known_already = {"If-None-Match": newest.headers["etag"]}
    assert (await http.get("/widget.js", headers=known_already)).status_code == 304
    name, _ = load_script()
    pinned = await http.get(f"/{name}")
    assert "immutable" in pinned.headers["cache-control"]
    assert pinned.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("locale", [each for each in known() if each.quality != "answers only"])
async def test_the_shop_speaks_every_language_of_the_interface(
    http: httpx.AsyncClient, locale: Locale
) -> None:
    page = await http.get(f"/?lang={locale.tag}")
    assert page.status_code == 200
    assert f'<html lang="{locale.tag}" dir="{locale.direction}">' in page.text
    assert page.text.count("<script") == 1
    assert "unsafe" not in page.headers["content-security-policy"]


@pytest.mark.parametrize("lang", ["\0", '"><script>', "x" * 5000, "../../etc", "bn-\ufffd"])
async def test_a_strange_language_does_no_harm(http: httpx.AsyncClient, lang: str) -> None:
    page = await http.get("/", params={"lang": lang})
    assert page.status_code == 200
    assert page.text.count("<script") == 1
    assert lang not in page.text


async def test_config_has_every_text_of_the_widget(http: httpx.AsyncClient) -> None:
    config = (await http.get("/api/widget/config?locale=bn-BD")).json()
    assert (config["locale"], config["direction"], config["digits"]) == ("bn", "ltr", "beng")
    wanted = {key.removeprefix("widget.") for key in STRINGS if key.startswith("widget.")}
    left = {key for key in wanted if key.startswith(("demo.", "quick."))}
    assert set(config["strings"]) == wanted - left
    assert "{shop}" not in json.dumps(config)
    assert "{name}" in config["strings"]["with_agent"]
    assert config["day_parts"]["6"] == "সকাল"
    assert [each["payload"] for each in config["quick"]] == [
        "article:track-order",
        "article:gift-cards",
    ]
    assert config["max_text"] == 4000


@pytest.mark.parametrize(
    ("locale", "titles"),
    [
        ("en", [("Where is my parcel now?", "en"), ("How do gift cards work?", "en")]),
        ("bn-BD", [("আমার পার্সেল কোথায়?", "bn"), ("আমার পার্সেল কোথায়?", "bn")]),
        # Spanish has words of its own for the first, and the base none.
        ("es", [("¿Dónde está mi pedido?", "es"), ("How do gift cards work?", "en")]),
    ],
)
async def test_a_chat_opens_with_what_the_base_can_answer(
    http: httpx.AsyncClient, locale: str, titles: list[tuple[str, str]]
) -> None:
    config = (await http.get("/api/widget/config", params={"locale": locale})).json()
    assert [(each["title"], each["language"]) for each in config["quick"]] == titles


@pytest.mark.parametrize(
    ("query", "header", "expected"),
    [
        ("ar", "", "ar"),
        ("fa", "", "en"),  # recognised and answered, but the interface has no texts in it
        ("fa", "ml", "ml"),
        ("", "mr-IN,en;q=0.9", "mr"),
        ("tlh", "*", "en"),
    ],
)
async def test_the_interface_is_in_a_language_it_has(
    http: httpx.AsyncClient, query: str, header: str, expected: str
) -> None:
    answer = await http.get(
        "/api/widget/config", params={"locale": query}, headers={"Accept-Language": header}
    )
    assert answer.json()["locale"] == answer.headers["content-language"] == expected
    again = await http.get(
        "/api/widget/config",
        params={"locale": query},
        headers={"Accept-Language": header, "If-None-Match": answer.headers["etag"]},
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("query", "header", "formats"),
    [
        ({"locale": "bn-BD"}, "", "bn-BD"),
        ({"locale": "bn"}, "bn-BD,bn;q=0.9,en;q=0.5", "bn-BD"),
        ({"locale": "bn", "time_zone": "Asia/Dhaka"}, "", "bn-BD"),
        ({"locale": "bn", "time_zone": "Europe/London"}, "", "bn-IN"),
        ({"locale": "bn-GB"}, "", "bn-IN"),
        ({"locale": "en", "time_zone": "Mars/Olympus"}, "en-US,en", "en-US"),
        ({"locale": "de-AT"}, "", "de-DE"),
    ],
)
async def test_the_interface_speaks_as_in_the_clients_country(
    http: httpx.AsyncClient, query: dict[str, str], header: str, formats: str
) -> None:
    answer = await http.get("/api/widget/config", params=query, headers={"Accept-Language": header})
    config = answer.json()
    assert (config["formats"], config["locale"]) == (formats, formats[:2])
    greeting = say("widget.greeting", formats, shop=config["shop"])
    assert config["strings"]["greeting"] == greeting
    person = "সাথে" if formats == "bn-BD" else "সঙ্গে"
    assert config["locale"] != "bn" or person in config["strings"]["talk_to_person"]
