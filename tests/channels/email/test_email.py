"""The way of a mail, over real servers: threads, files, bounces, restarts, and what is wrong."""

import asyncio
import dataclasses
import io
from email.mime.application import MIMEApplication
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from PIL import Image

from bot.channels.contract import Later, Never, Outgoing
from bot.channels.email.channel import Email
from bot.channels.email.servers import Server
from bot.conversations import identities, linking
from bot.engine.turn import Button
from tests.channels.conftest import MailLine
from tests.channels.fake import Reply
from tests.channels.mail import OWN, PASSWORD, Dovecot, Post, channel, letter, words

WHO = "rina"


async def said(line: MailLine, author: str) -> list[str]:
    return [each.text for each in await line.messages(WHO) if each.author == author]


async def test_an_answer_goes_into_the_thread(line: MailLine) -> None:
    first = {"Message_ID": "<1@example.com>", "References": "<0@example.com>"}
    await line.put(letter("Where is it?", Subject="Order 4411", **first))
    await line.work()
    (answer,) = line.platform.mails
    assert answer["In-Reply-To"] == "<1@example.com>"
    assert answer["References"].split() == ["<0@example.com>", "<1@example.com>"]
    assert answer["Subject"] == "Re: Order 4411"
    assert answer["From"] == f"Nadi <{OWN}>" and answer["To"] == "rina@example.com"
    assert answer["Auto-Submitted"] == "auto-replied"
    assert line.platform.senders == [OWN]
    conversation = await line.conversation(WHO)
    seq = (await line.messages(WHO))[-1].seq
    assert answer["Message-ID"] == f"<{conversation.id}-{seq}.setu@nadi.example>"
    rich = answer.get_body(("html",))
    assert rich is not None and 'lang="en" dir="ltr"' in rich.get_content()


async def test_a_subject_is_said_once_and_a_quotation_never(line: MailLine) -> None:
    await line.put(letter("It is late.", Subject="Where is my order?"))
    await line.work()
    quoted = f"{line.platform.mails[0]['Message-ID']}"
    text = "Thanks!\n\nOn 3 May 2027 Nadi <help@nadi.example> wrote:\n> re: It is late.\n"
    await line.put(letter(text, Subject="Re: Where is my order?", In_Reply_To=quoted))
    assert await said(line, "client") == ["Where is my order?\n\nIt is late.", "Thanks!"]
    via = (await line.messages(WHO))[-1].payload["via"]
    assert "re: It is late." in via["whole"] and "from" not in via


async def test_a_number_typed_above_a_quotation_is_the_choice(line: MailLine) -> None:
    line.engine.buttons = (Button("Yes", "/affirm"), Button("No", "/deny"))
    await line.put(letter("hello"))
    await line.work()
    sent = line.platform.mails[0]
    assert "1. Yes\n2. No" in words(sent)
    text = "2\n\nOn 3 May 2027 Nadi <help@nadi.example> wrote:\n> 1. Yes\n> 2. No\n"
    await line.put(letter(text, Subject="Re: x", In_Reply_To=sent["Message-ID"]))
    await line.work()
    assert line.engine.turns[-1].intent == "deny"


async def test_who_answers_our_mail_from_elsewhere_is_in_its_conversation(line: MailLine) -> None:
    await line.put(letter("hello"))
    await line.work()
    answered = line.platform.mails[0]["Message-ID"]
    await line.put(letter("from home", "Rina <home@example.org>", In_Reply_To=answered))
    await line.work()
    assert (await said(line, "client"))[-1] == "from home"
    assert (await line.messages(WHO))[-2].payload["via"]["from"] == "home@example.org"
    assert {mail["To"] for mail in line.platform.mails} == {"rina@example.com"}


async def test_a_code_under_a_forged_sender_proves_nothing(line: MailLine) -> None:
    await line.put(letter("hello"))
    await line.work()
    async with line.db.transaction() as session:
        other = await identities.identity(session, "widget", "somebody else")
        code = await linking.issue(session, str(other.id))
    await line.put(letter(code, Message_ID="<f@x>"))
    assert await line.events(linking.MERGED) == []
    await line.send()
    asked = line.platform.mails[-1]
    assert "reply to this e-mail" in words(asked)
    await line.put(letter(code, Message_ID="<g@x>", In_Reply_To=asked["Message-ID"]))
    assert len(await line.events(linking.MERGED)) == 1


