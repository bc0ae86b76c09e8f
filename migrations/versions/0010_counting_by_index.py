"""Numbers that are counted in the indexes, without a look at the comments."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLE = "commentbox_comment"
DAY, NAME = "ix_commentbox_comment_day", "ix_commentbox_comment_name"
HELD = "ix_commentbox_comment_held_on_arrival"


def upgrade() -> None:
    _replace(DAY, ["site_id", "created_at", "state", "thread_id"])
    _replace(NAME, ["site_id", "name", "email", "state", "id", "created_at", "is_by_moderator"])
    op.create_index(
        HELD,
        TABLE,
        ["site_id", "created_at"],
        sqlite_where=sa.text("reasons <> '[]'"),
        postgresql_where=sa.text("reasons::text <> '[]'"),
    )


def downgrade() -> None:
    op.drop_index(HELD, TABLE)
    _replace(NAME, ["site_id", "name", "email", "state", "id"])
    _replace(DAY, ["site_id", "created_at", "state"])


def _replace(name: str, columns: list[str]) -> None:
    op.drop_index(name, TABLE)
    op.create_index(name, TABLE, columns)
