"""Threads: their list, and one thread's page to close, describe, move and merge it."""

from http import HTTPStatus

from flask import Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox.actions.alias import drop_alias, restore_alias
from commentbox.actions.close import set_open
from commentbox.actions.describe import describe
from commentbox.actions.merge import merge, split
from commentbox.actions.relocate import Occupied, key_of_page, relocate
from commentbox.db import session
from commentbox.errors import FieldError, InvalidFields
from commentbox.models import Deed, Site, Thread
from commentbox.models.thread import thread_with_key
from commentbox.reading.thread_list import ThreadPlace, view_sheet, view_threads
from commentbox.reading.visible import sites_of
from commentbox.web.dashboard.deed import ruling
from commentbox.web.dashboard.finding import (
    thread_decision_or_404,
    thread_or_404,
)
from commentbox.web.dashboard.forms import (
    AliasForm,
    DescribeForm,
    MergeForm,
    MoveForm,
    OpenForm,
    PlaceForm,
)
from commentbox.web.dashboard.frame import address, show
from commentbox.web.dashboard.selecting import read_number
from commentbox.web.dashboard.visit import current_moderator

NO_SUCH_THREAD = FieldError("page", "unknown", "There are no comments on this page.")


def threads() -> Response:
    """``GET /dashboard/threads``"""
    place = ThreadPlace(
        words=request.args.get("q", "").replace("\0", "").strip()[:200],
        site=request.args.get("site", "").replace("\0", "")[:64],
        is_closed=request.args.get("closed") == "1",
        before=read_number(request.args.get("before")),
    )
    found, next_ = view_threads(session(), current_moderator(), place)
    asked = {"q": place.words, "site": place.site, "closed": "1" if place.is_closed else ""}
    return show(
        "threads.html",
        threads=found,
        place=place,
        sites=sites_of(session(), current_moderator()),
        next=next_,
        parameters={name: value for name, value in asked.items() if value},
    )


def thread(thread_id: int) -> Response:
    """``GET /dashboard/threads/{id}``"""
    return _page(thread_or_404(thread_id))


def open_or_close(thread_id: int) -> WerkzeugResponse:
    """``POST /dashboard/threads/{id}/open``"""
    found = thread_or_404(thread_id)
    form = OpenForm()
    form.require_valid()
    site = session().get_one(Site, found.site_id)
    set_open(site.key, found.key, is_open=form.to.data == "open", ruling=ruling())
    return _back(found.id)


def move_thread(thread_id: int) -> WerkzeugResponse:
    """``POST /dashboard/threads/{id}/move``: 303 to the thread, or its page with what is wrong"""
    found = thread_or_404(thread_id)
    form = MoveForm()
    form.require_valid()
    try:
        relocate(found.id, _typed(form.page.data), ruling())
    except Occupied as occupied:
        return _page(found, HTTPStatus.CONFLICT, "move", occupied.errors, occupied.thread_id)
    except InvalidFields as wrong:
        return _page(found, HTTPStatus.UNPROCESSABLE_ENTITY, "move", wrong.errors)
    return _back(found.id)


def describe_thread(thread_id: int) -> WerkzeugResponse:
    """``POST /dashboard/threads/{id}/describe``: 303 to the thread, or its page with what is wrong"""
    found = thread_or_404(thread_id)
    form = DescribeForm()
    form.require_valid()
    site = session().get_one(Site, found.site_id)
    title, url = _typed(form.title.data), _typed(form.url.data)
    try:
        describe(site.key, found.key, title=title, url=url, ruling=ruling())
    except InvalidFields as wrong:
        return _page(found, HTTPStatus.UNPROCESSABLE_ENTITY, "describe", wrong.errors)
    return _back(found.id)


def merge_page(thread_id: int) -> WerkzeugResponse:
    """``GET /dashboard/threads/{id}/merge?page=/other``: what merging means, before it is done"""
    found = thread_or_404(thread_id)
    try:
        site = session().get_one(Site, found.site_id)
        key = key_of_page(site, _typed(request.args.get("page")))
    except InvalidFields as wrong:
        return _page(found, HTTPStatus.UNPROCESSABLE_ENTITY, "merge", wrong.errors)
    into = thread_with_key(session(), site, key)
    if into is None or into.id == found.id:
        return _page(found, HTTPStatus.UNPROCESSABLE_ENTITY, "merge", (NO_SUCH_THREAD,))
    moderator = current_moderator()
    return show(
        "merge.html",
        sheet=view_sheet(session(), moderator, found),
        into=view_sheet(session(), moderator, into),
    )


def merge_thread(thread_id: int) -> WerkzeugResponse:
    """``POST /dashboard/threads/{id}/merge``: 303 to the thread that has all comments now"""
    found = thread_or_404(thread_id)
    form = MergeForm()
    form.require_valid()
    into = thread_or_404(read_number(form.into.data) or 0)
    return _back(merge(found.id, into.id, ruling()).id)


def undo_thread_decision(decision_id: int) -> WerkzeugResponse:
    """``POST /dashboard/thread-decisions/{id}/undo``: 303 to the thread as it was before"""
    decision = thread_decision_or_404(decision_id)
    PlaceForm().require_valid()
    take_back = restore_alias if decision.deed == Deed.UNALIASED else split
    return _back(take_back(decision.id, ruling()).id)


def remove_alias(thread_id: int) -> WerkzeugResponse:
    """``POST /dashboard/threads/{id}/aliases/remove``"""
    found = thread_or_404(thread_id)
    form = AliasForm()
    form.require_valid()
    drop_alias(found.id, _typed(form.key.data), ruling())
    return _back(found.id)


def _back(thread_id: int) -> WerkzeugResponse:
    return redirect(address("thread", thread_id=thread_id), HTTPStatus.SEE_OTHER)


def _typed(written: str | None) -> str:
    return (written or "").replace("\0", "").strip()[:2000]


def _page(
    found: Thread,
    status: int = HTTPStatus.OK,
    wrong_form: str = "",
    errors: tuple[FieldError, ...] = (),
    occupied: int | None = None,
) -> Response:
    return show(
        "thread.html",
        status,
        sheet=view_sheet(session(), current_moderator(), found),
        wrong_form=wrong_form,
        errors=errors,
        occupied=occupied,
        typed=_typed(request.values.get("page")),
        typed_title=_typed(request.values.get("title")),
        typed_url=_typed(request.values.get("url")),
    )