@pytest.mark.parametrize("known", [False, True])
async def test_machines_are_noted_and_not_answered(line: MailLine, known: bool) -> None:
    if known:
        await line.put(letter("hello"))
        await line.work()
    away = letter("I am away until Monday.", Subject="Out of office", Auto_Submitted="auto-replied")
    for _ in range(2):  # twice in the mailbox
        await line.put(away)
    await line.work()
    notes = await line.events("note")
    assert [note["text"] for note in notes] == ["Out of office\n\nI am away until Monday."] * known
    assert len(line.platform.mails) == known


async def test_two_machines_do_not_go_on_for_ever(line: MailLine) -> None:
    for number in range(24):
        raw = letter(f"hello {number}", Message_ID=f"<{number}@example.com>")
        await asyncio.to_thread(line.dovecot.put, line.user, raw)
    while await line.channel.look(line.door):
        pass
    assert len(await said(line, "client")) == 20
    assert len(await line.events("note")) == 4


def _with(*files: tuple[str, bytes]) -> bytes:
    mail = MIMEMultipart()
    mail["From"], mail["Message-ID"] = "rina@example.com", "<files@example.com>"
    mail.attach(MIMEText("See the photo."))
    for name, content in files:
        part = MIMEApplication(content)
        if name.endswith(".png"):
            part = MIMEImage(content, "png")
        part.add_header("Content-Disposition", "attachment", filename=name)
        mail.attach(part)
    return mail.as_bytes()


async def test_pictures_come_along_and_others_are_told(line: MailLine) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "PNG")
    await line.put(_with(("broken mug.png", picture.getvalue()), ("run.exe", b"MZ....")))
    message = (await line.messages(WHO))[0]
    assert message.text == "See the photo."
    assert [file["name"] for file in message.payload["attachments"]] == ["broken mug.png"]
    assert len(await said(line, "system")) == 1


async def test_a_bounce_marks_the_message(line: MailLine) -> None:
    await line.put(letter("hello"))
    await line.work()
    assert await line.states() == [("sent", None)]
    report = (
        "From: MAILER-DAEMON@mx.example.com\nContent-Type: multipart/report; "
        "report-type=delivery-status; boundary=B\n\n"
        "--B\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx\n\nAction: failed\nStatus: 5.1.1\n--B\n"
        "Content-Type: message/rfc822\n\n"
        f"Message-ID: {line.platform.mails[0]['Message-ID']}\n\nx\n--B--\n"
    )
    await line.put(report.encode())
    assert await line.states() == [("failed", "gone")]
    assert len(await line.events("delivery_failed")) == 1


async def test_after_a_restart_nothing_is_missed_or_taken_twice(line: MailLine) -> None:
    await line.put(letter("one", Message_ID="<1@x>"))
    for number in ("two", "three"):
        raw = letter(number, Message_ID=f"<{number}@x>")
        await asyncio.to_thread(line.dovecot.put, line.user, raw)

    class Killed(Exception):
        pass

    class Dying:
        """Takes one more mail, and dies before that is remembered."""

        async def take(self, *args: object) -> bool:
            await line.door.take(*args)  # type: ignore[arg-type]
            raise Killed

        def __getattr__(self, name: str) -> object:
            return getattr(line.door, name)

    with pytest.raises(Killed):
        await line.channel.look(Dying())  # type: ignore[arg-type]
    again = channel(line.dovecot, line.platform, line.user)
    while await again.look(line.door):
        pass
    await again.close()
    assert await said(line, "client") == ["one", "two", "three"]


async def test_a_renumbered_folder_is_read_again_without_repeats(
    line: MailLine, dovecot: Dovecot, post: Post
) -> None:
    user = f"{line.user}x"
    box = channel(dovecot, post, user, folder="Kunden & Käufer")
    mails = [letter(text, Message_ID=f"<{text}@x>") for text in ("one", "two", "three")]
    for life in range(2):
        with dovecot.box(user) as connection:
            folder = '"Kunden &- K&AOQ-ufer"'
            if life:
                connection.delete(folder)
            connection.create(folder)
        if not life:
            await box.look(line.door)
        for raw in mails[: 2 + life]:
            await asyncio.to_thread(dovecot.put, user, raw, folder)
        while await box.look(line.door):
            pass
    await box.close()
    assert await said(line, "client") == ["one", "two", "three"]


async def test_only_one_process_fetches(line: MailLine) -> None:
    assert await line.door.mine(line.channel, 60)
    assert await line.door.mine(line.channel, 60)
    other = type(line.door)(line.db, None, None, None)  # type: ignore[arg-type]
    assert not await other.mine(line.channel, 60)
    assert await line.door.mine(line.channel, -1)
    assert await other.mine(line.channel, 60)


