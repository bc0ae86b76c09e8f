"""The JSON API: what the embed writes with, and what other programs read."""

import hashlib
from dataclasses import asdict, replace
from http import HTTPStatus

from flask import Response, jsonify, request

from commentbox import clock, markup
from commentbox.actions.edit import delete, edit, source_of
from commentbox.actions.post import Draft, Page, post, posted_already
from commentbox.actions.report import report
from commentbox.actions.vote import cast_vote
from commentbox.db import session
from commentbox.errors import FieldError, InvalidFields, OriginRefused
from commentbox.models import Comment, Site
from commentbox.models.page_key import explicit_key
from commentbox.reading.basis import basis_of_counts, counts_of_basis
from commentbox.reading.counts import count_comments
from commentbox.reading.view import CommentView
from commentbox.web.caching import cached
from commentbox.web.engine import current_engine
from commentbox.web.finding import comment_or_404, site_of, site_or_404
from commentbox.web.identity import client_address, require_origin
from commentbox.web.parse import (
    COMMENT_FIELDS,
    MAX_BODY_BYTES,
    CommentFields,
    Fields,
    read_comment,
    read_fields,
    read_idempotency_key,
    read_page,
    read_parameters,
)
from commentbox.web.problems import asked_language, speak
from commentbox.web.rendering import comment_html
from commentbox.web.showing import (
    asked_heading,
    asked_place,
    shown_comment,
    shown_thread,
    thread_etag,
    thread_to_show,
)
from commentbox.web.times import rfc3339

JSON = "application/json"

MAX_PAGES_COUNTED = 100

COUNTS_MAY_BE_KEPT = "public, max-age=30"
"""Of a list of pages nobody minds the half minute; whoever opens a page sees its thread as it is."""

PREVIEW_MAX_CHARS = 10_000

STRANGE_ORIGIN = (
    "“%(origin)s” is not an origin of this comment's site: "
    "its owner adds one with “commentbox site add”."
)


def thread_json(site_key: str) -> Response:
    """``GET /api/v1/sites/{site}/thread``"""
    site = site_or_404(site_key)
    fields = read_parameters(request)
    speak(request.args.get("lang"), site.language)
    page, place = read_page(fields, site), asked_place(fields)
    thread, basis = thread_to_show(site, page)
    view = shown_thread(site, thread, page, place)
    json = jsonify(
        site=view.site,
        page=view.page,
        url=view.url,
        title=view.title,
        is_open=view.is_open,
        count=view.count,
        version=view.version,
        comments=[comment_json(comment) for comment in view.comments],
        previous=view.previous,
        next=view.next,
    )
    return cached(json.get_data(), thread_etag(site, thread), JSON, basis)


def counts_json(site_key: str) -> Response:
    """``GET /api/v1/sites/{site}/counts?page=a&page=b``"""
    site = site_or_404(site_key)
    asked = request.args.getlist("page")
    if len(asked) > MAX_PAGES_COUNTED:
        raise InvalidFields(
            FieldError(
                "page", "too_many", "Ask for at most %(max)s pages.", {"max": MAX_PAGES_COUNTED}
            )
        )
    keys = {page: _key_or_none(page) for page in asked}
    known = {key for key in keys.values() if key is not None}
    basis = basis_of_counts(site, sorted(known), current_engine().front.ask)
    counts = (
        counts_of_basis(basis, known) if basis.is_firm else count_comments(session(), site, known)
    )
    json = jsonify(
        counts={page: 0 if key is None else counts[key] for page, key in keys.items()}
    ).get_data()
    etag = hashlib.sha256(json).hexdigest()[:20]
    return cached(json, etag, JSON, basis, COUNTS_MAY_BE_KEPT)


def _key_or_none(page: str) -> str | None:
    """Return a page's key; None for what is no page, which must not spoil the counts of the others."""
    try:
        return explicit_key(Fields({"page": page}).line("page", 2000))
    except InvalidFields:
        return None


def issue_ticket(site_key: str) -> Response:
    """``POST /api/v1/sites/{site}/tickets``"""
    site = site_or_404(site_key)
    speak(request.args.get("lang"), site.language)
    require_writer(site)
    return private(jsonify(ticket=current_engine().signatures.ticket(site, clock.now())))


def post_comment(site_key: str) -> Response:
    """``POST /api/v1/sites/{site}/comments``"""
    site = site_or_404(site_key)
    speak(None, site.language)
    require_writer(site)
    fields = read_fields(request, COMMENT_FIELDS)
    speak(fields.values.get("lang"), site.language)
    comment = accept(site, fields, request.headers.get("Idempotency-Key", ""))
    status = HTTPStatus.CREATED if comment.is_published else HTTPStatus.ACCEPTED
    return private(_answer(comment, fields, status, token=True))


def accept(site: Site, fields: Fields, header_key: str = "") -> Comment:
    """Read and post a comment: the part that every entrance shares."""
    page = read_page(fields, site)
    try:
        wanted = read_comment(fields, site, header_key)
    except InvalidFields:
        # The owner may have changed the rules between a first try and this one.
        if (known := _posted_already(site, page.key, fields, header_key)) is None:
            raise
        return known
    now = clock.now()
    signatures = current_engine().signatures
    sender = replace(
        signatures.sender(request, site, wanted.ticket, now),
        proven=signatures.proven_comment_id(wanted.proof),
    )
    return post(site, Page(page.key, page.url, page.title), _draft(wanted), sender, now)


