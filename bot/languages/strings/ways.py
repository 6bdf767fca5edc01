"""Other ways than waiting: an e-mail address, a call."""

TEXTS: dict[str, str | tuple[str, str]] = {
    "ways.button.email": "Leave an e-mail address",
    "ways.button.call": "Ask us to call",
    "ways.button.never_mind": "Never mind",
    "ways.button.more_times": "Other times",
    "ways.ask_email": "Which e-mail address may we write to?",
    "ways.ask_email_again": "That address doesn't look complete. Could you write it once more? For example: {example}",
    "ways.ask_phone": "Which number may we call? If it is from another country, please begin with + and the country code.",
    "ways.ask_phone_again": "That number doesn't look complete. Could you write it once more, with + and the country code?",
    "ways.ask_time": "When may we call you? The times are those of {city}.",
    "ways.time_gone": "That time has just been taken. These are the others.",
    "ways.no_times": "There are no free times for a call in the next few days. You can leave an e-mail address instead.",
    "ways.email_done": "Thank you. One of our team will write to {email} by {date}. I'm still here if you have another question.",
    "ways.call_done": "Thank you. One of our team will call {phone} on {date} at {time} ({city} time). I'm still here if you have another question.",
    "ways.never_mind": "All right. You can go on writing here.",
}
