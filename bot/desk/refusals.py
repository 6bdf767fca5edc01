"""How the desk's API says no, for its description: which codes stand behind a status."""

from typing import Any

from pydantic import Field

from bot.channels.fields import Described

_CODES: dict[int | str, str] = {
    "4XX": "Refused; nothing was changed.",
    401: "`signed_out`: no session, or it has ended. `wrong_login`: wrong address or password.",
    403: "`bad_csrf`: X-CSRF-Token is missing or another session's. `not_allowed`: "
    "the account's role does not go so far. `not_yours`: somebody else has the conversation. "
    "`code_used`: the link was followed already, or is too old.",
    404: "`not_found`: there is nothing of this id.",
    409: "`held`: somebody else has the conversation, named in `winner`. `id_taken`: another "
    "message was sent under this id. `conflict`: somebody saved in between.",
    422: "`invalid`: not of the form that stands here; `fields` says where, and the message what "
    "may stand there. `empty`, `unknown_locale`, `no_such_agent`, `no_translation`, or what an "
    "account cannot be: "
    "`short_password`, `long_password`, `wrong_password`, `no_name`, `bad_email`, `email_taken`, "
    "`unknown_role`, `bad_number`, `bad_skills`, `last_admin`.",
    429: "`too_many`: too often; Retry-After says in how many seconds again.",
}


class _Reason(Described):
    code: str = Field(description="stable, for programs")
    message: str = Field(description="for people, in the agent's language")
    fields: list[str] | None = None


class Refusal(Described):
    """What every refusal looks like."""

    error: _Reason
    winner: str | None = Field(None, description="with `held`: who has the conversation")


def refusals(*statuses: int | str) -> dict[int | str, dict[str, Any]]:
    """What a route's description says of the statuses it refuses with."""
    return {status: {"model": Refusal, "description": _CODES[status]} for status in statuses}
