"""Each fault is found where it is, and a sound base has none."""

import dataclasses

from bot.knowledge.articles import Entry
from bot.knowledge.lint import lint
from bot.knowledge.passages import passages
from tests.knowledge.conftest import SHOP, Letters

SOUND = tuple(e for e in SHOP if e.locale == "en")


def faults(entries: tuple[Entry, ...], letters: Letters) -> set[tuple[str, str, str]]:
    numbered = [dataclasses.replace(e, version=1) for e in entries]
    vectors = {p.digest: letters.embed([p.text], p.kind)[0] for e in numbered for p in passages(e)}
    found = lint(numbered, vectors, letters.dimensions)
    return {(f.article, f.locale, f.fault) for f in found}


def test_a_sound_base_has_none(letters: Letters) -> None:
    assert faults(SOUND, letters) == set()


def test_translations_that_are_missing_or_lost_their_source(letters: Letters) -> None:
    hindi = [dataclasses.replace(e, locale="hi") for e in SOUND[1:]]
    behind = dataclasses.replace(hindi[0], source_version=7)
    orphan = dataclasses.replace(SOUND[0], article="new", title="New", source_locale="fr")
    found = faults((*SOUND, behind, *hindi[1:], orphan), letters)
    assert {("track", "hi", "missing locale"), ("refund", "hi", "stale"),
            ("new", "en", "no source")} <= found  # fmt: skip


def test_a_wording_in_two_articles(letters: Letters) -> None:
    thief = dataclasses.replace(SOUND[2], questions=(*SOUND[2].questions, "Where is my ORDER"))
    found = faults((SOUND[0], SOUND[1], thief, SOUND[3]), letters)
    assert {("track", "en", "same wording"), ("cancel", "en", "same wording")} <= found


def test_a_wording_that_leads_to_another_article(letters: Letters) -> None:
    asked = "where is my parcel now and when will it arrive"
    named = tuple(f"{asked} {end}" for end in ("please", "today", "sir", "then"))
    strong = dataclasses.replace(SOUND[0], title=asked, questions=named)
    weak = Entry("weak", "en", "Quiz of zebras", "Fjord.", ("why", asked), source_locale="en")
    assert ("weak", "en", "leads elsewhere") in faults((strong, weak, *SOUND[1:]), letters)
