"""Mails as programs write them: charsets, encodings, HTML, files, and what is wrong in them."""

import email.message
import random
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from bot.channels.email import html
from bot.channels.email.machines import judge, our_id
from bot.channels.email.mails import read
from tests.channels.mail import OWN, letter

OURS = our_id("0" * 32 + "-7", "nadi.example")


def raw(headers: str, body: bytes) -> bytes:
    return headers.encode("utf-8", "surrogateescape").replace(b"\n", b"\r\n") + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("declared", "content", "said"),
    [
        ("utf-8", "আমার অর্ডার".encode(), "আমার অর্ডার"),
        ("iso-8859-1", "It’s €5".encode("cp1252"), "It’s €5"),
        ("windows-1252", "naïve café".encode("cp1252"), "naïve café"),
        ("us-ascii", "मेरा ऑर्डर".encode(), "मेरा ऑर्डर"),
        ("iso-8859-1", "मेरा ऑर्डर".encode(), "मेरा ऑर्डर"),
        ("no-such-charset", "café".encode(), "café"),
        ("utf-8", "café".encode("cp1252"), "café"),
        ("gb2312", "订单在哪里".encode("gb18030"), "订单在哪里"),
        ("iso-2022-jp", "注文はどこですか".encode("iso-2022-jp"), "注文はどこですか"),
    ],
)
def test_whatever_charset_is_declared(declared: str, content: bytes, said: str) -> None:
    head = (
        f"From: r@example.com\nContent-Type: text/plain; charset={declared}\n"
        "Content-Transfer-Encoding: 8bit"
    )
    assert read(raw(head, content)).text == said


def test_encodings_and_headers() -> None:
    head = (
        "From: =?utf-8?q?Ren=C3=A9=2C_the_2nd?= <Rene@Example.com>\n"
        "Subject: =?utf-8?b?4KaG4Kau4Ka+4Kaw?= =?iso-8859-1?q?_caf=E9?=\n"
        "Message-ID: <1@example.com>\nReferences: <a@x> <b@x>\nIn-Reply-To: <b@x>\n"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable"
    )
    mail = read(raw(head, b"caf=C3=A9 is=\r\n open\r\n"))
    assert (mail.sender, mail.name, mail.subject) == (
        "rene@example.com",
        "René, the 2nd",
        "আমার café",
    )
    assert mail.text == "café is open" and mail.answers == ("<a@x>", "<b@x>")


def test_headers_cannot_be_added_to() -> None:
    head = "From: r@example.com\nSubject: =?utf-8?b?YQ0KQmNjOiBldmlsQHgueQ==?="
    assert read(raw(head, b"x")).subject == "a Bcc: evil@x.y"
    hostile = "From: =?utf-8?q?x=0D=0ABcc=3A_e=40x=2Ey?= <r@example.com>"
    assert "\n" not in read(raw(hostile, b"x")).name


@pytest.mark.parametrize(
    "sender", ["", "nobody", "a b@c", "<>", "x@y\0z", "undisclosed-recipients:;"]
)
def test_who_cannot_be_answered_has_no_address(sender: str) -> None:
    assert read(raw(f"From: {sender}", b"x")).sender == ""


def test_answers_go_where_they_are_wanted() -> None:
    mail = read(letter("x", "Form <form@shop.example>", Reply_To="Rina <rina@example.com>"))
    assert (mail.sender, mail.wrote) == ("rina@example.com", "form@shop.example")


def test_html_is_read_and_never_run() -> None:
    source = (
        "<html><head><title>t</title><style>p{}</style></head><body><script>alert(1)</script>"
        "<div style='display:none'>preheader</div>"
        "<p>Hello&nbsp;&amp; <b>thanks</b>,<br>line two</p>"
        "<ul><li>one</li><li>two</li></ul><a href='https://x.example/1'>the page</a>"
        "<img src='https://spy.example/p.gif' alt=''><div class='gmail_quote'>On 3 May 2027, Nadi "
        "&lt;help@nadi.example&gt; wrote:<blockquote>old</blockquote></div></body></html>"
    )
    text = html.text_of(source)
    assert text.startswith("Hello & thanks,\nline two\n\n- one\n- two\n")
    assert "the page (https://x.example/1)" in text
    for gone in ("alert", "preheader", "spy", "p{}"):
        assert gone not in text
    assert ">> old" in text


