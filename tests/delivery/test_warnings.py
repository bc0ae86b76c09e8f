"""Owners hear of an endpoint that fails, on both kinds of databases."""

import pytest
from sqlalchemy import select

from commentbox.db import atomic, session
from commentbox.delivery.warnings import warn_of
from commentbox.models import Endpoint, Mail, Role, Site
from tests.factories import WRITTEN_AT, account, ada, ben


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the address of a database of each kind: only one of them compares whole accounts."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def test_every_owner_is_warned_once(site: Site, endpoint: Endpoint) -> None:
    ada()
    ben(site)
    account("dee@example.org", Role.OWNER, site)
    with atomic() as current:
        warn_of(current, current.get_one(Endpoint, endpoint.id), WRITTEN_AT)
    addresses = session().scalars(select(Mail.to).order_by(Mail.to)).all()
    assert addresses == ["ada@example.org", "dee@example.org"]
