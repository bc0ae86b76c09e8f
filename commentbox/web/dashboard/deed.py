"""A moderator's deed: whose it is, where it leads back to, and what is said of it there."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox.actions.moderate import Ruling
from commentbox.db import session
from commentbox.models import Entrance
from commentbox.reading.decisions import Decided, LogPlace, count_log, view_log
from commentbox.reading.queue import QueueView
from commentbox.reading.visible import find_comment
from commentbox.web.dashboard.frame import address
from commentbox.web.dashboard.selecting import place_parameters, read_number, read_written_place
from commentbox.web.dashboard.visit import current_moderator


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


def _index(view: QueueView, comment_id: int) -> int:
    if view.place.selection.is_oldest_first:
        return sum(entry.id < comment_id for entry in view.entries)
    return sum(entry.id > comment_id for entry in view.entries)
