"""What the assistant says in a conversation."""

TEXTS: dict[str, str | tuple[str, str]] = {
    "engine.greet": "Hello, and welcome to {shop}. How can I help?",
    # The pair of a salam, as the language's speakers answer one.
    "engine.greet_salam": "Wa alaikum assalam, and welcome to {shop}. How can I help?",
    # To somebody who has been welcomed already.
    "engine.greet_back": "Hello! What can I do for you?",
    "engine.greet_back_salam": "Wa alaikum assalam! What can I do for you?",
    "engine.goodbye": "Thank you for getting in touch. Take care.",
    "engine.welcome": "You're welcome. Is there anything else?",
    "engine.glad": "I'm glad that helped. Is there anything else?",
    "engine.go_on": "All right. What would you like to know?",
    "engine.anything_else": "All right. Write here whenever you need anything else.",
    "engine.rephrase": "Sorry, I didn't quite follow. Could you put it another way?",
    "engine.no_answer": (
        "I couldn't find an answer to that, and I'd rather not guess. "
        "Would you like to talk to one of our team?"
    ),
    "engine.not_helped": ("I'm sorry that didn't help. Would you like to talk to one of our team?"),
    "engine.complaint": (
        "I'm sorry. You have every reason to be upset. Would you like to talk to one of our team?"
    ),
    "engine.sorry_to_hear": "I'm sorry. You have every reason to be upset. This may help:",
    # Before an answer to somebody who sounds upset, or after something went wrong.
    "engine.sorry": "I'm sorry about that.",
    "engine.bot_challenge": (
        "I'm an automatic assistant. There are people behind me, too. "
        "Would you like to talk to one of our team?"
    ),
    "engine.off_topic": (
        "That's outside what I know. I can help with orders, delivery, returns, payments and "
        "your account."
    ),
    "engine.did_this_help": "Did this help?",
    "engine.did_you_mean": "Did you mean one of these?",
    # Before another article, when the first did not help.
    "engine.perhaps": "Perhaps this fits better:",
    # {language} is the language's own name for itself.
    "engine.article_elsewhere": "I only have this in {language} so far:",
    "engine.order_noted": (
        "Thank you, I've noted order number {order}. What would you like to know about it?"
    ),
    # After an article that asks for the number, where the client has given it.
    "engine.order_known": (
        "We already have your order number {order}, so there's no need to send it again."
    ),
    # A bare number that may be anything.
    "engine.is_order": "Is {number} an order number?",
    "engine.which_language": "Which language would you like?",
    # In a catalog: its own language instead of English.
    "engine.language_changed": "Of course. I'll write in English from now on.",
    "engine.turn_failed": (
        "I'm sorry, something went wrong on our side. I'm passing you to one of our team."
    ),
    "engine.button.yes": "Yes",
    "engine.button.no": "No",
    "engine.button.person": "Talk to a person",
    "engine.button.person_yes": "Yes, a person please",
    "engine.button.person_no": "No, thank you",
    "engine.button.none_of_these": "None of these",
}
