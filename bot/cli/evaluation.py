"""`setu eval …`: quality figures from labelled data."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.terminal import fail, settings, table

evaluate = typer.Typer(help="Quality figures from labelled data.", no_args_is_help=True)


@evaluate.command("language")
def eval_language(
    files: Annotated[list[Path], typer.Argument(help="TSV: dataset, bucket, language, text.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON a row.")] = False,
) -> None:
    """How often is the language right, by kind of text and length?"""
    from bot.languages.detect import detector
    from bot.languages.evaluate import BadLine, evaluate

    try:
        rows = evaluate(files, detector(settings().detector))
    except (BadLine, OSError) as error:
        raise fail(str(error)) from None
    table(rows, as_json)


@evaluate.command("knowledge")
def eval_knowledge(
    files: Annotated[list[Path], typer.Argument(help="An FAQ in several languages.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON a row.")] = False,
) -> None:
    """How often is the right article first, and is silence kept where there is none?"""
    from bot.knowledge.embed import embedder
    from bot.knowledge.evaluate import compared, evaluate

    settings()
    try:
        rows = [row for file in files for row in evaluate(file, embedder())]
    except (ValueError, OSError) as error:
        raise fail(str(error)) from None
    table(rows if as_json else compared(rows), as_json)


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
        predictions = evaluate_intents(train, test, settings().home)
    except (UnusableData, EngineError, OSError) as error:
        raise fail(str(error)) from None
    if as_json:
        table(predictions, as_json)
        return
    figures = summary(predictions)
    for name, share in (("in scope", figures.in_scope), ("separation", figures.separation)):
        if share is not None:
            typer.echo(
                f"{name:12} {share.value:6.1%}  [{share.low:.1%}, {share.high:.1%}]  n={share.n}"
            )
