"""Trust: known authors, listed words, storms and bans."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HAS_AN_EARLIER_ONE = sa.text("author_id IS NOT NULL")

SITE_COLUMNS = (
    ("known_after", sa.Integer(), "1"),
    ("young_days", sa.Integer(), "0"),
    ("old_thread_days", sa.Integer(), "0"),
    ("reports_to_hold", sa.Integer(), "3"),
    ("held_words", sa.Text(), ""),
    ("storm_held", sa.Integer(), "10"),
    ("held_recently", sa.Double(), "0"),
    ("held_usually", sa.Double(), "0"),
)


def upgrade() -> None:
    for name, kind, default in SITE_COLUMNS:
        op.add_column(
            "commentbox_site", sa.Column(name, kind, nullable=False, server_default=default)
        )
    for name in ("held_counted_at", "storm_until"):
        op.add_column("commentbox_site", sa.Column(name, sa.DateTime(timezone=True)))
    op.add_column("commentbox_comment", sa.Column("author_id", ROW_ID))
    op.create_index(
        "ix_commentbox_comment_author",
        "commentbox_comment",
        ["author_id", "state"],
        sqlite_where=HAS_AN_EARLIER_ONE,
        postgresql_where=HAS_AN_EARLIER_ONE,
    )
    op.create_table(
        "commentbox_ban",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("site_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("value", sa.String(length=254), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("moderator_id", ROW_ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["commentbox_site.id"],
            name=op.f("fk_commentbox_ban_site_id_commentbox_site"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["moderator_id"],
            ["commentbox_moderator.id"],
            name=op.f("fk_commentbox_ban_moderator_id_commentbox_moderator"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentbox_ban")),
        sa.UniqueConstraint(
            "site_id", "kind", "value", name=op.f("uq_commentbox_ban_site_id_kind_value")
        ),
    )
    op.create_index(op.f("ix_commentbox_ban_moderator_id"), "commentbox_ban", ["moderator_id"])


def downgrade() -> None:
    op.drop_table("commentbox_ban")
    op.drop_index("ix_commentbox_comment_author", table_name="commentbox_comment")
    op.drop_column("commentbox_comment", "author_id")
    for name in ("held_counted_at", "storm_until"):
        op.drop_column("commentbox_site", name)
    for name, _kind, _default in reversed(SITE_COLUMNS):
        op.drop_column("commentbox_site", name)
