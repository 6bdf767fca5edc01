"""The rating and what follows it."""

TEXTS: dict[str, str | tuple[str, str]] = {
    "csat.ask": "How satisfied were you with this chat? Choose from 1 (very dissatisfied) to 5 (very satisfied).",
    "csat.again": "Which number from 1 to 5 fits best? 1 is very dissatisfied, 5 is very satisfied.",
    "csat.label_1": "Very dissatisfied",
    "csat.label_2": "Dissatisfied",
    "csat.label_3": "Neither",
    "csat.label_4": "Satisfied",
    "csat.label_5": "Very satisfied",
    "csat.thanks": "Thank you for telling us.",
    "csat.changed": "Thank you, your rating is now {score}.",
    "csat.low": "Thank you for telling us. I'm sorry this didn't go well. {agent} will look into it and write to you by {date}.",
    "csat.low_team": "Thank you for telling us. I'm sorry this didn't go well. One of our team will look into it and write to you by {date}.",
    "csat.ask_better": "What should we do better?",
    "csat.ask_good": "What went well?",
    "csat.nothing": "Nothing to add",
    "csat.comment_thanks": "Thank you. Your words have been passed on to the team.",
    "csat.no_comment": "That's fine. Thank you for getting in touch.",
    "csat.expired": "This rating is closed now and can't be changed. Thank you for telling us.",
}
