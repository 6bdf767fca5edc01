"""The knowledge base's tables.

An article is one subject; it has a body per locale, and each body its own version history. The
row of `KnowledgeVersion` is the truth about "has anything changed": every published change raises
it in the same transaction, every process polls it. Vectors are a cache by content: they can be
dropped at any time and are computed again.
"""

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Text

from bot.db import Base, UtcDateTime, now

DRAFT, PUBLISHED, ARCHIVED = "draft", "published", "archived"
STATES = (DRAFT, PUBLISHED, ARCHIVED)


class Article(Base):
    """One subject. `id` is the slug that files are named by."""

    __tablename__ = "article"

    id = Column(String(100), primary_key=True)
    category = Column(String(60), nullable=False, default="")
    source_locale = Column(String(35), nullable=False)
    created_at = Column(UtcDateTime, nullable=False, default=now)


class Body(Base):
    """An article in one locale, as it is now.

    `version` counts this body's changes. `source_version` is the version of the source locale's
    body that this one says the same as (for the source itself: its own version); it is stale when
    the source has moved on. Only `published` bodies are shown to clients.
    """

    __tablename__ = "article_body"

    article = Column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    locale = Column(String(35), primary_key=True)
    title = Column(Text, nullable=False)
    body = Column(Text, nullable=False)
    questions = Column(sa.JSON, nullable=False, default=list)
    tags = Column(sa.JSON, nullable=False, default=list)
    state = Column(String(12), nullable=False, index=True)
    version = Column(Integer, nullable=False)
    source_version = Column(Integer, nullable=False)
    updated_at = Column(UtcDateTime, nullable=False)
    updated_by = Column(String(120), nullable=False, default="")

    __table_args__ = (sa.CheckConstraint("state IN ('draft', 'published', 'archived')", "state"),)


class BodyVersion(Base):
    """What a body was at each of its versions. Never changed; kept when the article is removed."""

    __tablename__ = "article_body_version"

    article = Column(String(100), primary_key=True)
    locale = Column(String(35), primary_key=True)
    version = Column(Integer, primary_key=True)
    title = Column(Text, nullable=False)
    body = Column(Text, nullable=False)
    questions = Column(sa.JSON, nullable=False)
    tags = Column(sa.JSON, nullable=False)
    state = Column(String(12), nullable=False)
    source_version = Column(Integer, nullable=False)
    at = Column(UtcDateTime, nullable=False)
    by = Column(String(120), nullable=False, default="")


class Draft(Base):
    """What is written of a body and not published: it waits beside what clients get.

    `mark` is another one after each change: who saves says which they saw. `based_on` is the
    body's version that it was begun over (0: there was none), `machine` the translation service
    that wrote it, empty once a person has read and confirmed it. Publishing or discarding it
    removes the row.
    """

    __tablename__ = "article_draft"

    article = Column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    locale = Column(String(35), primary_key=True)
    title = Column(Text, nullable=False)
    body = Column(Text, nullable=False)
    questions = Column(sa.JSON, nullable=False)
    tags = Column(sa.JSON, nullable=False)
    category = Column(String(60), nullable=False)
    source_version = Column(Integer, nullable=False)
    based_on = Column(Integer, nullable=False)
    machine = Column(String(80), nullable=False, default="")
    mark = Column(String(32), nullable=False)
    at = Column(UtcDateTime, nullable=False)
    by = Column(String(120), nullable=False, default="")


class Vector(Base):
    """An embedding: float32 bytes by embedder and SHA-256 of kind and text."""

    __tablename__ = "embedding"

    embedder = Column(String(80), primary_key=True)
    digest = Column(String(64), primary_key=True)
    vector = Column(LargeBinary, nullable=False)


class KnowledgeVersion(Base):
    """One row (`id` 1): raised by every change of what clients can be answered with."""

    __tablename__ = "knowledge_version"

    id = Column(Integer, primary_key=True, autoincrement=False)
    version = Column(Integer, nullable=False)
