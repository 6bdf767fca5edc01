"""`setu kb …`: the knowledge base from the command line."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.terminal import err, fail, lines, put, settings, table
from bot.settings import Settings

kb = typer.Typer(help="The knowledge base.", no_args_is_help=True)


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
        report = import_articles(settings(), path, replace=replace, dry_run=dry_run, console=err)
    except NotReady as error:
        raise fail(str(error)) from None
    if as_json:
        put(report.to_json())
    else:
        err.print(
            f"{'Would be' if dry_run else 'Articles'}: {len(report.added)} added, "
            f"{len(report.changed)} changed, {len(report.unchanged)} unchanged, "
            f"{len(report.removed)} removed, {len(report.rejected)} rejected"
        )
        for fault in report.rejected:
            err.print(f"  {fault.source.file}:{fault.source.line or ''} {fault.reason}")
    if report.rejected:
        raise fail("Nothing was imported. Mend what is listed above and import again.")


@kb.command("search")
def kb_search(
    locale: Annotated[str | None, typer.Option(help="The reader's locale.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=50)] = 3,
) -> None:
    """Search the base with each line of standard input. One JSON a line."""
    from bot.db import Database, migrate
    from bot.knowledge.base import Knowledge
    from bot.languages.detect import detector

    found = settings()
    migrate(found.database_url)

    async def work() -> None:
        db, knowledge = Database(found.database_url), Knowledge()
        await knowledge.load(db)
        judge = detector(found.detector)
        for line in lines():
            language = judge.judge(line).language
            put(_search_row(knowledge, line, language, locale, limit, found))
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
        **({"read": decision.read} if decision.read else {}),
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
    path: Annotated[
        Path, typer.Argument(help="A folder (Markdown), or a .csv, .jsonl or .json (FAQPage) file.")
    ],
    locale: Annotated[str | None, typer.Option(help="Only this locale.")] = None,
) -> None:
    """Write the base to files."""
    from bot.db import Database, migrate
    from bot.knowledge.formats import UnknownForm
    from bot.knowledge.transfer import export

    found = settings()
    migrate(found.database_url)

    async def work() -> dict[str, int]:
        db = Database(found.database_url)
        try:
            return await export(db, path, locale)
        finally:
            await db.dispose()

    try:
        written = asyncio.run(work())
    except UnknownForm as error:
        raise fail(str(error), 2) from None
    except OSError as error:
        raise fail(f"{path} cannot be written: {error.strerror}", 2) from None
    err.print(f"{sum(written.values())} articles in {path}")


@kb.command("lint")
def kb_lint(
    online: Annotated[bool, typer.Option(help="Ask every linked page if it is there.")] = False,
    hints: Annotated[bool, typer.Option(help="Also what may well be right.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON a fault.")] = False,
) -> None:
    """Find what is wrong with the articles. Ends with 1 where there are faults, not hints alone."""
    from bot.db import Database, migrate
    from bot.knowledge.embed import embedder
    from bot.knowledge.lint import lint_base
    from bot.knowledge.lint_online import lint_links
    from bot.knowledge.store import index_missing

    found = settings()
    migrate(found.database_url)

    async def work() -> list[Any]:
        db = Database(found.database_url)
        try:
            await index_missing(db, embedder())
            local = await lint_base(db, embedder())
            return [*local, *(await lint_links(db) if online else ())]
        finally:
            await db.dispose()

    everything = asyncio.run(work())
    faults = [one for one in everything if not one.hint]
    table(everything if hints else faults, as_json)
    err.print(f"{len(faults)} faults, {len(everything) - len(faults)} hints")
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

    found = settings()
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
            put(gap.to_json())
        return
    table([gap.row() for gap in made.gaps[:limit]], as_json)
    err.print(f"{len(made.gaps)} gaps from {made.of} questions")