def test_plain_text_is_preferred_and_files_are_found() -> None:
    mail = MIMEMultipart()
    mail["From"] = "r@example.com"
    both = MIMEMultipart("alternative")
    both.attach(MIMEText("plain", "plain"))
    both.attach(MIMEText("<p>rich</p>", "html"))
    mail.attach(both)
    mail.attach(MIMEImage(b"\x89PNG....", "png", name="=?utf-8?b?4KaG4Kau?=.png"))
    found = read(mail.as_bytes())
    assert found.text == "plain"
    assert [(file.name, file.content) for file in found.files] == [("আম.png", b"\x89PNG....")]


def test_flowing_lines_are_joined() -> None:
    mail = letter("Where is my \norder 4411?\n-- \nRina")
    mail = mail.replace(b'charset="utf-8"', b'charset="utf-8"; format=flowed')
    assert read(mail).text == "Where is my order 4411?\n-- \nRina"


def test_the_same_mail_is_the_same_and_one_with_its_id_is_not() -> None:
    one, two = (letter(text, Message_ID="<1@x>") for text in ("first", "second"))
    copy = one.replace(b"From:", b"Received: from elsewhere\nFrom:", 1)
    assert read(one).fingerprint == read(copy).fingerprint != read(two).fingerprint


@pytest.mark.parametrize(
    ("kind", "headers"),
    [
        ("person", {}),
        ("person", {"Auto_Submitted": "no"}),
        ("machine", {"Auto_Submitted": "auto-replied"}),
        ("machine", {"Auto_Submitted": "auto-generated; x=y"}),
        ("machine", {"Precedence": "bulk"}),
        ("machine", {"X_Auto_Response_Suppress": "OOF, AutoReply"}),
        ("machine", {"X_Autoreply": "yes"}),
        ("machine", {"List_Id": "<news.example.com>"}),
        ("machine", {"Return_Path": "<>"}),
        ("person", {"Return_Path": "<rina@example.com>"}),
        ("own", {"Message_ID": OURS}),
    ],
)
def test_who_wrote(kind: str, headers: dict[str, str]) -> None:
    assert judge(read(letter("x", **headers)), OWN).kind == kind


@pytest.mark.parametrize(
    ("kind", "sender"),
    [
        ("bounce", "MAILER-DAEMON@mx.example.com"),
        ("machine", "no-reply@shop.example"),
        ("own", OWN),
    ],
)
def test_who_wrote_by_address(kind: str, sender: str) -> None:
    assert judge(read(letter("x", sender)), OWN).kind == kind


def bounce(action: str, status: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example.com\nTo: help@nadi.example\nSubject: Undelivered\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\n\n"
        "It did not work.\n--B\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; rina@example.com\n"
        f"Action: {action}\nStatus: {status}\n--B\nContent-Type: message/rfc822\n\n"
        f"From: help@nadi.example\nMessage-ID: {OURS}\nSubject: Re: x\n\nhello\n--B--\n"
    ).encode()


@pytest.mark.parametrize(
    ("action", "status", "state", "reason"),
    [
        ("failed", "5.1.1", "failed", "gone"),
        ("failed", "5.7.1", "failed", "refused"),
        ("failed", "5.2.2", "failed", "refused"),
        ("delivered", "2.0.0", "delivered", None),
    ],
)
def test_bounces_name_our_mail(action: str, status: str, state: str, reason: str | None) -> None:
    (receipt,) = judge(read(bounce(action, status)), OWN).receipts
    assert (receipt.id, receipt.state, receipt.reason) == (OURS, state, reason)


def test_a_mail_that_is_only_late_is_not_lost() -> None:
    assert judge(read(bounce("delayed", "4.4.1")), OWN).receipts == ()


def test_nothing_in_a_mail_makes_reading_fail() -> None:
    chance = random.Random(3)
    seeds = [bounce("failed", "5.1.1"), letter("আমার", Subject="=?utf-8?b?4KaG?="), b"", b"\0\n\n\0"]
    for _ in range(600):
        content = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(12)):
            if content:
                content[chance.randrange(len(content))] = chance.randrange(256)
        mail = read(bytes(content))
        judge(mail, OWN)
        mail.text.encode()
        assert isinstance(mail.message, email.message.Message)
