"""Render stored comments again when the markup pipeline has changed."""

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from commentbox import markup
from commentbox.db import atomic
from commentbox.models import Comment, Site

BATCH = 200


def rerender() -> int:
    """Bring every comment's HTML to the pipeline's version; return how many were rendered.

    Works in batches of short transactions, so that writers hardly wait, and can be stopped
    and started again at any time.
    """
    rendered = 0
    while batch := _render(BATCH, is_patient=False) or _render(1, is_patient=True):
        rendered += batch
    return rendered


def _render(limit: int, *, is_patient: bool) -> int:
    """Render some comments, also waiting for those that somebody is writing to if ``is_patient``.

    Who holds many comments must not wait for one more: its writer may be waiting for one of them.
    """
    with atomic() as session:
        stale = session.scalars(
            select(Comment)
            .where(Comment.markup_version < markup.VERSION)
            .limit(limit)
            .with_for_update(skip_locked=not is_patient)
        ).all()
        for comment in stale:
            comment.render()
        # In the same transaction: when we are stopped here, no reader is left with the old HTML.
        _touch(session, {comment.site_id for comment in stale})
        return len(stale)


def _touch(session: Session, sites: Collection[int]) -> None:
    session.execute(update(Site).where(Site.id.in_(sites)).values(version=Site.version + 1))
