"""The links of invitations and new passwords, and the e-mails that carry them."""

from bot.channels import smtp
from bot.desk.access import Desk
from bot.handoff.models import Agent
from bot.languages.say import say


def welcome_link(address: str, code: str) -> str:
    """Where an invitation is followed."""
    return f"{address}/desk/welcome?code={code}"


def recovery_link(address: str, code: str) -> str:
    """Where a new password is chosen."""
    return f"{address}/desk/recover?code={code}"


async def mail_invitation(desk: Desk, email: str, code: str, locale: str, by: str) -> bool:
    """Send an invitation; whether it went."""
    shop = desk.settings.shop
    link = welcome_link(desk.settings.address, code)
    subject = say("desk.mail.invited", locale, shop=shop)
    text = say("desk.mail.invited_text", locale, name=by, shop=shop, link=link)
    return await smtp.try_to_send(desk.settings, email, subject, text)


async def mail_recovery(desk: Desk, agent: Agent, code: str, locale: str) -> bool:
    """Send a link to a new password; whether it went."""
    shop = desk.settings.shop
    link = recovery_link(desk.settings.address, code)
    subject = say("desk.mail.recovery", locale, shop=shop)
    text = say("desk.mail.recovery_text", locale, name=agent.name, shop=shop, link=link)
    return await smtp.try_to_send(desk.settings, agent.email, subject, text)
