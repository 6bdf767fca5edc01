"""Whether a message asks for something new, rather than comments on what was. Pure.

Used only between a score and its comment: a question taken for a comment goes unanswered, which
is worse than a comment that the bot answers, so it leans towards "question".
"""

import re
import unicodedata

_MARKS = ("?", "？", "؟", "՞", "⸮")
# Words that open a question in each language, or ask for help or a person anywhere.
_OPENING = re.compile(
    r"(?:how|what|whats|where|wheres|when|whens|which|who|why|can|could|will|"
    r"would|do you|does|is there|are there|may i|i need|i want|i still|help|track|cancel|"
    r"return my|refund my|"
    r"kab|kahan|kaha|kaise|kyun|kyu|kya|kaun|kothay|kobe|kokhon|kivabe|kibhabe|keno|kuthe|"
    r"kadhi|kase|kashi|eppol|evide|engane|enthu|enthanu|"
    r"कब|कहाँ|कहां|कैसे|क्या|कौन|कितने दिन|कुठे|कधी|कसे|कशी|काय|किती दिवस|कोण|"
    r"কোথায়|কবে|কখন|কীভাবে|কিভাবে|কী করে|কেমন করে|কত দিন|কতদিন|কে |"
    r"എവിടെ|എപ്പോൾ|എങ്ങനെ|എന്തു ചെയ്യ|എന്ത് ചെയ്യ|എത്ര ദിവസ)\b",
)
_ANYWHERE = re.compile(
    r"(?:talk to (?:a |an )?(?:person|human|agent|someone|somebody)|speak to (?:a |an )?\w+|"
    r"where is my|my order (?:is|has)|order (?:number|no)\b|कहाँ है|कहां है|कब (?:आएगा|मिलेगा|आयेगा)|"
    r"कुठे आहे|कधी (?:येईल|मिळेल)|কোথায়|কবে (?:পাব|আসবে)|এখনও (?:পাইনি|আসেনি)|എവിടെ|എപ്പോൾ)"
)


def reads_as_question(text: str) -> bool:
    """Whether a client's message should be answered rather than filed."""
    plain = unicodedata.normalize("NFC", text).strip().casefold()
    if plain.rstrip("!. ").endswith(_MARKS):
        return True
    return bool(_OPENING.match(plain) or _ANYWHERE.search(plain))
