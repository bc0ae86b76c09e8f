"""The cast of the dashboard: Ada owns all sites, Ben moderates “blog”, Cy another site."""

import pytest
from flask import Flask

from commentbox.actions.sites import add_site
from commentbox.models import Role, Site
from tests.web.dashboard.people import Desk, account


@pytest.fixture
def other_site(app: Flask) -> Site:
    """Return the site “other”, which is none of Ben's."""
    with app.app_context():
        return add_site("other", ["https://other.example"])


@pytest.fixture
def ada(app: Flask, site: Site) -> Desk:
    """Return Ada at her desk, signed in; she owns every site."""
    return Desk.of(app, account(app, "ada@example.org", Role.OWNER, None))


@pytest.fixture
def ben(app: Flask, site: Site) -> Desk:
    """Return Ben at his desk, signed in; he moderates “blog”."""
    return Desk.of(app, account(app, "ben@example.org", Role.MODERATOR, site.id))


@pytest.fixture
def cy(app: Flask, other_site: Site) -> Desk:
    """Return Cy at his desk, signed in; he moderates “other” and is a stranger to “blog”."""
    return Desk.of(app, account(app, "cy@example.org", Role.MODERATOR, other_site.id))
