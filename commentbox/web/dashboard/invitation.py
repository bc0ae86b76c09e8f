"""An invitation's page: who was invited reads it, and accepts."""

from http import HTTPStatus

from flask import Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox import clock
from commentbox.actions.invitations import UnknownInvitation, accept_as, accept_with_password
from commentbox.actions.moderators import moderator_with
from commentbox.db import session
from commentbox.errors import CommentboxError
from commentbox.models import Invitation, Site
from commentbox.web.dashboard import visit
from commentbox.web.dashboard.frame import address, show
from commentbox.web.dashboard.reset import read_new_password
from commentbox.web.dashboard.telling import Told, told_of, with_status_of
from commentbox.web.engine import current_engine


def invitation_page(token: str) -> Response:
    """``GET /dashboard/invitations/{token}``: shows, and changes nothing"""
    return _page(_invitation(token), token, Told())


def accept_invitation(token: str) -> WerkzeugResponse:
    """``POST /dashboard/invitations/{token}``: a member from now on, and signed in"""
    invitation, now = _invitation(token), clock.now()
    if visit.is_signed_in() and visit.current_moderator().email == invitation.email:
        accept_as(invitation.id, visit.current_moderator().id, now)
    else:
        visit.begin(accept_with_password(invitation.id, read_new_password(), now), now)
    return redirect(address("queue"), HTTPStatus.SEE_OTHER)


def invitation_again(error: CommentboxError) -> Response:
    """Return the page with what went wrong."""
    token = str((request.view_args or {})["token"])
    return with_status_of(_page(_invitation(token), token, told_of(error)), error)


def _page(invitation: Invitation, token: str, told: Told) -> Response:
    current = session()
    site = current.get(Site, invitation.site_id) if invitation.site_id else None
    guest = visit.current_moderator() if visit.is_signed_in() else None
    return show(
        "invitation.html",
        told=told,
        invitation=invitation,
        site=site,
        invitation_token=token,
        has_account=moderator_with(current, invitation.email) is not None,
        is_theirs=guest is not None and guest.email == invitation.email,
    )


def _invitation(token: str) -> Invitation:
    number = current_engine().signatures.invitation_id(token)
    invitation = session().get(Invitation, number) if number is not None else None
    if invitation is None or invitation.is_over_at(clock.now()):
        raise UnknownInvitation
    return invitation
