"""Presence, skills, priority and why: what routing stands on

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from bot.db import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("agent") as batch:
        batch.add_column(sa.Column("skills", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(
            sa.Column("presence", sa.String(length=10), nullable=False, server_default="away")
        )
    op.execute(sa.text("UPDATE agent SET presence = 'available' WHERE present"))
    with op.batch_alter_table("agent") as batch:
        batch.drop_column("present")
        batch.alter_column("skills", server_default=None)
        batch.alter_column("presence", server_default=None)

    with op.batch_alter_table("client") as batch:
        batch.add_column(sa.Column("segments", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("client") as batch:
        batch.alter_column("segments", server_default=None)

    with op.batch_alter_table("handoff") as batch:
        batch.add_column(sa.Column("rank_at", UtcDateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("priority", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("skill", sa.String(length=40), nullable=True))
        batch.add_column(sa.Column("preferred_agent_id", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("why", sa.JSON(), nullable=True))
    op.execute(sa.text("UPDATE handoff SET rank_at = opened_at"))
    with op.batch_alter_table("handoff") as batch:
        batch.alter_column("rank_at", existing_type=UtcDateTime(timezone=True), nullable=False)
        batch.alter_column("priority", server_default=None)
        batch.create_foreign_key(
            batch.f("fk_handoff_preferred_agent_id_agent"), "agent", ["preferred_agent_id"], ["id"]
        )
        batch.create_index("ix_handoff_status_rank", ["status", "rank_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("handoff") as batch:
        batch.drop_index("ix_handoff_status_rank")
        batch.drop_constraint(batch.f("fk_handoff_preferred_agent_id_agent"), type_="foreignkey")
        for name in ("why", "preferred_agent_id", "skill", "priority", "rank_at"):
            batch.drop_column(name)
    with op.batch_alter_table("client") as batch:
        batch.drop_column("segments")
    with op.batch_alter_table("agent") as batch:
        batch.add_column(
            sa.Column("present", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.execute(sa.text("UPDATE agent SET present = (presence <> 'away')"))
    with op.batch_alter_table("agent") as batch:
        batch.drop_column("presence")
        batch.drop_column("skills")
        batch.alter_column("present", server_default=None)