def saying(**more: object) -> Outgoing:
    values = {"address": "rina@example.com", "text": "Hello", "language": "ar", **more}
    return Outgoing(id=f"{'a' * 32}-3", conversation="a" * 32, **values)  # type: ignore[arg-type]


async def _send(box: Email, message: Outgoing) -> str:
    (part,) = box.render(message)
    return await box.send(message, part)


@pytest.mark.parametrize(
    ("answer", "error", "reason"),
    [
        ("550 5.1.1 unknown", Never, "gone"),
        ("550 no such user", Never, "gone"),
        ("550 5.7.1 policy", Never, "refused"),
        ("450 4.2.0 greylisted", Later, None),
    ],
)
async def test_what_a_server_says_of_a_recipient(
    dovecot: Dovecot, post: Post, answer: str, error: type[Exception], reason: str | None
) -> None:
    post.rcpt.append(answer)
    with pytest.raises(error) as caught:
        await _send(channel(dovecot, post, "u"), saying())
    assert getattr(caught.value, "reason", None) == reason
    assert "rina" not in str(caught.value)


async def test_a_mail_of_ours(dovecot: Dovecot, post: Post) -> None:
    box = channel(dovecot, post, "u")
    hostile = saying(text="**مرحبا** <b>", markdown=True, author="agent", name="Asha\r\nBcc: x@y.z")
    ids = {await _send(box, hostile) for _ in range(2)}
    assert len(ids) == 1 and {mail["Message-ID"] for mail in post.mails} == ids
    mail = post.mails[0]
    assert mail["Bcc"] is None and mail["Auto-Submitted"] is None
    assert mail["Subject"] == "رسالة من Nadi"
    rich = mail.get_body(("html",))
    assert rich is not None and "<b>مرحبا</b> &lt;b&gt;" in rich.get_content()
    assert 'dir="rtl"' in rich.get_content()


@pytest.mark.parametrize("address", ["a@b.c\r\nRCPT TO:<x@y.z>", "a@b.c,x@y.z", "a", "<a@b.c>"])
async def test_nothing_is_sent_to_what_is_no_address(
    dovecot: Dovecot, post: Post, address: str
) -> None:
    with pytest.raises(Never):
        await _send(channel(dovecot, post, "u"), saying(address=address))
    assert post.mails == []


async def test_the_check_says_what_is_wrong(dovecot: Dovecot, post: Post) -> None:
    right = Server(f"imap://localhost:{dovecot.imap}", "u1", PASSWORD, dovecot.tls)
    sends = Server(f"smtps://localhost:{post.port}", "u1", PASSWORD, dovecot.tls)

    async def found(imap: Server = right, smtp: Server = sends, **more: str) -> list[str]:
        box = Email(imap, smtp, OWN, shop="Nadi", **more)  # type: ignore[arg-type]
        findings = await box.check("")
        return [each.what for each in findings if not each.ok and each.advice]

    assert await found() == []
    wrong = dataclasses.replace(right, password="wrong"), dataclasses.replace(sends, password="no")
    faults = await found(*wrong)
    assert len(faults) == 2 and all("refuses the login of u1" in fault for fault in faults)
    (fault,) = await found(folder="Nowhere")
    assert "no folder Nowhere" in fault
    untrusted = dataclasses.replace(right, tls=None), dataclasses.replace(sends, tls=None)
    assert all("cannot be trusted" in fault for fault in await found(*untrusted))
    named = dataclasses.replace(right, url=f"imaps://127.0.0.1:{dovecot.imaps}")
    (fault,) = await found(named)
    assert "cannot be trusted" in fault
    (fault,) = await found(dataclasses.replace(right, url="imaps://localhost:1"))
    assert "cannot be reached" in fault
    plain = dataclasses.replace(right, url=f"imap+plain://localhost:{dovecot.imap}")
    assert await found(plain) == []


async def test_starttls(dovecot: Dovecot) -> None:
    post = Post(dovecot.certified, kind="smtp")
    try:
        await _send(channel(dovecot, post, "u"), saying())
        assert len(post.mails) == 1
    finally:
        post.close()


async def test_a_busy_server_is_asked_again(dovecot: Dovecot, post: Post) -> None:
    post.script.append(Reply(429))
    with pytest.raises(Later) as caught:
        await _send(channel(dovecot, post, "u"), saying())
    assert caught.value.after
