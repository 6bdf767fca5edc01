"""Routing as data: `data/routing.yml`, read once and checked."""

import functools
from pathlib import Path

import yaml
from pydantic import BaseModel, Extra, Field, ValidationError

from bot.settings import settings


class PolicyError(Exception):
    """`data/routing.yml` cannot be used; the message says where and why."""


class _Part(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class HeadStart(_Part):
    """Minutes of waiting that each reason counts as."""

    complaint: int = Field(default=10, ge=0)
    repeated_failure: int = Field(default=5, ge=0)
    failure: int = Field(default=5, ge=0)
    lost: int = Field(default=60, ge=0)


class Skill(_Part):
    """What agents may have and a conversation may ask for."""

    names: dict[str, str] = Field(default_factory=dict, description="by language of the desk")
    topics: tuple[str, ...] = ()


class Policy(_Part):
    """The whole file; every part has a default."""

    speaks_from: int = Field(default=2, ge=1, le=3)
    head_start: HeadStart = HeadStart()
    segments: dict[str, int] = Field(default_factory=dict)
    failures: int = Field(default=2, ge=1)
    patience: int = Field(default=3, ge=0, description="minutes")
    skills: dict[str, Skill] = Field(default_factory=dict)

    def skill_for(self, topics: set[str]) -> str | None:
        """The first skill that one of these topics asks for."""
        return next((name for name, skill in self.skills.items() if topics & {*skill.topics}), None)

    def skill_name(self, skill: str, locale: str) -> str:
        """What a skill is called at a desk read in `locale`."""
        known = self.skills.get(skill)
        names = known.names if known else {}
        return names.get(locale) or names.get("en") or skill


def read(path: Path) -> Policy:
    """The policy of a file; the defaults when there is none.

    Raises:
        PolicyError: see there.
    """
    if not path.is_file():
        return Policy()
    try:
        return Policy(**(yaml.safe_load(path.read_text(encoding="utf-8")) or {}))
    except (yaml.YAMLError, ValidationError, TypeError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: {error}") from error


@functools.lru_cache(maxsize=1)
def policy() -> Policy:
    """This installation's routing policy.

    Raises:
        PolicyError: see there.
    """
    return read(settings().home / "data" / "routing.yml")
