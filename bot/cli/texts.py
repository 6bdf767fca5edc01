"""`setu texts TAG`: a language's catalog, brought up to date and looked through."""

from collections import Counter
from typing import Annotated

import typer
from rich.markup import escape

from bot.cli.terminal import err, fail, settings


def texts(
    language: Annotated[str, typer.Argument(help="Its tag in data/languages.yml, as in `ne`.")],
) -> None:
    """Make or update the file a translator works in, and say what is left to do.

    Ends with 1 while something is.
    """
    from bot.languages.catalogs import faults
    from bot.languages.drafts import update
    from bot.languages.lacking import lacks
    from bot.languages.locales import UnknownLocale

    settings()
    try:
        updated = update(language)
    except (UnknownLocale, ValueError) as error:
        raise fail(str(error)) from None
    err.print(
        f"{updated.file}: {len(updated.keys)} texts, {updated.new} of them new, "
        f"{updated.stale} whose English has changed, {updated.gone} no longer said",
        soft_wrap=True,
    )
    for lack in lacks(language):
        named = ", ".join(f"`{name}`" for name in lack.names)
        told = f"data/languages.yml: `{lack.key}` of {language} has no {named}"
        err.print(f"[yellow]no {lack.what}[/yellow]  {told}", soft_wrap=True)
    found = [fault for fault in faults(language) if fault.key.partition("|")[0] in updated.keys]
    for fault in found:
        if fault.kind != "untranslated":
            told = escape(f"{fault.key}: {fault.text}")
            err.print(f"[yellow]{fault.kind}[/yellow]  {told}", soft_wrap=True)
    if found:
        counted = Counter(fault.kind for fault in found)
        err.print(", ".join(f"{count} {kind}" for kind, count in counted.most_common()))
        raise typer.Exit(1)
    err.print("[green]complete[/green]")
