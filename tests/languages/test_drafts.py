"""A catalog brought up to date for its translator."""

import shutil
from pathlib import Path

import pytest
from babel.messages import pofile

from bot.languages import catalogs, drafts
from bot.languages.catalogs import faults, path
from bot.languages.drafts import update
from bot.languages.locales import UnknownLocale, known

TRANSLATED = [each.tag for each in known() if each.quality != "answers only" and each.tag != "en"]


def said(file: Path, tag: str) -> dict[str, object]:
    """What a catalog says, by context."""
    with file.open("rb") as lines:
        read = pofile.read_po(lines, locale=tag)
    return {str(each.context): (each.id, each.string, each.fuzzy) for each in read if each.context}


@pytest.fixture
def strings(monkeypatch: pytest.MonkeyPatch) -> dict[str, str | tuple[str, str]]:
    texts: dict[str, str | tuple[str, str]] = {
        "a.hello": "Hello {name}",
        "a.count": ("{count} message", "{count} messages"),
        "a.bye": "Goodbye",
        "desk.queue": "Queue",
    }
    monkeypatch.setattr(drafts, "STRINGS", texts)
    monkeypatch.setattr(catalogs, "STRINGS", texts)
    return texts


def test_a_new_language_gets_every_text_a_client_reads(
    tmp_path: Path, strings: dict[str, str | tuple[str, str]]
) -> None:
    file = tmp_path / "ar" / "setu.po"
    updated = update("ar", file)
    assert (updated.keys, updated.new) == (("a.hello", "a.count", "a.bye"), 3)
    with file.open("rb") as lines:
        read = pofile.read_po(lines, locale="ar")
    assert read.num_plurals == 6  # as Arabic counts
    found = {message.context: message for message in read if message.context}
    assert len(found["a.count"].string) == 6
    assert found["a.hello"].flags == {"python-brace-format"}
    assert {fault.kind for fault in faults("ar", file)} == {"untranslated"}


def test_what_is_translated_stays_and_what_changed_is_shown(
    tmp_path: Path, strings: dict[str, str | tuple[str, str]]
) -> None:
    file = tmp_path / "setu.po"
    file.write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
        '# said at the end\nmsgctxt "a.bye"\nmsgid "Goodbye"\nmsgstr "আসি"\n\n'
        'msgctxt "a.bye|informal"\nmsgid "Goodbye"\nmsgstr "যাই"\n\n'
        'msgctxt "a.hello"\nmsgid "Hi {name}"\nmsgstr "নমস্কার, {name}"\n\n'
        'msgctxt "a.gone"\nmsgid "Gone"\nmsgstr "গেছে"\n',
        encoding="utf-8",
    )
    updated = update("bn", file)
    assert (updated.new, updated.stale, updated.gone) == (2, 1, 1)
    text = file.read_text(encoding="utf-8")
    assert text.index("a.hello") < text.index('"a.bye"') < text.index("a.bye|informal")
    assert "# said at the end" in text and "a.gone" not in text
    kinds = {fault.key: fault.kind for fault in faults("bn", file)}
    assert kinds["a.count"] == kinds["desk.queue"] == "untranslated"
    assert kinds["a.hello"] == "fuzzy"
    again = update("bn", file)
    assert (again.new, again.stale, again.gone) == (0, 0, 0)
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("tag", TRANSLATED)
def test_shipped_catalogs_are_up_to_date_and_lose_nothing(tmp_path: Path, tag: str) -> None:
    file = tmp_path / "setu.po"
    shutil.copy(path(tag), file)
    before = said(file, tag)
    updated = update(tag, file)
    assert (updated.new, updated.stale, updated.gone) == (0, 0, 0)
    assert said(file, tag) == before


def test_english_and_unknown_languages_have_no_catalog_to_draft(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="languages/strings"):
        update("en", tmp_path / "setu.po")
    with pytest.raises(UnknownLocale):
        update("tlh", tmp_path / "setu.po")
