"""Hours and conduct at the desk, other ways than waiting, follow-ups of every kind

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from bot.db import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "office_setting",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_office_setting")),
    )
    op.create_table(
        "team",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("week", sa.JSON(), nullable=False),
        sa.Column("free_days", sa.JSON(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
    )
    op.create_table(
        "contact_request",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("awaiting", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("slot_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_contact_request_conversation_id_conversation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_request")),
    )
    with op.batch_alter_table("contact_request") as batch:
        batch.create_index(
            batch.f("ix_contact_request_conversation_id"), ["conversation_id"], unique=False
        )
        batch.create_index("ix_contact_request_status_slot", ["status", "slot_at"], unique=False)
    with op.batch_alter_table("handoff") as batch:
        batch.add_column(sa.Column("told_low", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("told_place", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("told_kind", sa.String(length=10), nullable=True))
        batch.add_column(sa.Column("ended", sa.String(length=12), nullable=True))
    with op.batch_alter_table("conversation") as batch:
        batch.add_column(sa.Column("seen_at", UtcDateTime(timezone=True), nullable=True))
    with op.batch_alter_table("client") as batch:
        batch.add_column(sa.Column("phone", sa.String(length=20), nullable=True))
    with op.batch_alter_table("interaction") as batch:
        batch.add_column(sa.Column("resolution", sa.String(length=20), nullable=True))
    with op.batch_alter_table("follow_up") as batch:
        batch.alter_column("rating_id", existing_type=sa.String(length=32), nullable=True)
        batch.add_column(
            sa.Column("kind", sa.String(length=12), nullable=False, server_default="rating")
        )
        batch.add_column(sa.Column("note", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("contact", sa.String(length=254), nullable=True))
        batch.add_column(sa.Column("language", sa.String(length=35), nullable=True))
        batch.add_column(sa.Column("created_by", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM follow_up WHERE rating_id IS NULL")
    with op.batch_alter_table("follow_up") as batch:
        for column in ("created_by", "language", "contact", "note", "kind"):
            batch.drop_column(column)
        batch.alter_column("rating_id", existing_type=sa.String(length=32), nullable=False)
    for table, columns in (
        ("interaction", ["resolution"]),
        ("client", ["phone"]),
        ("conversation", ["seen_at"]),
        ("handoff", ["ended", "told_kind", "told_place", "told_low"]),
    ):
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column)
    op.drop_table("contact_request")
    op.drop_table("team")
    op.drop_table("office_setting")
