"""Who has read a conversation how far

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from bot.db import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "read_mark",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("reader", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_read_mark_conversation_id_conversation"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "reader", name=op.f("pk_read_mark")),
    )


def downgrade() -> None:
    op.drop_table("read_mark")
