"""Events and mails: the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "commentbox_mail",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to", sa.String(length=254), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claim", sa.String(length=24), nullable=True),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["commentbox_site.id"],
            name=op.f("fk_commentbox_mail_site_id_commentbox_site"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentbox_mail")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_commentbox_mail_due",
        "commentbox_mail",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        op.f("ix_commentbox_mail_queued_at"), "commentbox_mail", ["queued_at"], unique=False
    )
    op.create_index(
        op.f("ix_commentbox_mail_site_id"), "commentbox_mail", ["site_id"], unique=False
    )
    op.create_index("ix_commentbox_mail_to", "commentbox_mail", ["to", "queued_at"], unique=False)
    op.create_table(
        "commentbox_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("thread_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "comment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["commentbox_comment.id"],
            name=op.f("fk_commentbox_event_comment_id_commentbox_comment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["commentbox_site.id"],
            name=op.f("fk_commentbox_event_site_id_commentbox_site"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["commentbox_thread.id"],
            name=op.f("fk_commentbox_event_thread_id_commentbox_thread"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentbox_event")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_commentbox_event_comment_id"), "commentbox_event", ["comment_id"], unique=False
    )
    op.create_index(
        op.f("ix_commentbox_event_happened_at"), "commentbox_event", ["happened_at"], unique=False
    )
    op.create_index(
        "ix_commentbox_event_new",
        "commentbox_event",
        ["id"],
        unique=False,
        sqlite_where=sa.text("is_new"),
        postgresql_where=sa.text("is_new"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_commentbox_event_new",
        table_name="commentbox_event",
        sqlite_where=sa.text("is_new"),
        postgresql_where=sa.text("is_new"),
    )
    op.drop_index(op.f("ix_commentbox_event_happened_at"), table_name="commentbox_event")
    op.drop_index(op.f("ix_commentbox_event_comment_id"), table_name="commentbox_event")
    op.drop_table("commentbox_event")
    op.drop_index("ix_commentbox_mail_to", table_name="commentbox_mail")
    op.drop_index(op.f("ix_commentbox_mail_site_id"), table_name="commentbox_mail")
    op.drop_index(op.f("ix_commentbox_mail_queued_at"), table_name="commentbox_mail")
    op.drop_index(
        "ix_commentbox_mail_due",
        table_name="commentbox_mail",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_table("commentbox_mail")
