"""Lists in the order of time, and imported replies that wait for what they answer."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLE = "commentbox_comment"
LISTS = {
    "ix_commentbox_comment_thread_state": ["thread_id", "state"],
    "ix_commentbox_comment_site_state": ["site_id", "state"],
    "ix_commentbox_comment_state": ["state"],
}
NEWEST, AWAITED = "ix_commentbox_comment_newest", "ix_commentbox_comment_awaited"
AWAITS = sa.text("awaited_id IS NOT NULL")


def upgrade() -> None:
    _order_lists_by("created_at", "id")
    op.create_index(NEWEST, TABLE, ["created_at", "id"])
    op.add_column(TABLE, sa.Column("awaited_id", sa.String(length=255)))
    op.create_index(
        AWAITED,
        TABLE,
        ["site_id", "source", "awaited_id"],
        sqlite_where=AWAITS,
        postgresql_where=AWAITS,
    )


def downgrade() -> None:
    op.drop_index(AWAITED, TABLE)
    op.drop_column(TABLE, "awaited_id")
    op.drop_index(NEWEST, TABLE)
    _order_lists_by("id")


def _order_lists_by(*columns: str) -> None:
    for name, leading in LISTS.items():
        op.drop_index(name, TABLE)
        op.create_index(name, TABLE, [*leading, *columns])
