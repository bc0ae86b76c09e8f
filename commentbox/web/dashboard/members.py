"""A site's members: who they are, whom to invite, what each may do."""

from http import HTTPStatus

from flask import Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox import clock
from commentbox.actions.invitations import Guest, Letter, UnknownInvitation, invite, withdraw
from commentbox.actions.members import UnknownMember, remove_member, set_role
from commentbox.db import session
from commentbox.errors import CommentboxError, Malformed
from commentbox.models import Invitation, Membership, Role, Site
from commentbox.reading.sites import invitations_of, members_of
from commentbox.web.account_links import invitation_path
from commentbox.web.dashboard.frame import address, show
from commentbox.web.dashboard.rights import owned_site_or_404, require_owner_of_every_site
from commentbox.web.dashboard.telling import Told, told_done, told_of, with_status_of
from commentbox.web.dashboard.visit import current_moderator
from commentbox.web.engine import current_engine, public_origin

NOTICES = {
    "invited": "The invitation is on its way. It serves for a week, once.",
    "role": "The role is kept.",
    "removed": "The membership is taken away.",
    "withdrawn": "The invitation is withdrawn: its link serves no more.",
}

ROLES = {"moderator": "Moderator", "owner": "Owner"}
SCOPES = {"site": "This site", "all": "Every site"}


def members_page(key: str) -> Response:
    """``GET /dashboard/sites/{key}/members``"""
    return _page(owned_site_or_404(key), told_done(NOTICES))


def invite_member(key: str) -> WerkzeugResponse:
    """``POST /dashboard/sites/{key}/members``: a mail goes out, or the link is shown, once"""
    site, is_for_all = owned_site_or_404(key), request.form.get("scope") == "all"
    if is_for_all:
        require_owner_of_every_site()
    guest = Guest(request.form.get("email", ""), _role(), None if is_for_all else site)
    sends_mail = current_engine().settings.sends_mail
    letter = Letter(invitation_path, site.language) if sends_mail else None
    invitation = invite(guest, current_moderator(), clock.now(), letter)
    if not sends_mail:
        return _page(site, Told(), link=public_origin() + invitation_path(invitation))
    return redirect(address("members_page", key=key, done="invited"), HTTPStatus.SEE_OTHER)


def change_member(key: str, membership_id: int) -> WerkzeugResponse:
    """``POST /dashboard/sites/{key}/members/{id}``: another role, or no more of it"""
    site = owned_site_or_404(key)
    where = _where(site, membership_id)
    if request.form.get("deed") == "remove":
        remove_member(membership_id, where)
        return _back(site, "removed")
    set_role(membership_id, where, _role())
    return _back(site, "role")


def withdraw_invitation(key: str, invitation_id: int) -> WerkzeugResponse:
    """``POST /dashboard/sites/{key}/invitations/{id}/withdraw``"""
    site = owned_site_or_404(key)
    invitation = session().get(Invitation, invitation_id)
    if invitation is None or invitation.site_id not in (None, site.id):
        raise UnknownInvitation
    if invitation.site_id is None:
        require_owner_of_every_site()
    withdraw(invitation_id)
    return _back(site, "withdrawn")


def members_again(error: CommentboxError) -> Response:
    """Return the members with what was typed and what went wrong."""
    return with_status_of(
        _page(owned_site_or_404(str((request.view_args or {})["key"])), told_of(error)), error
    )


def _page(site: Site, told: Told, link: str = "") -> Response:
    return show(
        "members.html",
        told=told,
        site=site,
        is_owner=True,
        owns_all=current_moderator().owns_every_site,
        members=members_of(session(), site),
        invitations=invitations_of(session(), site, clock.now()),
        link=link,
        roles=ROLES,
        scopes=SCOPES,
    )


def _where(site: Site, membership_id: int) -> int | None:
    """Return where a membership counts: those of every site are for who owns every site."""
    membership = session().get(Membership, membership_id)
    if membership is None or membership.site_id not in (None, site.id):
        raise UnknownMember
    if membership.site_id is None:
        require_owner_of_every_site()
        return None
    return site.id


def _role() -> Role:
    role = request.form.get("role", "")
    if role not in set(Role):
        raise Malformed
    return Role(role)


def _back(site: Site, done: str) -> WerkzeugResponse:
    there = "members_page" if current_moderator().owns(site.id) else "queue"
    values = {"key": site.key, "done": done} if there == "members_page" else {}
    return redirect(address(there, **values), HTTPStatus.SEE_OTHER)
