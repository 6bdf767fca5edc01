"""`setu channels …`: where clients can write from besides the website."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from bot.cli.terminal import err, fail, put, settings

channels = typer.Typer(help="Messengers, mail and programs of your own.", no_args_is_help=True)

_Name = Annotated[str | None, typer.Argument(help="One channel; all that are on without it.")]
_AsJson = Annotated[bool, typer.Option("--json", help="One JSON a line.")]


@channels.command("list")
def channels_list(as_json: _AsJson = False) -> None:
    """Every channel, whether it is on, and the address its platform calls."""
    from bot.channels import hooks, registry

    found = settings()
    on = registry.configured(found)
    for name in registry.KNOWN:
        channel = on.get(name)
        hooked = channel is None or hasattr(channel, "verify")
        row = {
            "channel": name,
            "on": channel is not None,
            "missing": registry.KNOWN[name].missing(found),
            "address": f"{found.address}{hooks.PREFIX}{name}"
            if hooked
            else getattr(channel, "mailbox", None),
        }
        if as_json:
            put(row)
        else:
            missing = ", ".join(registry.KNOWN[name].missing(found))
            state = f"off  needs {missing}" if missing else f"on   {row['address'] or ''}"
            typer.echo(f"{name:<12}{state}".rstrip())


@channels.command("check")
def channels_check(name: _Name = None, as_json: _AsJson = False) -> None:
    """Ask the platforms whether all is well, and say what is wrong."""
    _examine(name, as_json, "check")


@channels.command("register")
def channels_register(name: _Name = None, as_json: _AsJson = False) -> None:
    """Set up at the platforms what can be set up from here, then check."""
    _examine(name, as_json, "register")


def _examine(name: str | None, as_json: bool, what: str) -> None:
    from bot.channels import registry
    from bot.channels.contract import Channel, Finding

    found = settings()
    on = registry.configured(found)
    if name is not None and name not in registry.KNOWN:
        raise fail(f"no such channel: {name}. There are {', '.join(registry.KNOWN)}.", 2)
    if name is not None and name not in on:
        missing = ", ".join(registry.KNOWN[name].missing(found))
        raise fail(f"{name} is off: it needs {missing}. .env.example says what they are.")
    if not on:
        raise fail("no channel is on: `setu channels list` says what each one needs.")
    chosen: dict[str, Channel] = {name: on[name]} if name else on

    async def work() -> dict[str, Sequence[Finding]]:
        findings: dict[str, Sequence[Finding]] = {}
        for each, channel in chosen.items():
            findings[each] = await getattr(channel, what)(found.address)
            await channel.close()
        return findings

    well = True
    for each, findings in asyncio.run(work()).items():
        for finding in findings:
            well = well and finding.ok
            if as_json:
                put({"channel": each, "ok": finding.ok, "what": finding.what,
                     "advice": finding.advice})  # fmt: skip
                continue
            mark = "[green]ok[/green]   " if finding.ok else "[red]fault[/red]"
            err.print(f"{mark}  {each}: {finding.what}", soft_wrap=True)
            if finding.advice and not finding.ok:
                err.print(f"       {finding.advice}", soft_wrap=True)
    if not well:
        raise typer.Exit(1)
