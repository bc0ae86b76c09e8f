"""Comments whose address's owner said that they wrote them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "commentbox_address_proof",
        sa.Column("comment_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("site_id", ROW_ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["commentbox_comment.id"],
            name=op.f("fk_commentbox_address_proof_comment_id_commentbox_comment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["commentbox_site.id"],
            name=op.f("fk_commentbox_address_proof_site_id_commentbox_site"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_commentbox_address_proof")),
    )
    op.create_index(
        "ix_commentbox_address_proof_digest", "commentbox_address_proof", ["site_id", "digest"]
    )


def downgrade() -> None:
    op.drop_table("commentbox_address_proof")
