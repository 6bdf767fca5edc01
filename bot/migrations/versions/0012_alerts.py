"""Waits that somebody outside the desk was told of

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from bot.db import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_alert",
        sa.Column("handoff_id", sa.String(length=32), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoff.id"], name=op.f("fk_desk_alert_handoff_id_handoff")
        ),
        sa.PrimaryKeyConstraint("handoff_id", name=op.f("pk_desk_alert")),
    )


def downgrade() -> None:
    op.drop_table("desk_alert")
