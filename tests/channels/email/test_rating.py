"""Ratings by mail, over real servers: a number typed above what programs put under an answer."""

from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
import sqlalchemy as sa

from bot.conversations.models import Interaction
from bot.feedback import csat
from bot.feedback.models import FollowUp, Rating
from tests.channels.conftest import MailLine
from tests.channels.mail import OWN, letter, words

HELLO = {
    "en": "Where is my order?",
    "bn": "আমার অর্ডার কোথায়?",
    "mr": "माझी ऑर्डर कुठे आहे?",
    "ml": "എന്റെ ഓർഡർ എവിടെയാണ്?",
    "ar": "أين طلبي؟",
    "ur": "میرا آرڈر کہاں ہے؟",
    "de": "Wo ist meine Bestellung?",
}
ASKED = "> How satisfied are you?\n> 1. Very dissatisfied\n> 2. Dissatisfied\n> 5. Very satisfied"


async def answered(line: MailLine, raw: bytes) -> None:
    await line.put(raw)
    await line.work()


async def asked(line: MailLine, locale: str) -> str:
    """A conversation that was asked for a rating by mail; gives that mail's id."""
    first = letter(HELLO[locale], Message_ID="<1@example.com>", Content_Language=locale)
    await answered(line, first)
    conversation = (await line.conversation("rina")).id
    async with line.db.transaction() as session:
        found = await session.execute(
            sa.select(Interaction).where(Interaction.conversation_id == conversation)
        )
        assert await csat.ask(session, conversation, found.scalar_one(), "a" * 32, "Asha")
    await line.send()
    mail = line.platform.mails[-1]
    assert mail["To"] == "rina@example.com"
    return str(mail["Message-ID"])


async def rating(line: MailLine) -> Rating:
    async with line.db.reading() as session:
        return (await session.execute(sa.select(Rating))).scalar_one()


@pytest.mark.parametrize(
    ("locale", "text", "score"),
    [
        ("en", f"4\n\nOn Mon, 3 May 2027 at 10:00, Nadi <{OWN}> wrote:\n{ASKED}", 4),
        ("bn", f"৪\n\nসোম, ৩ মে, ২০২৭ তারিখে ১০:০০টায়, Nadi <{OWN}> লিখেছেন:\n{ASKED}\n", 4),
        ("mr", f"५\n\nसोम, ३ मे २०२७ रोजी १०:०० वाजता Nadi <{OWN}> यांनी लिहिले:\n{ASKED}", 5),
        ("ml", f"5\n\n2027 മേയ് 3, തിങ്കൾ 10:00, Nadi <{OWN}> എഴുതി:\n{ASKED}\n\n-- \nറീന\nകൊച്ചി", 5),
        ("ar", f"٣\n\nفي الاثنين، ٣ مايو ٢٠٢٧، كتب Nadi <{OWN}>:\n{ASKED}", 3),
        ("ur", f"۴\n\n{ASKED}\n", 4),
        (
            "de",
            "2\n\n-----Ursprüngliche Nachricht-----\nVon: Nadi\n1. Sehr unzufrieden\n5. Sehr gut",
            2,
        ),
        ("en", f"5, thank you!\n\nSent from my iPhone\n\n{ASKED}", 5),
        ("en", "4\n\n-- \nRina Sen\n12 Lake Road, Kolkata 700029\n+91 98765 43210", 4),
        ("en", f"{ASKED}\n\n3\n", 3),
    ],
    ids=["en", "bn", "mr", "ml", "ar", "ur", "de", "phone", "signature", "below"],
)
async def test_a_number_in_a_reply_is_the_rating(
    line: MailLine, locale: str, text: str, score: int
) -> None:
    asking = await asked(line, locale)
    question = words(line.platform.mails[-1])
    assert len([row for row in question.splitlines() if row[1:2] == "."]) == 5, question
    reply = letter(text, Subject="Re: your order", Message_ID="<2@example.com>", In_Reply_To=asking)
    before = len(line.platform.mails)
    await answered(line, reply)
    found = await rating(line)
    assert found.score == score and found.channel == "email"
    assert len(line.platform.mails) == before + 1, "thanks, once"
    assert line.platform.mails[-1]["In-Reply-To"] == "<2@example.com>"
    await answered(line, reply)  # fetched twice
    assert len(line.platform.mails) == before + 1


async def test_the_reply_of_a_program_that_writes_html_alone(line: MailLine) -> None:
    asking = await asked(line, "bn")
    mail = MIMEMultipart("alternative")
    mail["From"], mail["To"], mail["Subject"] = "rina@example.com", OWN, "Re: your order"
    mail["In-Reply-To"], mail["Message-ID"] = asking, "<2@example.com>"
    mail.attach(
        MIMEText(
            '<div dir="ltr">৫</div><br><div class="gmail_quote"><div class="gmail_attr">On Mon, '
            f"3 May 2027 at 10:00, Nadi &lt;{OWN}&gt; wrote:</div><blockquote>1. a<br>2. b<br>"
            "</blockquote></div>",
            "html",
        )
    )
    await answered(line, mail.as_bytes())
    assert (await rating(line)).score == 5


async def test_a_low_rating_asks_why_and_the_words_alone_are_kept(line: MailLine) -> None:
    asking = await asked(line, "en")
    await answered(line, letter(f"1\n\n{ASKED}", Message_ID="<2@example.com>", In_Reply_To=asking))
    thanks = str(line.platform.mails[-1]["Message-ID"])
    why = (
        "Nobody told me that it is late.\n\n"
        f"On Mon, 3 May 2027 at 10:05, Nadi <{OWN}> wrote:\n> Thank you.\n\n-- \nRina"
    )
    await answered(line, letter(why, Message_ID="<3@example.com>", In_Reply_To=thanks))
    found = await rating(line)
    assert (found.score, found.comment) == (1, "Nobody told me that it is late.")
    async with line.db.reading() as session:
        assert (await session.execute(sa.select(FollowUp))).scalar_one().rating_id == found.id


async def test_an_out_of_office_answer_rates_nothing(line: MailLine) -> None:
    asking = await asked(line, "en")
    away = letter("I am back on the 5", In_Reply_To=asking, Auto_Submitted="auto-replied")
    before = len(line.platform.mails)
    await answered(line, away)
    assert (await rating(line)).score is None and len(line.platform.mails) == before
