"""Files of clients' messages that are still to be fetched

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

from bot.db import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "remote_file",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_remote_file_conversation_id_conversation"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name=op.f("pk_remote_file")),
    )
    op.create_index(op.f("ix_remote_file_due_at"), "remote_file", ["due_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_remote_file_due_at"), table_name="remote_file")
    op.drop_table("remote_file")
