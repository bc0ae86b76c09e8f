"""A mail lies in the outbox with the deed it tells of, or not at all."""

from contextlib import suppress

from flask import Flask
from sqlalchemy import select

from commentbox.db import atomic, session
from commentbox.models import Mail, Site
from commentbox.models.mail import queue_mail
from tests.factories import WRITTEN_AT

LETTER = {
    "to": "ada@example.org",
    "template": "invitation",
    "facts": {"path": "/dashboard/"},
    "language": "de",
    "at": WRITTEN_AT,
}


def test_a_queued_mail_is_due_at_once(app: Flask, site: Site) -> None:
    with app.app_context():
        with atomic() as current:
            queue_mail(current, site=site, **LETTER)  # type: ignore[arg-type]
        kept = session().scalars(select(Mail)).one()
        assert (kept.to, kept.template, kept.language) == ("ada@example.org", "invitation", "de")
        assert (kept.facts, kept.site_id) == ({"path": "/dashboard/"}, site.id)
        assert (kept.state, kept.due_at, kept.queued_at) == ("pending", WRITTEN_AT, WRITTEN_AT)


def test_a_deed_undone_sends_nothing(app: Flask) -> None:
    with app.app_context():
        with suppress(ZeroDivisionError), atomic() as current:
            queue_mail(current, **LETTER)  # type: ignore[arg-type]
            raise ZeroDivisionError
        assert session().scalars(select(Mail)).all() == []
