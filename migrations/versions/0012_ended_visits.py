"""Visits to the dashboard that ended before their cookie's time."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "commentbox_moderator",
        sa.Column("ended_visits", sa.JSON(), nullable=False, server_default="{}"),
    )


def downgrade() -> None:
    op.drop_column("commentbox_moderator", "ended_visits")
