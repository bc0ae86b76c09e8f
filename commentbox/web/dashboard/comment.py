"""One comment's page: its conversation and history, and what can be done beside deciding on it."""

from http import HTTPStatus

from flask import Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox import clock
from commentbox.actions.amend import Words, amend
from commentbox.actions.answer import answer
from commentbox.actions.pin import pin, unpin
from commentbox.actions.purge import purge
from commentbox.db import session
from commentbox.errors import FieldError
from commentbox.models import Comment, Site
from commentbox.reading.dossier import view_dossier
from commentbox.web.dashboard.deed import back, read_notice, ruling
from commentbox.web.dashboard.finding import comment_or_404
from commentbox.web.dashboard.forms import PlaceForm
from commentbox.web.dashboard.frame import address, show
from commentbox.web.dashboard.queue import page_address
from commentbox.web.dashboard.visit import current_moderator
from commentbox.web.parse import Fields, read_each, website_of

NAME_MAX_CHARS = 100


def comment(comment_id: int) -> Response:
    """``GET /dashboard/comments/{id}``"""
    return _page(comment_or_404(comment_id))


def answer_comment(comment_id: int) -> WerkzeugResponse:
    """``POST /dashboard/comments/{id}/answer``: 303 back, or the comment's page with what is wrong"""
    found = comment_or_404(comment_id)
    form = PlaceForm()
    form.require_valid()
    fields = Fields(request.form.to_dict())
    max_chars = session().get_one(Site, found.site_id).max_length_chars
    read, errors = read_each(
        text=lambda: fields.text("text", max_chars),
        name=lambda: fields.line("name", NAME_MAX_CHARS),
    )
    if errors:
        return _page(found, HTTPStatus.UNPROCESSABLE_ENTITY, "answer", errors)
    reply = answer(found.id, read["text"], read["name"].strip(), ruling(), clock.now())
    return back(form.place.data or "", answered=reply.id)


def edit_comment(comment_id: int) -> WerkzeugResponse:
    """``POST /dashboard/comments/{id}/edit``: 303 to the comment's page, or it with what is wrong"""
    found = comment_or_404(comment_id)
    PlaceForm().require_valid()
    fields = Fields(request.form.to_dict())
    # A moderator may shorten what was allowed once, not what is allowed to nobody.
    max_chars = max(session().get_one(Site, found.site_id).max_length_chars, len(found.text))
    read, errors = read_each(
        text=lambda: fields.text("text", max_chars).replace("\r\n", "\n"),
        name=lambda: fields.line("name", max(NAME_MAX_CHARS, len(found.name))),
        website=lambda: website_of(fields),
    )
    if errors:
        return _page(found, HTTPStatus.UNPROCESSABLE_ENTITY, "edit", errors)
    words = Words(read["text"], read["name"], read["website"])
    made = amend(found.id, words, ruling(), clock.now())
    return back(f"comment={found.id}", decided=made.id if made else None)


def purge_page(comment_id: int) -> Response:
    """``GET /dashboard/comments/{id}/purge``: what it means, before it is done"""
    return show("purge.html", dossier=view_dossier(session(), comment_or_404(comment_id)))


def purge_comment(comment_id: int) -> WerkzeugResponse:
    """``POST /dashboard/comments/{id}/purge``"""
    found = comment_or_404(comment_id)
    PlaceForm().require_valid()
    purge([found.id], ruling())
    return redirect(address("queue", state="removed", purged=1), HTTPStatus.SEE_OTHER)


def pin_comment(comment_id: int) -> WerkzeugResponse:
    """``POST /dashboard/comments/{id}/pin``"""
    found = comment_or_404(comment_id)
    PlaceForm().require_valid()
    pin(found.id, ruling())
    return back(f"comment={found.id}")


def unpin_comment(comment_id: int) -> WerkzeugResponse:
    """``POST /dashboard/comments/{id}/unpin``"""
    found = comment_or_404(comment_id)
    PlaceForm().require_valid()
    unpin(found.id, ruling())
    return back(f"comment={found.id}")


def _page(
    found: Comment,
    status: int = HTTPStatus.OK,
    wrong_form: str = "",
    errors: tuple[FieldError, ...] = (),
) -> Response:
    return show(
        "comment.html",
        status,
        dossier=view_dossier(session(), found),
        notice=read_notice() if request.method == "GET" else None,
        own_name=current_moderator().name,
        wrong_form=wrong_form,
        typed=request.form,
        errors=errors,
        place=f"comment={found.id}",
        page_address=page_address,
    )
