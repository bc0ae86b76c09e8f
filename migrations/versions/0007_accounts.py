"""Accounts: the second factor and invitations. Sites: looks, and where they were last seen."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

MODERATOR_COLUMNS = (
    ("totp_secret", sa.String(length=64), None),
    ("totp_step", ROW_ID, "0"),
    ("recovery_digests", sa.JSON(), "[]"),
    ("wrong_codes", sa.Integer(), "0"),
    ("wrong_codes_since", sa.DateTime(timezone=True), None),
)


def upgrade() -> None:
    for name, kind, default in MODERATOR_COLUMNS:
        op.add_column(
            "commentbox_moderator",
            sa.Column(name, kind, nullable=default is None, server_default=default),
        )
    for name in ("texts", "colours"):
        op.add_column(
            "commentbox_site", sa.Column(name, sa.JSON(), nullable=False, server_default="{}")
        )
    op.create_table(
        "commentbox_sighting",
        sa.Column("site_id", ROW_ID, nullable=False),
        sa.Column("seen_origin", sa.String(length=300), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(length=40), nullable=True),
        sa.Column("trouble_origin", sa.String(length=300), nullable=True),
        sa.Column("trouble_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["commentbox_site.id"],
            name=op.f("fk_commentbox_sighting_site_id_commentbox_site"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_commentbox_sighting")),
    )
    op.create_table(
        "commentbox_invitation",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("site_id", ROW_ID, nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("moderator_id", ROW_ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["commentbox_site.id"],
            name=op.f("fk_commentbox_invitation_site_id_commentbox_site"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["moderator_id"],
            ["commentbox_moderator.id"],
            name=op.f("fk_commentbox_invitation_moderator_id_commentbox_moderator"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentbox_invitation")),
        sqlite_autoincrement=True,
    )
    for column in ("site_id", "moderator_id"):
        op.create_index(
            op.f(f"ix_commentbox_invitation_{column}"), "commentbox_invitation", [column]
        )


def downgrade() -> None:
    op.drop_table("commentbox_sighting")
    op.drop_table("commentbox_invitation")
    for name in ("texts", "colours"):
        op.drop_column("commentbox_site", name)
    for name, _kind, _default in reversed(MODERATOR_COLUMNS):
        op.drop_column("commentbox_moderator", name)
