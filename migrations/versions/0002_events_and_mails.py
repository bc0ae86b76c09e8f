"""Events, endpoints, deliveries, mails and subscriptions: the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WAKE = (
    """
    CREATE FUNCTION commentbox_wake() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NOTIFY commentbox_outbox;
        RETURN NULL;
    END $$
    """,
    *(
        f"""
        CREATE TRIGGER {table}_wakes AFTER INSERT ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION commentbox_wake()
        """
        for table in ("commentbox_event", "commentbox_mail")
    ),
)
"""Workers on PostgreSQL hear at once, also in other processes and on other machines."""


def upgrade() -> None:
    op.create_table(
        "commentbox_endpoint",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("shape", sa.String(length=16), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("payload_version", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(length=100), nullable=False),
        sa.Column("old_secret", sa.String(length=100), nullable=True),
        sa.Column("old_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "last_event_before",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("disabled_because", sa.String(length=12), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["commentbox_site.id"],
            name=op.f("fk_commentbox_endpoint_site_id_commentbox_site"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentbox_endpoint")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_commentbox_endpoint_site_id"), "commentbox_endpoint", ["site_id"], unique=False
    )
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
        "commentbox_mail_preference",
        sa.Column(
            "moderator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("pace", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator_id"],
            ["commentbox_moderator.id"],
            name=op.f("fk_commentbox_mail_preference_moderator_id_commentbox_moderator"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("moderator_id", name=op.f("pk_commentbox_mail_preference")),
    )
    op.create_table(
        "commentbox_mail_refusal",
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["commentbox_site.id"],
            name=op.f("fk_commentbox_mail_refusal_site_id_commentbox_site"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("site_id", "digest", name=op.f("pk_commentbox_mail_refusal")),
    )
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
        sa.Column("payloads", sa.JSON(), nullable=True),
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
    op.create_table(
        "commentbox_subscription",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "thread_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "comment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("network", sa.String(length=32), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wants_decision", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["commentbox_comment.id"],
            name=op.f("fk_commentbox_subscription_comment_id_commentbox_comment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["commentbox_site.id"],
            name=op.f("fk_commentbox_subscription_site_id_commentbox_site"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["commentbox_thread.id"],
            name=op.f("fk_commentbox_subscription_thread_id_commentbox_thread"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentbox_subscription")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_commentbox_subscription_comment_id"),
        "commentbox_subscription",
        ["comment_id"],
        unique=False,
    )
    op.create_index(
        "ix_commentbox_subscription_email",
        "commentbox_subscription",
        ["email", "site_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_commentbox_subscription_requested_at"),
        "commentbox_subscription",
        ["requested_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_commentbox_subscription_site_id"),
        "commentbox_subscription",
        ["site_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_commentbox_subscription_thread_id"),
        "commentbox_subscription",
        ["thread_id"],
        unique=False,
    )
    op.create_table(
        "commentbox_delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "endpoint_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claim", sa.String(length=24), nullable=True),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["commentbox_endpoint.id"],
            name=op.f("fk_commentbox_delivery_endpoint_id_commentbox_endpoint"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["commentbox_event.id"],
            name=op.f("fk_commentbox_delivery_event_id_commentbox_event"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentbox_delivery")),
        sa.UniqueConstraint(
            "event_id", "endpoint_id", name=op.f("uq_commentbox_delivery_event_id_endpoint_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_commentbox_delivery_due",
        "commentbox_delivery",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_commentbox_delivery_endpoint",
        "commentbox_delivery",
        ["endpoint_id", "id"],
        unique=False,
    )
    op.create_table(
        "commentbox_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["commentbox_delivery.id"],
            name=op.f("fk_commentbox_attempt_delivery_id_commentbox_delivery"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentbox_attempt")),
    )
    op.create_index(
        op.f("ix_commentbox_attempt_delivery_id"),
        "commentbox_attempt",
        ["delivery_id"],
        unique=False,
    )

    if op.get_bind().dialect.name == "postgresql":
        for statement in WAKE:
            op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f("ix_commentbox_attempt_delivery_id"), table_name="commentbox_attempt")
    op.drop_table("commentbox_attempt")
    op.drop_index("ix_commentbox_delivery_endpoint", table_name="commentbox_delivery")
    op.drop_index(
        "ix_commentbox_delivery_due",
        table_name="commentbox_delivery",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_table("commentbox_delivery")
    op.drop_index(
        op.f("ix_commentbox_subscription_thread_id"), table_name="commentbox_subscription"
    )
    op.drop_index(op.f("ix_commentbox_subscription_site_id"), table_name="commentbox_subscription")
    op.drop_index(
        op.f("ix_commentbox_subscription_requested_at"), table_name="commentbox_subscription"
    )
    op.drop_index("ix_commentbox_subscription_email", table_name="commentbox_subscription")
    op.drop_index(
        op.f("ix_commentbox_subscription_comment_id"), table_name="commentbox_subscription"
    )
    op.drop_table("commentbox_subscription")
    op.drop_index(
        "ix_commentbox_event_new",
        table_name="commentbox_event",
        sqlite_where=sa.text("is_new"),
        postgresql_where=sa.text("is_new"),
    )
    op.drop_index(op.f("ix_commentbox_event_happened_at"), table_name="commentbox_event")
    op.drop_index(op.f("ix_commentbox_event_comment_id"), table_name="commentbox_event")
    op.drop_table("commentbox_event")
    op.drop_table("commentbox_mail_refusal")
    op.drop_table("commentbox_mail_preference")
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
    op.drop_index(op.f("ix_commentbox_endpoint_site_id"), table_name="commentbox_endpoint")
    op.drop_table("commentbox_endpoint")

    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION commentbox_wake() CASCADE")
