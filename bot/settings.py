"""Every setting of Setu, typed, in one place: `SETU_*` in the environment or in `.env`.

Each field is documented for the person who runs Setu in `.env.example`; a test keeps the two alike.
"""

import functools
import os
import re
from email.utils import parseaddr
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseSettings, Field, ValidationError, validator
from pydantic.fields import ModelField

_ADDRESS = re.compile(r"[^\s@<>,;:\"()]+@[^\s@<>,;:\"()]+")
_CHECKOUT = Path(__file__).resolve().parent.parent


class SettingsError(Exception):
    """A setting cannot be used; the message names it, its value and what it should be."""


class Settings(BaseSettings):
    """What the person who runs Setu may change. All fields have defaults that work offline."""

    # Where things live
    home: Path = Field(_CHECKOUT, description="Rasa project folder: config, domain, data, models")
    data_dir: Path = Field(Path(".setu"), description="folder of the database and other state")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite under data_dir")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    public_url: str = Field("", description="address clients reach Setu at, behind a proxy")

    # The shop
    shop: str = Field("Nadi", min_length=1, max_length=60)
    time_zone: str = Field("Asia/Kolkata", description="IANA name: the zone opening hours are in")
    opens: str = Field("09:00", regex=r"^([01]\d|2[0-3]):[0-5]\d$")
    closes: str = Field("21:00", regex=r"^([01]\d|2[0-3]):[0-5]\d$")

    # The desk
    agent_grace: int = Field(
        120, ge=90, le=3600, description="seconds without a sign of life before chats are re-queued"
    )

    # Languages
    default_locale: str = "en"
    detector: Literal["setu", "langdetect"] = "setu"

    # Machine translation between clients and agents
    translate_url: str = Field("", description="LibreTranslate's address; empty: off")
    translate_key: str = Field("", repr=False, description="its API key")
    translate_terms: tuple[str, ...] = Field((), description="words that are never translated")
    translate_deadline: float = Field(8.0, gt=0, le=60, description="seconds one call may take")

    # E-mails to agents: invitations, new passwords
    smtp_url: str = Field("", description="smtp://host:587 or smtps://host:465; empty: off")
    smtp_user: str = ""
    smtp_password: str = Field("", repr=False)
    mail_from: str = Field("", description="the sender, as Name <address>")

    # A turn
    turn_deadline: float = Field(10.0, gt=0, description="seconds one attempt may take")
    turn_attempts: int = Field(3, ge=1, le=100)

    # After the chat
    idle_minutes: int = Field(30, ge=1, description="minutes of silence that close an interaction")
    csat_hours: int = Field(24, ge=1, description="hours a rating stays open and changeable")

    # Privacy
    retention_days: int = Field(0, ge=0, description="days after which words are erased; 0: never")

    # Alerts for people who are not at the desk
    alert_urls: tuple[str, ...] = Field((), repr=False, description="apprise addresses")
    alert_minutes: int = Field(10, ge=1, description="minutes of waiting that are told of")

    # Doors
    attachment_mb: int = Field(10, ge=0, le=25, description="most a file may have; 0: no files")
    widget_origins: tuple[str, ...] = Field((), description="sites that may embed the widget")
    widget_secret: str = Field("", description="HS256 key of identify tokens; empty: identify off")
    messages_per_minute: int = Field(30, ge=1, description="per conversation")
    conversations_per_minute: int = Field(20, ge=1, description="per network address")
    trusted_proxies: str = Field("", description="addresses whose X-Forwarded-For is believed")

    # Channels: each is off without its secret
    webhook_secret: str = Field("", repr=False, description="signs the generic webhook both ways")
    webhook_url: str = Field("", description="where its answers are posted to")
    telegram_token: str = Field("", repr=False, description="the bot's, from BotFather")
    telegram_api: str = Field("https://api.telegram.org", description="a Bot API server")
    whatsapp_token: str = Field("", repr=False, description="a system user's, permanent")
    whatsapp_secret: str = Field("", repr=False, description="the Meta app's secret")
    whatsapp_phone: str = Field("", description="the phone number's id, not the number")
    whatsapp_account: str = Field("", description="the WhatsApp Business account's id")
    whatsapp_template: str = Field("", description="used when the 24 hours are over")
    whatsapp_template_languages: tuple[str, ...] = Field((), description="it is approved in")
    whatsapp_api: str = Field("https://graph.facebook.com/v21.0", description="the Graph API")
    slack_token: str = Field("", repr=False, description="the app's bot token, xoxb-…")
    slack_secret: str = Field("", repr=False, description="the app's signing secret")
    slack_api: str = Field("https://slack.com/api", description="the Web API")
    email_imap: str = Field("", description="imaps://host:993, or imap://host:143 (STARTTLS)")
    email_smtp: str = Field("", description="smtps://host:465, or smtp://host:587 (STARTTLS)")
    email_from: str = Field("", description="the address clients write to, as Name <address>")
    email_user: str = Field("", description="who logs in; empty: the address")
    email_password: str = Field("", repr=False)
    email_folder: str = Field("INBOX", min_length=1, description="where clients' mails come in")
    email_seconds: int = Field(10, ge=1, le=3600, description="between two looks for new mail")

    log_format: Literal["console", "json"] = "console"

    class Config:
        env_prefix = "SETU_"
        env_file = ".env"
        allow_mutation = False

        @classmethod
        def parse_env_var(cls, field_name: str, raw_val: str) -> object:
            """Lists are written with commas, as people write them, not as JSON."""
            if field_name == "alert_urls":
                return tuple(raw_val.split())  # a comma may be part of an address
            if field_name in ("widget_origins", "translate_terms", "whatsapp_template_languages"):
                return tuple(part.strip() for part in raw_val.split(",") if part.strip())
            return raw_val

    @validator("data_dir", "home")
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @validator("database_url", always=True)
    def _async_driver(cls, value: str, values: dict[str, object]) -> str:
        if not value:
            return f"sqlite+aiosqlite:///{values['data_dir']}/setu.db"
        for plain, driver in (
            ("postgres://", "postgresql+asyncpg://"),
            ("postgresql://", "postgresql+asyncpg://"),
            ("sqlite://", "sqlite+aiosqlite://"),
        ):
            if value.startswith(plain):
                return driver + value[len(plain) :]
        if value.startswith(("postgresql+asyncpg://", "sqlite+aiosqlite://")):
            return value
        raise ValueError("must begin with postgresql:// or sqlite://")

    @validator("translate_url")
    def _no_secret_in_it(cls, value: str) -> str:
        if not value:
            return value
        try:
            parts = urlsplit(value)
        except ValueError as error:
            raise ValueError("must be an address such as http://127.0.0.1:5000") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an address such as http://127.0.0.1:5000")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("must hold no key and no query: give the key as SETU_TRANSLATE_KEY")
        return value.rstrip("/")

    @validator("smtp_url")
    def _mail_server(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
            raise ValueError("must be an address such as smtp://mail.example.com:587")
        if parts.username or parts.password:
            raise ValueError("must hold no password: give it as SETU_SMTP_PASSWORD")
        return value

    @validator("email_imap", "email_smtp")
    def _clients_mail_server(cls, value: str, field: ModelField) -> str:
        kind = field.name.removeprefix("email_")
        parts = urlsplit(value)
        schemes = (f"{kind}s", kind, f"{kind}+plain")
        if value and (parts.scheme not in schemes or not parts.hostname):
            raise ValueError(f"must be an address such as {kind}s://mail.example.com")
        if parts.username or parts.password:
            raise ValueError("must hold no password: give it as SETU_EMAIL_PASSWORD")
        return value

    @validator("email_from")
    def _clients_address(cls, value: str) -> str:
        if value and not _ADDRESS.fullmatch(parseaddr(value)[1]):
            raise ValueError("must be one address, as Name <help@example.com>")
        return value

    @validator("mail_from", always=True)
    def _sender(cls, value: str, values: dict[str, object]) -> str:
        if values.get("smtp_url") and "@" not in parseaddr(value)[1]:
            raise ValueError("must be the sender's address, since SETU_SMTP_URL is set")
        return value

    @property
    def address(self) -> str:
        """The address people reach this instance at, without a trailing slash."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"


@functools.lru_cache(maxsize=1)
def settings() -> Settings:
    """The process's settings, read once.

    Raises:
        SettingsError: a value cannot be used; the message names the variable.
    """
    try:
        return Settings(_env_file=os.environ.get("SETU_ENV_FILE", ".env"))  # type: ignore[call-arg]
    except ValidationError as error:
        faults = "; ".join(
            f"SETU_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
            for fault in error.errors()
        )
        raise SettingsError(f"{faults}. See .env.example for what each setting takes.") from error
