"""Addresses that serve once, for mails and for whoever passes them on."""

from flask import current_app

from commentbox.models import Invitation, Moderator
from commentbox.web.engine import current_engine


def invitation_path(invitation: Invitation) -> str:
    """Return the path of an invitation's page, e.g. ``/dashboard/invitations/MQ.x7…``."""
    return f"{_dashboard()}/invitations/{current_engine().signatures.invitation_token(invitation)}"


def reset_path(moderator: Moderator) -> str:
    """Return the path of the page where an account gets another password."""
    return f"{_dashboard()}/reset/{current_engine().signatures.reset_token(moderator)}"


def _dashboard() -> str:
    # Asked of the app and not of the request: commands have none.
    return f"{current_app.blueprints['commentbox'].url_prefix or ''}/dashboard"
