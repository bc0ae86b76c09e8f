"""Where imported comments come from, and what their texts are written in."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

IS_FOREIGN = sa.text("source IS NOT NULL")
HAS_ANCHOR = sa.text("anchor IS NOT NULL")
OPENS_A_PAGE = sa.text("parent_id IS NULL AND conversation_size > 0")


def upgrade() -> None:
    op.add_column(
        "commentbox_comment",
        sa.Column("text_format", sa.String(length=12), nullable=False, server_default="markdown"),
    )
    op.add_column("commentbox_comment", sa.Column("source", sa.String(length=32)))
    op.add_column("commentbox_comment", sa.Column("foreign_id", sa.String(length=255)))
    op.add_column("commentbox_comment", sa.Column("anchor", sa.String(length=300)))
    op.create_index(
        "uq_commentbox_comment_foreign",
        "commentbox_comment",
        ["site_id", "source", "foreign_id"],
        unique=True,
        sqlite_where=IS_FOREIGN,
        postgresql_where=IS_FOREIGN,
    )
    op.create_index(
        "ix_commentbox_comment_anchor",
        "commentbox_comment",
        ["thread_id", "anchor"],
        sqlite_where=HAS_ANCHOR,
        postgresql_where=HAS_ANCHOR,
    )
    _order_pages_by("created_at", "id")


def _order_pages_by(*columns: str) -> None:
    op.drop_index("ix_commentbox_comment_page", table_name="commentbox_comment")
    op.create_index(
        "ix_commentbox_comment_page",
        "commentbox_comment",
        ["thread_id", *columns],
        sqlite_where=OPENS_A_PAGE,
        postgresql_where=OPENS_A_PAGE,
    )


def downgrade() -> None:
    _order_pages_by("id")
    op.drop_index("ix_commentbox_comment_anchor", table_name="commentbox_comment")
    op.drop_index("uq_commentbox_comment_foreign", table_name="commentbox_comment")
    for column in ("anchor", "foreign_id", "source", "text_format"):
        op.drop_column("commentbox_comment", column)
