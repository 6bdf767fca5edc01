"""Settings: documented one by one, refused with a reason."""

import re
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, settings

EXAMPLE = Path(__file__).parents[1] / ".env.example"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.cache_clear()
    monkeypatch.setenv("SETU_ENV_FILE", str(tmp_path / "none"))
    for name in Settings.__fields__:
        monkeypatch.delenv(f"SETU_{name.upper()}", raising=False)


def test_every_setting_is_documented_and_none_besides() -> None:
    documented = re.findall(r"^#SETU_(\w+)=", EXAMPLE.read_text(), re.M)
    assert sorted(documented) == sorted(name.upper() for name in Settings.__fields__)


def test_the_example_shows_the_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(EXAMPLE.parent)
    defaults = settings()
    settings.cache_clear()
    everything = tmp_path / "example.env"
    everything.write_text(re.sub(r"^#(SETU_)", r"\1", EXAMPLE.read_text(), flags=re.M))
    monkeypatch.setenv("SETU_ENV_FILE", str(everything))
    assert settings() == defaults


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SETU_PORT", "eighty"),
        ("SETU_PORT", "70000"),
        ("SETU_OPENS", "9"),
        ("SETU_DETECTOR", "guess"),
        ("SETU_DATABASE_URL", "mysql://x"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        settings()


def test_usual_database_addresses_get_an_async_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETU_DATABASE_URL", "postgresql://u:p@db/setu")
    assert settings().database_url == "postgresql+asyncpg://u:p@db/setu"


def test_origins_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SETU_WIDGET_ORIGINS", "https://a.example, https://b.example")
    assert settings().widget_origins == ("https://a.example", "https://b.example")
