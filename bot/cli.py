"""`setu …`: parses the command line, calls one room, prints.

Results go to stdout (one JSON a line where lines go in), everything else to stderr. Exit codes:
0 done, 1 the thing asked for failed, 2 the command line or a setting is wrong.
"""

import asyncio
import contextlib
import dataclasses
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.settings import Settings, SettingsError
from bot.settings import settings as load_settings

app = typer.Typer(
    name="setu",
    help="A multilingual customer-support assistant.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
kb = typer.Typer(help="The knowledge base.", no_args_is_help=True)
agents = typer.Typer(help="The people at the desk.", no_args_is_help=True)
evaluate = typer.Typer(help="Quality figures from labelled data.", no_args_is_help=True)
app.add_typer(kb, name="kb")
app.add_typer(agents, name="agents")
app.add_typer(evaluate, name="eval")

_err = Console(stderr=True, highlight=False)


def _fail(message: str, code: int = 1) -> typer.Exit:
    _err.print(f"[red]setu:[/red] {message}", soft_wrap=True)
    return typer.Exit(code)


def _settings() -> Settings:
    from bot import logs

    try:
        found = load_settings()
    except SettingsError as error:
        raise _fail(str(error), 2) from None
    logs.configure(found.log_format)
    return found


def _print(row: object) -> None:
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _lines() -> Iterator[str]:
    """Standard input, one text a line; bytes that are not UTF-8 are replaced, not fatal."""
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", "replace").rstrip("\r\n")


@app.command()
def serve() -> None:
    """Migrate, train if needed, import the sample base into an empty one, and serve."""
    from bot.serve import NotReady, prepare, run

    found = _settings()
    try:
        prepare(found, _err)
        run(found, _err)
    except NotReady as error:
        raise _fail(str(error)) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@app.command()
def migrate() -> None:
    """Bring the database to this program's schema."""
    from bot.db import migrate as bring

    bring(_settings().database_url)


@app.command()
def train(
    if_needed: Annotated[bool, typer.Option(help="Only if the sources have changed.")] = False,
) -> None:
    """Train the Rasa model from config.yml, domain.yml and data/."""
    from bot.engine.training import model_is_current
    from bot.engine.training import train as train_model

    home = _settings().home
    if if_needed and model_is_current(home):
        return
    path = train_model(home)
    _err.print(f"Model: {path.name}")


@app.command()
def doctor() -> None:
    """Look for what is wrong, and say what to do."""
    from bot.doctor import examine

    findings = asyncio.run(examine(_settings()))
    marks = {"ok": "[green]ok[/green]     ", "warning": "[yellow]warning[/yellow]"}
    for finding in findings:
        mark = marks.get(finding.state, "[red]fault[/red]  ")
        _err.print(f"{mark}  {finding.what}", soft_wrap=True)
        if finding.advice:
            _err.print(f"         {finding.advice}", soft_wrap=True)
    if any(finding.state == "fault" for finding in findings):
        raise typer.Exit(1)


@app.command()
def detect(
    prior: Annotated[str | None, typer.Option(help="BCP 47 tag to expect.")] = None,
) -> None:
    """What language is each line of standard input? One JSON a line."""
    from bot.languages.detect import detector, judgement_to_json

    judge = detector(_settings().detector)
    expected = {prior: 1.0} if prior else None
    for line in _lines():
        _print(judgement_to_json(judge.judge(line, expected)))


@app.command()
def parse() -> None:
    """What does the assistant understand of each line of standard input? One JSON a line."""
    from bot.db import Database
    from bot.engine.engine import Engine, Reads
    from bot.knowledge.base import Knowledge
    from bot.serve import NotReady, prepare

    found = _settings()
    try:
        prepare(found, _err)
    except NotReady as error:
        raise _fail(str(error)) from None

    async def work() -> None:
        db, knowledge = Database(found.database_url), Knowledge()
        await knowledge.load(db)
        engine = Engine(found.home, Reads(search=knowledge.search, article=knowledge.article))
        await engine.start()
        try:
            for line in _lines():
                parsed = await engine.parse(line)
                decision = knowledge.search(line, parsed["language"] or found.default_locale)
                first = decision.results[0].article if decision.results else None
                _print({**parsed, "knowledge": {"decision": decision.kind, "article": first}})
        finally:
            await engine.stop()
            await db.dispose()

    asyncio.run(work())


@kb.command("import")
def kb_import(
    path: Annotated[Path, typer.Argument(help="Markdown folder, CSV, JSON Lines or FAQPage.")],
    replace: Annotated[bool, typer.Option(help="Remove what is not in PATH.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Only report what would change.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Bring articles in: all or nothing."""
    from bot.serve import NotReady, import_articles

    try:
        report = import_articles(_settings(), path, replace=replace, dry_run=dry_run, console=_err)
    except NotReady as error:
        raise _fail(str(error)) from None
    if as_json:
        _print(report.to_json())
    else:
        _err.print(
            f"{'Would be' if dry_run else 'Articles'}: {len(report.added)} added, "
            f"{len(report.changed)} changed, {len(report.unchanged)} unchanged, "
            f"{len(report.removed)} removed, {len(report.rejected)} rejected"
        )
        for fault in report.rejected:
            _err.print(f"  {fault.source.file}:{fault.source.line or ''} {fault.reason}")
    if report.rejected:
        raise _fail("Nothing was imported. Mend what is listed above and import again.")


@kb.command("search")
def kb_search(
    locale: Annotated[str | None, typer.Option(help="The reader's locale.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=50)] = 3,
) -> None:
    """Search the base with each line of standard input. One JSON a line."""
    from bot.db import Database, migrate
    from bot.knowledge.base import Knowledge
    from bot.languages.detect import detector

    found = _settings()
    migrate(found.database_url)

    async def work() -> None:
        db, knowledge = Database(found.database_url), Knowledge()
        await knowledge.load(db)
        judge = detector(found.detector)
        for line in _lines():
            language = judge.judge(line).language
            _print(_search_row(knowledge, line, language, locale, limit, found))
        await db.dispose()

    asyncio.run(work())


def _search_row(
    knowledge: Any, line: str, language: str | None, locale: str | None, limit: int, found: Settings
) -> dict[str, Any]:
    reader = locale or language or found.default_locale
    decision = knowledge.search(line, reader, limit, language=language)
    return {
        "query": line,
        "language": language,
        "decision": decision.kind,
        "confidence": decision.confidence,
        "results": [
            {
                "article": result.article,
                "locale": result.locale,
                "title": result.title,
                "score": result.score,
                "confidence": result.confidence,
            }
            for result in decision.results
        ],
    }


@kb.command("export")
def kb_export(
    folder: Annotated[Path, typer.Argument(help="Written as <locale>/<id>.md.")],
    locale: Annotated[str | None, typer.Option(help="Only this locale.")] = None,
) -> None:
    """Write the base as Markdown with front matter."""
    from bot.db import Database, migrate
    from bot.knowledge.transfer import export

    found = _settings()
    migrate(found.database_url)

    async def work() -> dict[str, int]:
        db = Database(found.database_url)
        try:
            return await export(db, folder, locale)
        finally:
            await db.dispose()

    written = asyncio.run(work())
    _err.print(f"{sum(written.values())} files in {folder}")


@kb.command("lint")
def kb_lint(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON a fault.")] = False,
) -> None:
    """Find missing and stale locales, and wordings that lead to another article."""
    from bot.db import Database, migrate
    from bot.knowledge.embed import embedder
    from bot.knowledge.lint import lint_base

    found = _settings()
    migrate(found.database_url)

    async def work() -> Sequence[Any]:
        db = Database(found.database_url)
        try:
            return await lint_base(db, embedder())
        finally:
            await db.dispose()

    faults = asyncio.run(work())
    _table(faults, as_json)
    if faults:
        raise typer.Exit(1)


@kb.command("gaps")
def kb_gaps(
    limit: Annotated[int, typer.Option(min=1, help="How many, the largest first.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON a gap.")] = False,
) -> None:
    """What clients asked in the last five weeks and did not get, alike questions together."""
    from bot.db import Database, migrate
    from bot.desk.knowledge_gaps import Report, report
    from bot.knowledge.base import Knowledge
    from bot.knowledge.embed import embedder
    from bot.knowledge.store import index_missing

    found = _settings()
    migrate(found.database_url)

    async def work() -> Report:
        db, knowledge = Database(found.database_url), Knowledge()
        try:
            await index_missing(db, embedder())
            await knowledge.load(db)
            return await report(db, knowledge, embedder())
        finally:
            await db.dispose()

    made = asyncio.run(work())
    if as_json:
        for gap in made.gaps[:limit]:
            _print(gap.to_json())
        return
    _table([gap.row() for gap in made.gaps[:limit]], as_json)
    _err.print(f"{len(made.gaps)} gaps from {made.of} questions")


@agents.command("add")
def agents_add(
    email: Annotated[str, typer.Argument(help="What they log in with.")],
    name: Annotated[str, typer.Option(help="As clients see it.")],
    languages: Annotated[str, typer.Option(help="What they speak, with commas: en,bn.")] = "en",
    role: Annotated[str, typer.Option(help="agent, author, supervisor or admin.")] = "agent",
) -> None:
    """Add an account. The password is asked for, or read from standard input."""
    from bot.db import Database, migrate
    from bot.handoff.agents import AgentError, add, hash_password
    from bot.languages.locales import UnknownLocale
    from bot.languages.say import say

    found = _settings()
    password = (
        typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\r\n")
    )
    migrate(found.database_url)

    async def work() -> None:
        db = Database(found.database_url)
        try:
            hashed = await hash_password(password)
            levels = {tag.strip(): 3 for tag in languages.split(",") if tag.strip()}
            async with db.transaction() as session:
                await add(
                    session,
                    email=email,
                    name=name,
                    password_hash=hashed,
                    role=role,  # type: ignore[arg-type]  # checked by `add`
                    languages=levels,
                )
        finally:
            await db.dispose()

    try:
        asyncio.run(work())
    except AgentError as error:
        raise _fail(say(f"desk.refused.{error}", "en")) from None
    except UnknownLocale as error:
        raise _fail(f"no such language: {error}") from None
    _err.print(f"{name} can log in at {found.address}/desk")


@evaluate.command("language")
def eval_language(
    files: Annotated[list[Path], typer.Argument(help="TSV: dataset, bucket, language, text.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON a row.")] = False,
) -> None:
    """How often is the language right, by kind of text and length?"""
    from bot.languages.detect import detector
    from bot.languages.evaluate import BadLine, evaluate

    try:
        rows = evaluate(files, detector(_settings().detector))
    except (BadLine, OSError) as error:
        raise _fail(str(error)) from None
    _table(rows, as_json)


@evaluate.command("knowledge")
def eval_knowledge(
    files: Annotated[list[Path], typer.Argument(help="An FAQ in several languages.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON a row.")] = False,
) -> None:
    """How often is the right article first, and is silence kept where there is none?"""
    from bot.knowledge.embed import embedder
    from bot.knowledge.evaluate import evaluate

    _settings()
    try:
        rows = [row for file in files for row in evaluate(file, embedder())]
    except (ValueError, OSError) as error:
        raise _fail(str(error)) from None
    _table(rows, as_json)


@evaluate.command("intents")
def eval_intents(
    train: Annotated[Path, typer.Argument(help="JSON Lines: lang, text, label.")],
    test: Annotated[Path, typer.Argument(help="The same; NO_NODES_DETECTED is out of scope.")],
    as_json: Annotated[bool, typer.Option("--json", help="One prediction a line.")] = False,
) -> None:
    """Train config.yml's pipeline on TRAIN in a scratch folder and classify TEST."""
    from bot.engine.evaluate import UnusableData, evaluate_intents, summary
    from bot.engine.turn import EngineError

    try:
        predictions = evaluate_intents(train, test, _settings().home)
    except (UnusableData, EngineError, OSError) as error:
        raise _fail(str(error)) from None
    if as_json:
        _table(predictions, as_json)
        return
    figures = summary(predictions)
    for name, share in (("in scope", figures.in_scope), ("separation", figures.separation)):
        if share is not None:
            typer.echo(
                f"{name:12} {share.value:6.1%}  [{share.low:.1%}, {share.high:.1%}]  n={share.n}"
            )


def _table(rows: Sequence[Any], as_json: bool) -> None:
    """Dataclass rows: one JSON a line, or a table a person reads."""
    if as_json:
        for row in rows:
            _print(dataclasses.asdict(row))
        return
    table = Table()
    for field in dataclasses.fields(rows[0]) if rows else ():
        table.add_column(field.name)
    for row in rows:
        table.add_row(
            *(
                f"{value:.3f}" if isinstance(value, float) else str(value)
                for value in dataclasses.astuple(row)
            )
        )
    Console(width=None if sys.stdout.isatty() else 160).print(table)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        app()
