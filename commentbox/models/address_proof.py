"""An address proof: the owner of an address said of one comment that it is theirs."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, Session, mapped_column

from commentbox.db import Base, UtcDateTime
from commentbox.models.comment import Comment
from commentbox.models.site import Site
from commentbox.models.subscription import address_digest


class AddressProof(Base):
    """The yes to a mail about this very comment; it says nothing of any other with the address.

    What was said of one text is not said of another: an edit by the author takes it back.
    """

    __tablename__ = "commentbox_address_proof"
    __table_args__ = (Index("ix_commentbox_address_proof_digest", "site_id", "digest"),)

    comment_id: Mapped[int] = mapped_column(
        ForeignKey(Comment.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    site_id: Mapped[int] = mapped_column(ForeignKey(Site.id, ondelete="CASCADE"))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))  # see address_digest
    proven_at: Mapped[datetime] = mapped_column(UtcDateTime)


def prove_address(session: Session, comment: Comment, at: datetime) -> None:
    """Keep that the owner of a comment's address said it was theirs."""
    proof = AddressProof(
        comment_id=comment.id,
        site_id=comment.site_id,
        digest=address_digest(comment.email),
        proven_at=at,
    )
    session.merge(proof)
    session.flush()
