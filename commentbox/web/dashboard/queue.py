"""The queue: comments by state, and the decision on each."""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox.actions.moderate import Ruling, decide
from commentbox.db import session
from commentbox.errors import UnknownComment
from commentbox.models import Comment, Entrance, State
from commentbox.reading.queue import (
    Decided,
    Place,
    QueueEntry,
    QueueView,
    count_held,
    find_comment,
    last_decision,
    view_queue,
)
from commentbox.web.dashboard.forms import DecisionForm
from commentbox.web.dashboard.frame import address, show
from commentbox.web.dashboard.visit import current_moderator
from commentbox.web.parse import MAX_NUMBER

TABS = (State.HELD, State.PUBLISHED, State.SPAM, State.REMOVED)


def queue() -> Response:
    """``GET /dashboard/``"""
    moderator = current_moderator()
    view = view_queue(session(), moderator, _read_place(request.args.to_dict()))
    return show(
        "queue.html",
        view=view,
        tabs=TABS,
        held=count_held(session(), moderator),
        notice=_notice(view, _number(request.args.get("decided"))),
        place=_written(view.place),
        page_address=_page_address,
    )


def decide_on_comment(comment_id: int) -> WerkzeugResponse:
    """``POST /dashboard/comments/{id}/decision``: 303 back to the list, where the comment stood"""
    comment = _comment_or_404(comment_id)
    form = DecisionForm()
    form.require_valid()
    by = Ruling(Entrance.DASHBOARD, by=current_moderator())
    decide(comment.id, State(form.to.data), by)
    place = _read_place(dict(parse_qsl(form.place.data or "")))
    there = address("queue", **_parameters(place), decided=comment_id)
    return redirect(f"{there}#decided", HTTPStatus.SEE_OTHER)


@dataclass(frozen=True)
class Notice:
    """What was just decided, and before which entry of the list it is said."""

    decided: Decided
    index: int


def _notice(view: QueueView, comment_id: int | None) -> Notice | None:
    """Return the moderator's own last decision, to be said where the comment stood."""
    if comment_id is None:
        return None
    decided = last_decision(session(), current_moderator(), comment_id)
    if decided is None or decided.by != current_moderator().email:
        return None
    is_before = (
        (lambda entry: entry.id < comment_id)
        if view.place.is_oldest_first
        else (lambda entry: entry.id > comment_id)
    )
    return Notice(decided, sum(map(is_before, view.entries)))


def _comment_or_404(comment_id: int) -> Comment:
    comment = None
    if comment_id <= MAX_NUMBER:
        comment = find_comment(session(), current_moderator(), comment_id)
    if comment is None:
        raise UnknownComment
    return comment


def _read_place(parameters: dict[str, str]) -> Place:
    """Return the list that is asked for; what cannot be read is as if it were missing."""
    state = parameters.get("state")
    return Place(
        State(state) if state in TABS else State.HELD,
        after=_number(parameters.get("after")),
        before=_number(parameters.get("before")),
    )


def _parameters(place: Place) -> dict[str, object]:
    state = None if place.state is State.HELD else place.state.value
    given = {"state": state, "after": place.after, "before": place.before}
    return {name: value for name, value in given.items() if value is not None}


def _written(place: Place) -> str:
    return urlencode(_parameters(place))


def _number(written: str | None) -> int | None:
    is_number = written is not None and written.isascii() and written.isdecimal()
    return int(written) if is_number and written and len(written) < 19 else None


def _page_address(entry: QueueEntry) -> str:
    """Return where the comment is read, or will be: on its page, else on the hosted one."""
    anchor = f"#comment-{entry.id}" if entry.state is State.PUBLISHED else ""
    if entry.url:
        return entry.url.partition("#")[0] + anchor
    shown = entry.id if entry.state is State.PUBLISHED else None
    hosted = url_for("commentbox.thread_page", site_key=entry.site, page=entry.page, comment=shown)
    return hosted + anchor