def _posted_already(site: Site, key: str, fields: Fields, header_key: str) -> Comment | None:
    try:
        idempotency_key = read_idempotency_key(fields, header_key)
        text, parent = fields.text("text", MAX_BODY_BYTES), fields.number("parent")
    except InvalidFields:
        return None
    return posted_already(site, key, Draft(text, parent, idempotency_key=idempotency_key))


def edit_comment(comment_id: int) -> Response:
    """``POST /api/v1/comments/{id}/edit`` and ``PATCH /api/v1/comments/{id}``"""
    comment, fields = _own_comment(comment_id, {"edit_token", "text", "lang", "heading"})
    text = fields.text("text", site_of(comment).max_length_chars)
    edited = edit(comment.id, text, clock.now())
    status = HTTPStatus.OK if edited.is_published else HTTPStatus.ACCEPTED
    return private(_answer(edited, fields, status))


def delete_comment(comment_id: int) -> Response:
    """``POST /api/v1/comments/{id}/delete`` and ``DELETE /api/v1/comments/{id}``"""
    comment, fields = _own_comment(comment_id, {"edit_token", "lang", "heading"})
    return private(_answer(delete(comment.id, clock.now()), fields, HTTPStatus.OK))


def comment_source(comment_id: int) -> Response:
    """``POST /api/v1/comments/{id}/source``: what the author typed, for editing it"""
    comment, _ = _own_comment(comment_id, {"edit_token", "lang"})
    source = source_of(comment.id, clock.now())
    return private(jsonify(text=source.text, edit_until=rfc3339(source.edit_until)))


def vote_on_comment(comment_id: int) -> Response:
    """``POST /api/v1/comments/{id}/vote``"""
    comment, fields = _any_comment(comment_id, {"value", "lang"})
    if (value := fields.number("value")) is None:
        raise InvalidFields(FieldError("value", "required", "Please fill in this field."))
    voted = cast_vote(comment.id, value, client_address(request), clock.now())
    return private(jsonify(score=voted.score))


def report_comment(comment_id: int) -> Response:
    """``POST /api/v1/comments/{id}/report``"""
    comment, fields = _any_comment(comment_id, {"reason", "lang"})
    report(comment.id, fields.line("reason", 500), client_address(request), clock.now())
    return private(jsonify(reported=True))


def preview() -> Response:
    """``POST /api/v1/preview``: the text as it would be shown; nothing is stored"""
    fields = read_fields(request, {"text", "lang"})
    speak(fields.values.get("lang"), "en")
    return private(jsonify(html=markup.render(fields.text("text", PREVIEW_MAX_CHARS))))


def require_writer(site: Site) -> None:
    """Let a write in only from the site's own pages and ours."""
    require_origin(request, site, current_engine().settings.public_url)


def private(answer: Response) -> Response:
    """Let nobody keep an answer that is one reader's."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


def comment_json(comment: CommentView) -> dict[str, object]:
    """Return a comment as the API shows it, without anything private."""
    return {
        "id": comment.id,
        "parent": comment.parent,
        "name": comment.name,
        "website": comment.website,
        "html": comment.html,
        "created_at": rfc3339(comment.created_at),
        "edited_at": rfc3339(comment.edited_at) if comment.edited_at else None,
        "state": comment.state,
        "score": comment.score,
        "by_moderator": comment.is_by_moderator,
        "pinned": comment.is_pinned,
        "replies": [comment_json(reply) for reply in comment.replies],
    }


def _draft(wanted: CommentFields) -> Draft:
    values = asdict(wanted)
    del values["ticket"], values["proof"]
    # Where no mail can be sent the box is not shown, and who ticks it all the same asks in vain.
    values["wants_replies"] = wanted.wants_replies and current_engine().settings.sends_mail
    return Draft(**values, language=asked_language().code)


def _own_comment(comment_id: int, known: set[str]) -> tuple[Comment, Fields]:
    comment, fields = _any_comment(comment_id, known)
    current_engine().signatures.require_edit_token(fields.line("edit_token", 300), comment.id)
    return comment, fields


def _any_comment(comment_id: int, known: set[str]) -> tuple[Comment, Fields]:
    comment = comment_or_404(comment_id)
    site = site_of(comment)
    speak(None, site.language)
    try:
        require_writer(site)
    except OriginRefused as refused:
        # Whose comment it is, is not for others to know: the asker named a number and no site.
        raise OriginRefused(message=STRANGE_ORIGIN, origin=refused.facts["origin"]) from None
    fields = read_fields(request, known)
    speak(fields.values.get("lang"), site.language)
    return comment, fields


def _answer(
    comment: Comment, fields: Fields, status: HTTPStatus, *, token: bool = False
) -> Response:
    view, votes = shown_comment(comment), site_of(comment).votes
    html = comment_html(view, asked_language(), heading=asked_heading(fields), votes=votes)
    answer = {"comment": comment_json(view), "html": html}
    if token:
        answer["edit_token"] = current_engine().signatures.edit_token(comment)
    return _with_status(jsonify(answer), status)


def _with_status(answer: Response, status: HTTPStatus) -> Response:
    answer.status_code = status.value
    return answer
