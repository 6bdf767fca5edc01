"""`setu …`: parses the command line, calls one room, prints.

Results go to stdout (one JSON a line where lines go in), everything else to stderr. Exit codes:
0 done, 1 the thing asked for failed, 2 the command line or a setting is wrong.
"""

import asyncio
from typing import Annotated

import typer

from bot.cli.agents import agents
from bot.cli.channels import channels
from bot.cli.evaluation import evaluate
from bot.cli.knowledge import kb
from bot.cli.memory import give_back
from bot.cli.personal import erase, export
from bot.cli.terminal import err, fail, lines, put, settings
from bot.cli.texts import texts

app = typer.Typer(
    name="setu",
    help="A multilingual customer-support assistant.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(kb, name="kb")
app.add_typer(agents, name="agents")
app.add_typer(channels, name="channels")
app.add_typer(evaluate, name="eval")
app.command()(texts)
app.command()(export)
app.command()(erase)


@app.command()
def serve() -> None:
    """Migrate, train if needed, import the sample base into an empty one, and serve."""
    found = settings()  # before what takes seconds to load: a wrong one is told of at once
    give_back()
    from bot.serve import NotReady, prepare, run

    try:
        prepare(found, err)
        run(found, err)
    except NotReady as error:
        raise fail(str(error)) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@app.command()
def migrate() -> None:
    """Bring the database to this program's schema."""
    from bot.db import migrate as bring

    bring(settings().database_url)


@app.command()
def train(
    if_needed: Annotated[bool, typer.Option(help="Only if the sources have changed.")] = False,
) -> None:
    """Train the Rasa model from config.yml, domain.yml and data/."""
    from bot.engine.training import model_is_current
    from bot.engine.training import train as train_model

    home = settings().home
    if if_needed and model_is_current(home):
        return
    path = train_model(home)
    err.print(f"Model: {path.name}")


@app.command()
def doctor() -> None:
    """Look for what is wrong, and say what to do."""
    from bot.doctor import examine

    findings = asyncio.run(examine(settings()))
    marks = {"ok": "[green]ok[/green]     ", "warning": "[yellow]warning[/yellow]"}
    for finding in findings:
        mark = marks.get(finding.state, "[red]fault[/red]  ")
        err.print(f"{mark}  {finding.what}", soft_wrap=True)
        if finding.advice:
            err.print(f"         {finding.advice}", soft_wrap=True)
    if any(finding.state == "fault" for finding in findings):
        raise typer.Exit(1)


@app.command()
def detect(
    prior: Annotated[str | None, typer.Option(help="BCP 47 tag to expect.")] = None,
) -> None:
    """What language is each line of standard input? One JSON a line."""
    from bot.languages.detect import detector, judgement_to_json

    judge = detector(settings().detector)
    expected = {prior: 1.0} if prior else None
    for line in lines():
        put(judgement_to_json(judge.judge(line, expected)))


@app.command()
def parse() -> None:
    """What does the assistant understand of each line of standard input? One JSON a line."""
    from bot.db import Database
    from bot.engine.engine import Engine, Reads
    from bot.knowledge.base import Knowledge
    from bot.serve import NotReady, prepare

    found = settings()
    try:
        prepare(found, err)
    except NotReady as error:
        raise fail(str(error)) from None

    async def work() -> None:
        db, knowledge = Database(found.database_url), Knowledge()
        await knowledge.load(db)
        engine = Engine(found.home, Reads(search=knowledge.search, article=knowledge.article))
        await engine.start()
        try:
            for line in lines():
                parsed = await engine.parse(line)
                decision = knowledge.search(line, parsed["language"] or found.default_locale)
                first = decision.results[0].article if decision.results else None
                put({**parsed, "knowledge": {"decision": decision.kind, "article": first}})
        finally:
            await engine.stop()
            await db.dispose()

    asyncio.run(work())
