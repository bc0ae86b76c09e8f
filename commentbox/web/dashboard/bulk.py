"""Decide on many comments at once: on those that were ticked, or on all that a selection finds."""

from http import HTTPStatus

from flask import Response, redirect, request
from sqlalchemy import func, select
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox.actions.moderate import Seen, decide_all
from commentbox.actions.purge import purge
from commentbox.db import session
from commentbox.errors import Malformed
from commentbox.models import Comment, State
from commentbox.reading.queue import PAGE_LENGTH, entries_of
from commentbox.reading.selection import Selection, chosen
from commentbox.reading.visible import find_comment
from commentbox.web.dashboard.deed import back, ruling
from commentbox.web.dashboard.finding import named_comment
from commentbox.web.dashboard.forms import BULK_DEEDS, PURGE, BulkForm, digest_of
from commentbox.web.dashboard.frame import address, show
from commentbox.web.dashboard.selecting import (
    place_parameters,
    read_number,
    read_selection,
    read_written_place,
    selection_parameters,
)
from commentbox.web.dashboard.visit import current_moderator

MOST = 5000
"""So many comments are decided on at once; what is left can be decided on again."""

SHOWN = 10


def preview_bulk() -> Response:
    """``GET /dashboard/bulk?to=spam&like=7``: what a decision on all of a selection would touch"""
    selection = read_selection(request.args.to_dict())
    to = request.args.get("to", "")
    if to not in BULK_DEEDS:
        raise Malformed
    newest = session().scalar(select(func.max(Comment.id))) or 0
    numbers = _numbers(selection, to, newest)
    first = session().scalars(
        select(Comment).where(Comment.id.in_(numbers[:SHOWN])).order_by(Comment.id)
    )
    return show(
        "bulk.html",
        to=to,
        count=len(numbers),
        most=MOST,
        states=_states(numbers),
        pages=_pages(numbers),
        entries=entries_of(session(), first.all()),
        selection=selection,
        like=named_comment(selection.like),
        near=named_comment(selection.near),
        parameters=selection_parameters(selection),
        up_to=newest,
    )


def decide_on_all() -> WerkzeugResponse:
    """``POST /dashboard/bulk``: 303 to the list; what came after the preview is not touched"""
    form = BulkForm()
    form.require_valid()
    place, _ = read_written_place(form.place.data or "")
    up_to = read_number(form.up_to.data)
    if up_to is None:
        raise Malformed
    return _decide(_numbers(place.selection, form.to.data, up_to), form, "")


def decide_on_ticked() -> WerkzeugResponse:
    """``POST /dashboard/bulk/ticked``: 303 back to the list"""
    form = BulkForm()
    form.require_valid()
    asked = [read_number(written) for written in request.form.getlist("comment")][:PAGE_LENGTH]
    me = current_moderator()
    # What is another's is passed over like what does not exist.
    numbers = [n for n in asked if n is not None and find_comment(session(), me, n)]
    return _decide(numbers, form, form.place.data or "")


def _decide(numbers: list[int], form: BulkForm, place: str) -> WerkzeugResponse:
    to = form.to.data
    if to == PURGE:
        count = purge(numbers, ruling())
        found, _ = read_written_place(place)
        there = address("queue", **{"state": "removed", **place_parameters(found)}, purged=count)
        return redirect(there, HTTPStatus.SEE_OTHER)
    decided = decide_all(numbers, State(to), ruling(form.reason.data or ""), _seen(to))
    return back(place, decided=decided.batch_id)


def _seen(to: str) -> Seen | None:
    """Return which words were looked at, by comment, where that matters: see ``decide_on_comment``."""
    if to != State.PUBLISHED:
        return None
    pairs = (written.partition("-") for written in request.form.getlist("seen"))
    return {n: digest_of(digest) for number, _, digest in pairs if (n := read_number(number))}


def _numbers(selection: Selection, to: str, up_to: int) -> list[int]:
    """Return the comments that a decision would move, oldest first."""
    condition = chosen(session(), current_moderator(), selection)
    query = select(Comment.id).where(condition, Comment.id <= up_to)
    # Of what was erased nothing is left to decide on.
    query = query.where((Comment.state != State.REMOVED.value) | (Comment.text != ""))
    if to != PURGE:
        query = query.where(Comment.state != to)
    return list(session().scalars(query.order_by(Comment.id).limit(MOST)))


def _states(numbers: list[int]) -> list[tuple[str, int]]:
    rows = session().execute(
        select(Comment.state, func.count())
        .where(Comment.id.in_(numbers))
        .group_by(Comment.state)
        .order_by(func.count().desc())
    )
    return [(state, count) for state, count in rows]


def _pages(numbers: list[int]) -> int:
    pages = select(func.count(Comment.thread_id.distinct())).where(Comment.id.in_(numbers))
    return session().scalar(pages) or 0
