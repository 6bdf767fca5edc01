"""Canned replies

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from bot.db import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "canned",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("shortcut", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=32), nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["agent.id"], name=op.f("fk_canned_changed_by_agent")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned")),
        sa.UniqueConstraint("shortcut", name=op.f("uq_canned_shortcut")),
    )
    op.create_table(
        "canned_text",
        sa.Column("canned_id", sa.String(length=32), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("register", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["canned_id"], ["canned.id"], name=op.f("fk_canned_text_canned_id_canned")
        ),
        sa.PrimaryKeyConstraint("canned_id", "locale", "register", name=op.f("pk_canned_text")),
    )


def downgrade() -> None:
    op.drop_table("canned_text")
    op.drop_table("canned")
