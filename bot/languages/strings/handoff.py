"""Waiting for a person, and what happens then."""

TEXTS: dict[str, str | tuple[str, str]] = {
    "handoff.next": "You are next in the queue.",
    "handoff.place": "You are number {position} in the queue.",
    "handoff.wait": (
        "Someone will be with you in about {count} minute. I'll tell you if that changes.",
        "Someone will be with you in about {count} minutes. I'll tell you if that changes.",
    ),
    "handoff.wait_unknown": "I can't say yet how long it will take, and I'd rather not guess. You can write here in the meantime.",
    "handoff.nobody_on": "Nobody is free at the desk right now, though we are open. Leave your message here, and the first of us who is back will answer.",
    "handoff.closed": "Nobody is at the desk right now. We're back at {time}. Leave your message here and we'll answer then.",
    "handoff.closed_elsewhere": "Nobody is at the desk right now. We're back at {time} your time ({there} where we are). Leave your message here and we'll answer then.",
    "handoff.longer": (
        "It is taking longer than I said: about {count} minute from now. Thank you for waiting.",
        "It is taking longer than I said: about {count} minutes from now. Thank you for waiting.",
    ),
    "handoff.longer_unknown": "It is taking longer than I said, and I can't tell how long. You keep your place in the queue.",
    "handoff.joined": "{name} has joined the chat.",
    "handoff.passed_on": "We are passing you on to a colleague, who can see what was said so far.",
    "handoff.lost": (
        "{name} is no longer in the chat. A colleague will take over and can see what was said "
        "so far."
    ),
    # {languages} are the languages' own names for themselves.
    "handoff.no_speaker": "Our team can't answer in your language yet. They can write to you in {languages}. You can wait for one of our team, or carry on with me in your own language.",
    "handoff.back": "Back to the assistant",
    "handoff.returned": "You are back with the automatic assistant. You can ask for a person again at any time.",
    "handoff.wait_range": (
        "Someone will be with you in about {low} to {count} minutes. I'll tell you if that changes.",
        "Someone will be with you in about {low} to {count} minutes. I'll tell you if that changes.",
    ),
    "handoff.wait_long": "It will probably take more than an hour. You can write here in the meantime.",
    "handoff.longer_range": (
        "It is taking longer than I said: about {low} to {count} minutes from now. Thank you for waiting.",
        "It is taking longer than I said: about {low} to {count} minutes from now. Thank you for waiting.",
    ),
    "handoff.closed_date": "Nobody is at the desk right now. We're back on {date} at {time}. Leave your message here and we'll answer then.",
    "handoff.closed_date_elsewhere": "Nobody is at the desk right now. We're back on {date} at {time} your time ({there} where we are). Leave your message here and we'll answer then.",
    "handoff.closed_open_end": "Nobody is at the desk right now. Leave your message here, and we'll answer when we're back.",
    "handoff.reopened": "We're back at the desk.",
    "handoff.gone": "It looks as if you left while you were waiting, so your place in the queue wasn't kept. You can ask for a person again at any time.",
    "handoff.expired": "I'm sorry that none of us answered you. One of our team will write to you here by {date}.",
    "handoff.short_place": "Number {position} in the queue",
    "handoff.short": ("about {count} minute", "about {count} minutes"),
    "handoff.short_range": ("about {low} to {count} minutes", "about {low} to {count} minutes"),
    "handoff.short_long": "more than an hour",
}
