"""Which process is fetching a message's files

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("remote_file") as table:
        table.add_column(sa.Column("holder", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("remote_file") as table:
        table.drop_column("holder")
