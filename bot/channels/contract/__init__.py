"""What every channel and the flow agree on.

Inwards a channel verifies, parses and hands over what it heard as values (`Said`, `Edited`, …);
the flow's `Door` finds the conversation and gives the message to the inbox. When `take` returns,
the message is in the log: nothing is lost after that, and only then may a platform be told 200.

Outwards the flow gives a channel one `Outgoing` at a time, in order within a conversation. The
channel renders it into the requests its platform takes, and sends one of them when asked.
`inbound` has what comes in, `outgoing` what goes out, `limits` how much a platform takes, `channel`
the two sides. docs/add-a-channel.md walks through a whole one.
"""

from bot.channels.contract.channel import (
    Answer,
    Channel,
    Door,
    Fetching,
    Finding,
    Hook,
    Hooked,
    Pulled,
    Unreadable,
    Unverified,
)
from bot.channels.contract.inbound import (
    Accepted,
    Deleted,
    Edited,
    Enclosed,
    Inbound,
    Inbox,
    Left,
    Media,
    Noted,
    Receipt,
    Refused,
    Remote,
    Said,
    Update,
)
from bot.channels.contract.limits import (
    LONGEST,
    MAX_TEXT,
    Limits,
)
from bot.channels.contract.outgoing import (
    Attached,
    Choice,
    Heard,
    Later,
    Never,
    Outgoing,
    Reason,
    State,
)

__all__ = [
    "LONGEST",
    "MAX_TEXT",
    "Accepted",
    "Answer",
    "Attached",
    "Channel",
    "Choice",
    "Deleted",
    "Door",
    "Edited",
    "Enclosed",
    "Fetching",
    "Finding",
    "Heard",
    "Hook",
    "Hooked",
    "Inbound",
    "Inbox",
    "Later",
    "Left",
    "Limits",
    "Media",
    "Never",
    "Noted",
    "Outgoing",
    "Pulled",
    "Reason",
    "Receipt",
    "Refused",
    "Remote",
    "Said",
    "State",
    "Unreadable",
    "Unverified",
    "Update",
]
