"""In and out: nothing lost on the way, all or nothing, every fault with its place and reason."""

import dataclasses
import datetime as dt
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bot.db import Database
from bot.knowledge import articles, checks
from bot.knowledge.articles import Entry
from bot.knowledge.formats import Rejected, UnknownForm, read, write, write_markdown
from bot.knowledge.formats.html import markdown
from bot.knowledge.transfer import export, import_path


def saved(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return path


def jsonl(folder: Path, *rows: object) -> Path:
    return saved(folder, "faq.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


REFUND = {"id": "refund", "lang": "en", "q": "When is the refund?", "a": "In five days."}
HINDI = {"id": "refund", "lang": "hi", "q": "रिफंड कब?", "a": "पाँच दिन में।"}


async def stored(db: Database) -> list[Entry]:
    async with db.reading() as session:
        return await articles.entries(session)


async def test_a_first_import_and_the_same_again(db: Database, tmp_path: Path) -> None:
    path = jsonl(tmp_path, REFUND, HINDI)
    report = await import_path(db, path)
    assert report.applied and report.added == (("refund", "en"), ("refund", "hi"))
    first = await stored(db)
    assert [(e.title, e.body, e.source_locale) for e in first] == [
        ("When is the refund?", "In five days.", "en"),
        ("रिफंड कब?", "पाँच दिन में।", "en"),
    ]
    again = await import_path(db, path)
    assert again.unchanged == report.added and not again.added and not again.changed
    assert await stored(db) == first


async def test_one_bad_line_and_nothing_is_imported(db: Database, tmp_path: Path) -> None:
    path = jsonl(tmp_path, REFUND, {**HINDI, "a": " "}, {**HINDI, "lang": "?!"})
    report = await import_path(db, path)
    assert not report.applied and await stored(db) == []
    assert [(r.source.line, r.reason) for r in report.rejected] == [
        (2, "body is missing or empty"),
        (3, "locale '?!' is not a BCP 47 tag like bn or pt-BR"),
    ]


async def test_a_dry_run_only_reports(db: Database, tmp_path: Path) -> None:
    report = await import_path(db, jsonl(tmp_path, REFUND), dry_run=True)
    assert report.added == (("refund", "en"),) and not report.applied
    assert await stored(db) == []


async def test_replace_removes_what_is_not_there(db: Database, tmp_path: Path) -> None:
    other = {**REFUND, "id": "old"}
    await import_path(db, jsonl(tmp_path, REFUND, HINDI, other))
    path = jsonl(tmp_path, REFUND)
    assert (await import_path(db, path)).removed == ()
    report = await import_path(db, path, replace=True)
    assert report.removed == (("old", "en"), ("refund", "hi"))
    assert [(e.article, e.locale) for e in await stored(db)] == [("refund", "en")]


async def test_what_a_form_does_not_carry_stays(db: Database, tmp_path: Path) -> None:
    rich = Entry(
        "refund", "en", "Refund", "Soon.", ("when?",), ("money",), "refunds", "draft", "en"
    )
    async with db.transaction() as session:
        await articles.write(session, rich, "ana")
    report = await import_path(db, jsonl(tmp_path, REFUND))
    assert report.changed == (("refund", "en"),)
    kept = (await stored(db))[0]
    assert (kept.questions, kept.tags, kept.category, kept.state) == (
        ("when?",), ("money",), "refunds", "draft",
    )  # fmt: skip
    assert kept.body == "In five days." and kept.version == 2


async def test_a_translation_that_changes_with_its_source_is_in_step(
    db: Database, tmp_path: Path
) -> None:
    await import_path(db, jsonl(tmp_path, REFUND, HINDI))
    await import_path(db, jsonl(tmp_path, {**REFUND, "a": "In two days."}))
    assert [e.locale for e in articles.stale(await stored(db))] == ["hi"]
    both = jsonl(tmp_path, {**REFUND, "a": "In one day."}, {**HINDI, "a": "एक दिन में।"})
    await import_path(db, both)
    assert articles.stale(await stored(db)) == []


async def test_markdown_goes_out_and_comes_back(
    db: Database, tmp_path: Path, sqlite_url: str
) -> None:
    await import_path(db, jsonl(tmp_path, REFUND, HINDI, {**REFUND, "id": "a/b: ফেরত"}))
    assert await export(db, tmp_path / "out") == {"en": 2, "hi": 1}
    before = await stored(db)
    report = await import_path(db, tmp_path / "out", replace=True)
    assert len(report.unchanged) == 3 and await stored(db) == before


line = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\u202d\u202e"),
    min_size=1,
    max_size=40,
).filter(str.strip)
tag = st.sampled_from(["en", "bn", "mr", "no", "pt-BR", "zh-Hant", "sr-Latn-RS"])


nasty = st.sampled_from(
    (
        *("---", "", "id: b", "title: 'x", "- a", "? b", "# c", "{a: [b", "\"q\" 'q'", "~", "null"),
        *("no", "1_000", "=1+1", "'=1", "e\u0301 \u00e9", "\U0001f469\u200d\U0001f467 \U0001f1e7"),
        *("\u05e9\u05dc\u05d5\u05dd \u200f123\u200e", "\u0d28\u0d4d\u200d", "a\u2028b", "\ufeffx"),
        *("    four spaces", "\\n", "<br>", "%", "&", "*", "`"),
    )
)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Any article an author may write, in its stored form."""
    given: Mapping[str, object] = {
        "article": draw(line),
        "locale": draw(tag),
        "title": draw(line),
        "body": "\n".join(draw(st.lists(line | nasty, min_size=1, max_size=5))),
        "questions": draw(st.lists(line | nasty.filter(bool), max_size=4)),
        "tags": draw(st.lists(line, max_size=2)),
        "category": draw(st.just("") | line),
        "state": draw(st.sampled_from(["draft", "published", "archived"])),
        "source_locale": draw(tag),
        "source_version": draw(st.integers(1, 99)),
    }
    assume(str(given["body"]).strip())
    made = checks.fields(given)
    day = draw(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)))
    return Entry(**made, updated=day)  # type: ignore[arg-type]


bases = st.lists(entries(), max_size=4, unique_by=lambda e: (e.article, e.locale))
fresh = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)


def read_back(path: Path) -> set[Entry]:
    found, rejected = read(path)
    assert rejected == []
    return {Entry(**item.given) for item in found}  # type: ignore[arg-type]


@given(bases, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
@fresh
def test_any_article_survives_markdown(
    tmp_path: Path, written: list[Entry], newline: str, marked: bool
) -> None:
    shutil.rmtree(tmp_path / "kb", ignore_errors=True)
    (tmp_path / "kb").mkdir()
    write_markdown(tmp_path / "kb", written)
    for file in (tmp_path / "kb").rglob("*.md"):  # as an editor on another system saves it
        text = file.read_text(encoding="utf-8").replace("\n", newline)
        file.write_bytes((b"\xef\xbb\xbf" if marked else b"") + text.encode())
    assert read_back(tmp_path / "kb") == {dataclasses.replace(e, version=0) for e in written}


@given(bases, st.sampled_from(["kb.csv", "kb.jsonl"]))
@fresh
def test_any_article_survives_a_table(tmp_path: Path, written: list[Entry], name: str) -> None:
    write(tmp_path / name, written)
    if written:
        assert read_back(tmp_path / name) == {dataclasses.replace(e, version=0) for e in written}


@given(bases)
@fresh
def test_a_faqpage_keeps_what_it_has_a_place_for(tmp_path: Path, written: list[Entry]) -> None:
    published = [e for e in written if e.state == "published"]
    assert list(write(tmp_path / "faq.json", written)) == published
    raw = (tmp_path / "faq.json").read_text(encoding="utf-8")
    assert "</" not in raw  # it stands inside a script element
    pages = json.loads(raw)["@graph"]
    told = {(q["identifier"], p["inLanguage"], q["name"]) for p in pages for q in p["mainEntity"]}
    assert told == {(e.article, e.locale, e.title) for e in published}


def test_a_faqpage_comes_back(tmp_path: Path) -> None:
    body = "In **five** days & nights.\n\n1. [Ask](https://a.example/?a&b) *us*\n2. Wait\n\nDone"
    entry = Entry("refund", "pt-BR", "Reembolso?", body)
    write(tmp_path / "faq.json", [entry])
    (back,) = read_back(tmp_path / "faq.json")
    assert (back.article, back.locale, back.title) == ("refund", "pt-BR", "Reembolso?")
    assert back.body == body


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain text\nsecond line", "plain text\nsecond line"),
        ("a < b & c", "a < b & c"),
        ("<b></b>x<script>y()</script>", "x"),
        ("<a href='javascript:x()'>y</a>", "y"),
        ("<div>One</div>\n<ul>\n<li>a</li>\n<li>b<ol><li>c</li></ol></li></ul>Two",
         "One\n\n- a\n- b\n   1. c\n\nTwo"),
        ("<h2>T</h2>a<br>b<img src=x onerror=y()>", "T\n\na\nb"),
        ("<p>&lt;script&gt;</p>", "<script>"),
    ],
)  # fmt: skip
def test_html_becomes_markdown(html: str, text: str) -> None:
    assert markdown(html) == text


def test_a_spreadsheet_gets_no_formula(tmp_path: Path) -> None:
    entry = Entry("=1+1", "en", "@SUM(A1)", "-1\n=2", ("+3", "'=4"))
    write(tmp_path / "kb.csv", [entry])
    raw = (tmp_path / "kb.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and b"\n'=1+1,en,'@SUM(A1)," in raw
    (back,) = read_back(tmp_path / "kb.csv")
    assert back == dataclasses.replace(entry, source_locale=back.source_locale)


async def test_the_base_comes_out_as_it_went_in(db: Database, tmp_path: Path) -> None:
    path = jsonl(tmp_path, {**REFUND, "questions": [], "tags": ["a"], "status": "draft"}, HINDI)
    await import_path(db, path)
    before = await stored(db)
    for name in ("folder", "kb.csv", "kb.jsonl"):
        out = tmp_path / "out" / name
        out.parent.mkdir(exist_ok=True)
        assert await export(db, out) == {"en": 1, "hi": 1}
        report = await import_path(db, out, replace=True)
        assert report.applied and len(report.unchanged) == 2 and not report.changed, name
    assert await stored(db) == before
    with pytest.raises(UnknownForm):
        await export(db, tmp_path / "kb.docx")


FRONT = "---\nid: a\ntitle: T\nlocale: en\n---\nBody\n"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("en/a.md", "no front matter", "no front matter"),
        ("en/a.md", "---\nid: [a\n---\nBody\n", "front matter is not YAML"),
        ("en/a.md", "---\n- a\n---\nBody\n", "not a list of"),
        ("en/a.md", FRONT.replace("title", "titel"), "unknown in the front matter: titel"),
        ("en/b.md", FRONT, "file name and id 'a' differ"),
        ("hi/a.md", FRONT, "is in folder 'hi', but says locale en"),
        ("en/a.md", FRONT.replace("Body", "\u202eydoB"), "bidi override (U+202E)"),
        ("en/a.md", FRONT.replace("Body", "a\x00b"), "control character (U+0000)"),
        ("en/a.md", FRONT.replace("T\n", "T\nstatus: live\n"), "status 'live' is none of"),
        ("en/a.md", FRONT.replace("T\n", "T\nupdated: soon\n"), "updated 'soon' is not a date"),
        ("en/a.md", FRONT.replace("T\n", "T\nquestions: why\n"), "questions must be a list"),
        ("en/a.md", FRONT.replace("Body", "x" * 60_000), "body has 60,00"),
        ("en/a.md", FRONT.encode("utf-16"), "UTF-16"),
        ("en/a.md", FRONT.encode("utf-16-le"), "UTF-16"),
        ("en/a.md", FRONT.replace("Body", "Café ouvert").encode("cp1252"), "'Café ouvert'"),
        ("en/a.md", FRONT.replace("Body", "x" * 10_000_000), "body has 10,000,00"),
        ("en/a.md", FRONT.encode() + b"\xe9", "not UTF-8 (byte 0xE9)"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_broken_file_says_what_is_wrong(
    tmp_path: Path, name: str, text: str | bytes, reason: str
) -> None:
    saved(tmp_path / "kb", name, text)
    found, rejected = read(tmp_path / "kb")
    assert not found and len(rejected) == 1
    assert reason in rejected[0].reason and rejected[0].source.file == name


@pytest.mark.parametrize(
    ("name", "text", "line_number", "reason"),
    [
        ("a.jsonl", "{}\n", 1, "id is missing"),
        ("a.jsonl", "\n\n[1]\n", 3, "not a JSON object"),
        ("a.jsonl", "{'id'}\n", 1, "not JSON"),
        ("a.jsonl", "[" * 100_000, 1, "not JSON"),
        ("a.jsonl", json.dumps({**REFUND, "a": "\ud800"}), 1, "control character (U+D800)"),
        ("a.jsonl", json.dumps(REFUND) + "\n" + json.dumps(REFUND), 2, "is there already"),
        ("a.csv", "id,lang,q\n", 1, "no column a"),
        ("a.csv", "id,lang,q,a\nx,en,Q\n", 2, "another number of cells"),
        ("a.csv", 'id,lang,q,a\nx,en,"Q,A\n', 2, "not CSV"),
        ("a.json", "{}", None, "FAQPage"),
        ("a.json", "{\n{", 2, "not JSON"),
        ("a.docx", "PK", None, "not a folder"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_broken_row_says_where_and_why(
    tmp_path: Path, name: str, text: str, line_number: int | None, reason: str
) -> None:
    _, rejected = read(saved(tmp_path, name, text))
    assert len(rejected) == 1 and rejected[0].source.line == line_number
    assert reason in rejected[0].reason


def test_csv_with_lists_and_another_delimiter(tmp_path: Path) -> None:
    text = '\ufeffID;Lang;Question;Answer;Questions\r\nx;en;Q;"A; and\nB";"one\ntwo"\r\n'
    found, rejected = read(saved(tmp_path, "a.csv", text))
    assert rejected == [] and dict(found[0].given) == {
        "article": "x", "locale": "en", "title": "Q", "body": "A; and\nB",
        "questions": ("one", "two"),
    }  # fmt: skip


def test_faqpage_in_its_usual_dresses(tmp_path: Path) -> None:
    question = {
        "@type": "Question",
        "@id": "https://shop.example/help#refund",
        "name": "When is the refund?",
        "acceptedAnswer": {
            "@type": "Answer",
            "text": "<p>In <b>five</b> days &amp; nights.</p><p>Ask us.</p><script>x()</script>",
        },
    }
    page = {"@type": ["WebPage", "FAQPage"], "inLanguage": "pt_br", "mainEntity": [question]}
    for document in (page, [page], {"@context": "https://schema.org", "@graph": [page]}):
        found, rejected = read(saved(tmp_path, "a.json", json.dumps(document)))
        assert rejected == [] and dict(found[0].given) == {
            "article": "refund", "locale": "pt-BR", "title": "When is the refund?",
            "body": "In **five** days & nights.\n\nAsk us.",
        }  # fmt: skip
    del page["inLanguage"]
    _, rejected = read(saved(tmp_path, "a.json", json.dumps(page)))
    assert "inLanguage" in rejected[0].reason


async def test_contradictions_between_files_are_rejected(db: Database, tmp_path: Path) -> None:
    english = "---\nid: a\ntitle: T\nlocale: en\ncategory: one\nsource_locale: en\n---\nBody\n"
    saved(tmp_path / "kb", "en/a.md", english)
    other = english.replace("locale: en\ncat", "locale: hi\ncat").replace("one", "two")
    saved(tmp_path / "kb", "hi/a.md", other.replace("source_locale: en", "source_locale: hi"))
    report = await import_path(db, tmp_path / "kb")
    assert {r.reason for r in report.rejected} == {
        "source_locale hi, elsewhere en", "category two, elsewhere one",
    }  # fmt: skip


async def test_an_empty_folder_does_not_empty_the_base(db: Database, tmp_path: Path) -> None:
    await import_path(db, jsonl(tmp_path, REFUND))
    (tmp_path / "none").mkdir()
    report = await import_path(db, tmp_path / "none", replace=True)
    assert [r.reason for r in report.rejected] == ["no articles in it"]
    assert len(await stored(db)) == 1
    with pytest.raises(FileNotFoundError):
        await import_path(db, tmp_path / "nowhere")


def test_a_flood_of_faults_is_cut_short(tmp_path: Path) -> None:
    found, rejected = read(saved(tmp_path, "a.jsonl", "x\n" * 100_000))
    assert not found and len(rejected) == 1_001
    assert isinstance(rejected[-1], Rejected) and "more faults" in rejected[-1].reason
