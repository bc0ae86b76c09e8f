"""The queue: comments in lists, and the decisions on one of them."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox.actions.keep import keep
from commentbox.actions.moderate import Ruling, decide
from commentbox.actions.undo import undo
from commentbox.db import session
from commentbox.models import Comment, Entrance, Moderator, State
from commentbox.reading.decisions import Decided, LogPlace, count_log, last_decisions, view_log
from commentbox.reading.queue import (
    QueueEntry,
    QueueView,
    count_chosen,
    count_held,
    count_reported,
    view_queue,
)
from commentbox.reading.selection import Selection, Tab
from commentbox.reading.visible import find_comment, sites_of
from commentbox.web.dashboard.finding import comment_or_404, decision_or_404
from commentbox.web.dashboard.forms import DecisionForm, PlaceForm, digest_of
from commentbox.web.dashboard.frame import address, show
from commentbox.web.dashboard.selecting import (
    place_parameters,
    read_number,
    read_place,
    read_written_place,
    selection_parameters,
    written_place,
)
from commentbox.web.dashboard.visit import current_moderator


def queue() -> Response:
    """``GET /dashboard/``"""
    moderator = current_moderator()
    view = view_queue(session(), moderator, read_place(request.args.to_dict()))
    selection = view.place.selection
    return show(
        "queue.html",
        view=view,
        selection=selection,
        tabs=[(tab, _parameters_of(tab, selection)) for tab in Tab],
        held=count_held(session(), moderator),
        reported=count_reported(session(), moderator),
        found=count_chosen(session(), moderator, selection) if selection.is_narrowed else None,
        like=_named(moderator, selection.like),
        near=_named(moderator, selection.near),
        sites=sites_of(session(), moderator),
        notice=read_notice(view),
        purged=read_number(request.args.get("purged")),
        place=written_place(view.place),
        parameters=selection_parameters(selection),
        page_address=page_address,
    )


def decide_on_comment(comment_id: int) -> WerkzeugResponse:
    """``POST /dashboard/comments/{id}/decision``: 303 back to the list, where the comment stood"""
    comment = comment_or_404(comment_id)
    form = DecisionForm()
    form.require_valid()
    to = State(form.to.data)
    # Authors can change what waits, and must not have it published unseen.
    is_asked = to is State.PUBLISHED and form.seen.data
    seen = digest_of(form.seen.data) if is_asked else None
    decide(comment.id, to, ruling(form.reason.data or ""), seen)
    return back(form.place.data or "", decided=_own_last_decision(comment_id))


def keep_comment(comment_id: int) -> WerkzeugResponse:
    """``POST /dashboard/comments/{id}/keep``: what readers reported is answered"""
    comment = comment_or_404(comment_id)
    form = PlaceForm()
    form.require_valid()
    return back(form.place.data or "", decided=keep(comment.id, ruling()).id)


def undo_decision(decision_id: int) -> WerkzeugResponse:
    """``POST /dashboard/decisions/{id}/undo``: the decision's whole batch is taken back"""
    decision = decision_or_404(decision_id)
    form = PlaceForm()
    form.require_valid()
    undone = undo(decision.id, ruling())
    return back(form.place.data or "", decided=undone.batch_id, skipped=undone.skipped or None)


def ruling(reason: str = "") -> Ruling:
    """Return what the signed-in moderator decides by."""
    return Ruling(Entrance.DASHBOARD, by=current_moderator(), reason=reason)


def back(place: str, **notice: object) -> WerkzeugResponse:
    """Lead back to the list, or the comment's page, where a form stood."""
    if place == "log":
        return redirect(address("log", **notice), HTTPStatus.SEE_OTHER)
    found, comment_id = read_written_place(place)
    if comment_id is not None:
        there = address("comment", comment_id=comment_id, **notice)
    else:
        there = address("queue", **place_parameters(found), **notice)
    return redirect(f"{there}#decided", HTTPStatus.SEE_OTHER)


@dataclass(frozen=True)
class Notice:
    """What was just done, and before which entry of the list it is said."""

    decided: Decided | None  # the first of the batch
    count: int
    skipped: int  # an undo left these alone
    answered: int | None  # the moderator's own new comment
    index: int


def read_notice(view: QueueView | None = None) -> Notice | None:
    """Return the moderator's own last deed, as the address says it, where the comment stood."""
    answered = _own_answer(read_number(request.args.get("answered")))
    skipped = read_number(request.args.get("skipped")) or 0
    decided, count = _own_batch(read_number(request.args.get("decided")))
    if decided is None and answered is None and not skipped:
        return None
    is_one = decided is not None and count == 1 and view is not None
    index = _index(view, decided.comment_id) if is_one and view and decided else 0
    return Notice(decided, count, skipped, answered, index)


def _own_batch(number: int | None) -> tuple[Decided | None, int]:
    if number is None:
        return None, 0
    me = current_moderator()
    place = LogPlace(only_by=me.id, batch=number)
    if batch := view_log(session(), me, place)[0]:
        return batch[-1], count_log(session(), me, place)
    alone, _ = view_log(session(), me, LogPlace(before=number + 1, only_by=me.id))
    return (alone[0], 1) if alone and alone[0].id == number else (None, 0)


def _own_answer(number: int | None) -> int | None:
    found = find_comment(session(), current_moderator(), number) if number else None
    return found.id if found and found.is_by_moderator else None


def _own_last_decision(comment_id: int) -> int | None:
    last = last_decisions(session(), [comment_id]).get(comment_id)
    return last.id if last and last.by == current_moderator().email else None


def _index(view: QueueView, comment_id: int) -> int:
    if view.place.selection.is_oldest_first:
        return sum(entry.id < comment_id for entry in view.entries)
    return sum(entry.id > comment_id for entry in view.entries)


def _parameters_of(tab: Tab, selection: Selection) -> dict[str, object]:
    parameters = selection_parameters(selection)
    parameters.pop("state", None)
    return parameters if tab is Tab.HELD else {**parameters, "state": tab.value}


def _named(moderator: Moderator, number: int | None) -> Comment | None:
    return find_comment(session(), moderator, number) if number is not None else None


def page_address(entry: QueueEntry) -> str:
    """Return where the comment is read, or will be: on its page, else on the hosted one."""
    anchor = f"#comment-{entry.id}" if entry.state is State.PUBLISHED else ""
    if entry.url:
        return entry.url.partition("#")[0] + anchor
    shown = entry.id if entry.state is State.PUBLISHED else None
    hosted = url_for("commentbox.thread_page", site_key=entry.site, page=entry.page, comment=shown)
    return hosted + anchor
