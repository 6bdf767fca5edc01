"""What differs where a client writes from a messenger or by mail."""

TEXTS: dict[str, str | tuple[str, str]] = {
    # Stand for what a client sent that is not text, in the place of their words.
    "channel.photo": "[Photo]",
    "channel.voice": "[Voice message]",
    "channel.video": "[Video]",
    "channel.file": "[File]",
    "channel.location": "[Location]",
    "channel.contact": "[Contact]",
    "channel.other": "[Something that is not text]",
    "channel.start": "[Opened the chat]",
    "channel.cannot_open": "I can only read text here, so I can't see what you sent. Please tell me in words.",
    "channel.cannot_take": "I can't open what you sent. Please tell me in words, or send a picture or a PDF.",
    "channel.not_fetched": "The file you sent didn't reach us. Please send it again.",
    "channel.kept": "We have what you sent. I can't look at it myself; one of our team can.",
    "channel.file_unsent": "There is a file for you that can't be sent in this app.",
    "channel.choose": "Please reply with the number of the option you want.",
    # Opens a list of choices; at most 20 characters.
    "channel.options": "Choose",
    # In the menu of commands: what the first one does.
    "channel.command_start": "Start the chat",
    "channel.command_link": "Continue from another chat",
    # Proving that one person is in two chats. {code} is copied as it stands.
    # {minutes} is always ten.
    "channel.link_code": (
        "Your code is {code}. Write it in your other chat with us within {minutes} minutes. "
        "If you didn't ask for it, please ignore this message."
    ),
    "channel.linked": "Thank you. We now know that both chats are yours.",
    "channel.link_wrong": "This code isn't right, or it is no longer valid. Please get a new one and try again.",
    # In a mail: the code must come in an answer to a mail of ours, as anybody can write a sender.
    "channel.link_answer": "To make sure that it's you, please reply to this e-mail with the code.",
    # The subject of the first mail to a client who has not written to us by mail yet.
    "channel.mail_subject": "A message from {shop}",
}
