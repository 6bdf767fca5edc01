"""An explicit wish for a language."""

import pytest

from bot.languages.wish import wished_language


@pytest.mark.parametrize(
    ("message", "tag"),
    [
        ("speak Marathi", "mr"),
        ("Marathi", "mr"),
        ("Can you speak in Bengali please?", "bn"),
        ("I want to chat in Malayalam", "ml"),
        ("I don't understand English, Hindi please", "hi"),
        ("মারাঠিতে কথা বলুন", "mr"),
        ("বাংলায় কথা বলুন", "bn"),
        ("হিন্দিতে বলবেন?", "hi"),
        ("ইংরেজিতে বলুন", "en"),
        ("banglay bolun", "bn"),
        ("मराठीत बोला", "mr"),
        ("बंगालीत बोला", "bn"),
        ("मला हिंदी येत नाही मराठीत बोला", "mr"),
        ("इंग्रजीत बोला", "en"),
        ("marathit bola", "mr"),
        ("മലയാളത്തിൽ സംസാരിക്കാമോ?", "ml"),
        ("ഹിന്ദി അറിയില്ല, മലയാളത്തിൽ പറയൂ", "ml"),
        ("malayalam ariyamo", "ml"),
        ("english ariyilla malayalam mathi", "ml"),
        ("हिंदी में बात करो", "hi"),
        ("मराठी में बोलिए", "mr"),
        ("मुझे अंग्रेजी नहीं आती, हिन्दी में बताइए", "hi"),
        ("hindi me baat karo", "hi"),
        ("mujhe hindi nahi aati english me baat karo", "en"),
        ("español", "es"),
        ("Deutsch bitte", None),
        ("日本語", "ja"),
        ("العربية", "ar"),
        ("MARATHI!!", "mr"),
        ("मलयालम", "ml"),
        ("नहीं, मलयालम", "ml"),
        ("No, Hindi please", "hi"),
        ("না, বাংলা", "bn"),
        ("नाही, मराठी", "mr"),
        ("അല്ല, മലയാളം", "ml"),
        ("no. English", "en"),
    ],
)
def test_wishes(message: str, tag: str | None) -> None:
    assert wished_language(message) == tag


@pytest.mark.parametrize(
    "message",
    [
        "",
        "ok",
        "Is the manual in German?",
        "I need hindi books",
        "No English",
        "no, thanks",
        "Hindi, no",
        "नहीं, हिंदी नहीं",
        "English or Hindi?",
        "मराठी पुस्तक आहे का",
        "my order from Malayalam Manorama",
        "speak",
        "why is my Bengali sweet late",
        "न",
    ],
)
def test_what_is_no_wish(message: str) -> None:
    assert wished_language(message) is None
