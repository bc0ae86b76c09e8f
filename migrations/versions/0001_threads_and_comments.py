"""Sites, threads, comments, votes, reports, moderators and their decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "commentbox_moderator",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=False),
        sa.Column("session_number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentbox_moderator")),
        sa.UniqueConstraint("email", name=op.f("uq_commentbox_moderator_email")),
    )
    op.create_table(
        "commentbox_network_key",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("secret", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_commentbox_network_key")),
    )
    op.create_table(
        "commentbox_site",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moderation", sa.String(length=8), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("pace_seconds", sa.Integer(), nullable=False),
        sa.Column("max_links", sa.Integer(), nullable=False),
        sa.Column("max_length_chars", sa.Integer(), nullable=False),
        sa.Column("max_depth", sa.Integer(), nullable=False),
        sa.Column("page_size", sa.Integer(), nullable=False),
        sa.Column("edit_window_seconds", sa.Integer(), nullable=False),
        sa.Column("require_name", sa.Boolean(), nullable=False),
        sa.Column("require_email", sa.Boolean(), nullable=False),
        sa.Column("votes", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentbox_site")),
        sa.UniqueConstraint("key", name=op.f("uq_commentbox_site_key")),
    )
    op.create_table(
        "commentbox_membership",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "moderator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator_id"],
            ["commentbox_moderator.id"],
            name=op.f("fk_commentbox_membership_moderator_id_commentbox_moderator"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["commentbox_site.id"],
            name=op.f("fk_commentbox_membership_site_id_commentbox_site"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentbox_membership")),
        sa.UniqueConstraint(
            "moderator_id", "site_id", name=op.f("uq_commentbox_membership_moderator_id_site_id")
        ),
    )
    op.create_index(
        op.f("ix_commentbox_membership_site_id"), "commentbox_membership", ["site_id"], unique=False
    )
    op.create_table(
        "commentbox_site_origin",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["commentbox_site.id"],
            name=op.f("fk_commentbox_site_origin_site_id_commentbox_site"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentbox_site_origin")),
        sa.UniqueConstraint(
            "site_id", "origin", name=op.f("uq_commentbox_site_origin_site_id_origin")
        ),
    )
    op.create_table(
        "commentbox_thread",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=512), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["commentbox_site.id"],
            name=op.f("fk_commentbox_thread_site_id_commentbox_site"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentbox_thread")),
        sa.UniqueConstraint("site_id", "key", name=op.f("uq_commentbox_thread_site_id_key")),
    )
    op.create_table(
        "commentbox_comment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "thread_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("root_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("conversation_size", sa.Integer(), nullable=False),
        sa.Column("has_replies", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("markup_version", sa.Integer(), nullable=False),
        sa.Column("text_digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("network", sa.String(length=32), nullable=False),
        sa.Column("idempotency_digest", sa.LargeBinary(length=16), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["commentbox_comment.id"],
            name=op.f("fk_commentbox_comment_parent_id_commentbox_comment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["commentbox_site.id"],
            name=op.f("fk_commentbox_comment_site_id_commentbox_site"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["commentbox_thread.id"],
            name=op.f("fk_commentbox_comment_thread_id_commentbox_thread"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentbox_comment")),
        sa.UniqueConstraint(
            "thread_id",
            "idempotency_digest",
            name=op.f("uq_commentbox_comment_thread_id_idempotency_digest"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_commentbox_comment_conversation",
        "commentbox_comment",
        ["thread_id", "root_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_commentbox_comment_markup_version"),
        "commentbox_comment",
        ["markup_version"],
        unique=False,
    )
    op.create_index(
        "ix_commentbox_comment_page",
        "commentbox_comment",
        ["thread_id", "id"],
        unique=False,
        sqlite_where=sa.text("parent_id IS NULL AND conversation_size > 0"),
        postgresql_where=sa.text("parent_id IS NULL AND conversation_size > 0"),
    )
    op.create_index(
        op.f("ix_commentbox_comment_parent_id"), "commentbox_comment", ["parent_id"], unique=False
    )
    op.create_index(
        "ix_commentbox_comment_same_text",
        "commentbox_comment",
        ["site_id", "text_digest", "id"],
        unique=False,
    )
    op.create_index(
        "ix_commentbox_comment_site_state",
        "commentbox_comment",
        ["site_id", "state", "id"],
        unique=False,
    )
    op.create_index(
        "ix_commentbox_comment_state", "commentbox_comment", ["state", "id"], unique=False
    )
    op.create_index(
        "ix_commentbox_comment_thread_state",
        "commentbox_comment",
        ["thread_id", "state", "id"],
        unique=False,
    )
    op.create_index(
        "ix_commentbox_comment_top",
        "commentbox_comment",
        ["thread_id", "score", "id"],
        unique=False,
        sqlite_where=sa.text("parent_id IS NULL AND conversation_size > 0"),
        postgresql_where=sa.text("parent_id IS NULL AND conversation_size > 0"),
    )
    op.create_table(
        "commentbox_thread_alias",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=512), nullable=False),
        sa.Column(
            "thread_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["commentbox_site.id"],
            name=op.f("fk_commentbox_thread_alias_site_id_commentbox_site"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["commentbox_thread.id"],
            name=op.f("fk_commentbox_thread_alias_thread_id_commentbox_thread"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentbox_thread_alias")),
        sa.UniqueConstraint("site_id", "key", name=op.f("uq_commentbox_thread_alias_site_id_key")),
    )
    op.create_index(
        op.f("ix_commentbox_thread_alias_thread_id"),
        "commentbox_thread_alias",
        ["thread_id"],
        unique=False,
    )
    op.create_table(
        "commentbox_decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "comment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "moderator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("old_state", sa.String(length=12), nullable=False),
        sa.Column("new_state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entrance", sa.String(length=12), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["commentbox_comment.id"],
            name=op.f("fk_commentbox_decision_comment_id_commentbox_comment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["moderator_id"],
            ["commentbox_moderator.id"],
            name=op.f("fk_commentbox_decision_moderator_id_commentbox_moderator"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentbox_decision")),
    )
    op.create_index(
        op.f("ix_commentbox_decision_comment_id"),
        "commentbox_decision",
        ["comment_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_commentbox_decision_moderator_id"),
        "commentbox_decision",
        ["moderator_id"],
        unique=False,
    )
    op.create_table(
        "commentbox_report",
        sa.Column(
            "comment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("network", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["commentbox_comment.id"],
            name=op.f("fk_commentbox_report_comment_id_commentbox_comment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("comment_id", "network", name=op.f("pk_commentbox_report")),
    )
    op.create_table(
        "commentbox_vote",
        sa.Column(
            "comment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("network", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["commentbox_comment.id"],
            name=op.f("fk_commentbox_vote_comment_id_commentbox_comment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("comment_id", "network", name=op.f("pk_commentbox_vote")),
    )


def downgrade() -> None:
    op.drop_table("commentbox_vote")
    op.drop_table("commentbox_report")
    op.drop_index(op.f("ix_commentbox_decision_moderator_id"), table_name="commentbox_decision")
    op.drop_index(op.f("ix_commentbox_decision_comment_id"), table_name="commentbox_decision")
    op.drop_table("commentbox_decision")
    op.drop_index(
        op.f("ix_commentbox_thread_alias_thread_id"), table_name="commentbox_thread_alias"
    )
    op.drop_table("commentbox_thread_alias")
    op.drop_index(
        "ix_commentbox_comment_top",
        table_name="commentbox_comment",
        sqlite_where=sa.text("parent_id IS NULL AND conversation_size > 0"),
        postgresql_where=sa.text("parent_id IS NULL AND conversation_size > 0"),
    )
    op.drop_index("ix_commentbox_comment_thread_state", table_name="commentbox_comment")
    op.drop_index("ix_commentbox_comment_state", table_name="commentbox_comment")
    op.drop_index("ix_commentbox_comment_site_state", table_name="commentbox_comment")
    op.drop_index("ix_commentbox_comment_same_text", table_name="commentbox_comment")
    op.drop_index(op.f("ix_commentbox_comment_parent_id"), table_name="commentbox_comment")
    op.drop_index(
        "ix_commentbox_comment_page",
        table_name="commentbox_comment",
        sqlite_where=sa.text("parent_id IS NULL AND conversation_size > 0"),
        postgresql_where=sa.text("parent_id IS NULL AND conversation_size > 0"),
    )
    op.drop_index(op.f("ix_commentbox_comment_markup_version"), table_name="commentbox_comment")
    op.drop_index("ix_commentbox_comment_conversation", table_name="commentbox_comment")
    op.drop_table("commentbox_comment")
    op.drop_table("commentbox_thread")
    op.drop_table("commentbox_site_origin")
    op.drop_index(op.f("ix_commentbox_membership_site_id"), table_name="commentbox_membership")
    op.drop_table("commentbox_membership")
    op.drop_table("commentbox_site")
    op.drop_table("commentbox_network_key")
    op.drop_table("commentbox_moderator")
