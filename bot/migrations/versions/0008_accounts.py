"""Accounts: keys, invitations with facts, passwords by link, sessions' devices, attempts.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from bot.db import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("agent", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("shortcuts", sa.String(length=5), nullable=False, server_default="plain")
        )
    with op.batch_alter_table("agent_session", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("device", sa.String(length=300), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("network", sa.String(length=64), nullable=False, server_default="")
        )
    with op.batch_alter_table("agent_invitation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email", sa.String(length=254), nullable=True))
        batch_op.add_column(sa.Column("languages", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("skills", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("capacity", sa.Integer(), nullable=False, server_default="4"))
        batch_op.add_column(sa.Column("agent_id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("made_by", sa.String(length=32), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_agent_invitation_agent_id_agent"), "agent", ["agent_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_agent_invitation_email"), ["email"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_agent_invitation_agent_id"), ["agent_id"], unique=False
        )
    op.create_table(
        "agent_attempt",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_attempt")),
    )
    with op.batch_alter_table("agent_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_agent_attempt_who", ["kind", "who", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_agent_attempt_at"), ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("agent_attempt")
    with op.batch_alter_table("agent_invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agent_invitation_agent_id"))
        batch_op.drop_index(batch_op.f("ix_agent_invitation_email"))
        batch_op.drop_constraint(
            batch_op.f("fk_agent_invitation_agent_id_agent"), type_="foreignkey"
        )
        for column in ("made_by", "agent_id", "capacity", "skills", "languages", "email"):
            batch_op.drop_column(column)
    with op.batch_alter_table("agent_session", schema=None) as batch_op:
        batch_op.drop_column("network")
        batch_op.drop_column("device")
    with op.batch_alter_table("agent", schema=None) as batch_op:
        batch_op.drop_column("shortcuts")
