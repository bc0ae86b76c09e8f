"""The queue: comments in lists, and the decisions on one of them."""

from flask import Response, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox.actions.keep import keep
from commentbox.actions.moderate import decide
from commentbox.actions.undo import undo
from commentbox.db import session
from commentbox.models import State
from commentbox.reading.decisions import last_decisions
from commentbox.reading.queue import (
    QueueEntry,
    count_chosen,
    count_held,
    count_reported,
    view_queue,
)
from commentbox.reading.selection import Selection, Tab
from commentbox.reading.visible import sites_of
from commentbox.web.dashboard.deed import back, read_notice, ruling
from commentbox.web.dashboard.finding import comment_or_404, decision_or_404, named_comment
from commentbox.web.dashboard.forms import DecisionForm, PlaceForm, digest_of
from commentbox.web.dashboard.frame import show
from commentbox.web.dashboard.selecting import (
    read_number,
    read_place,
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
        like=named_comment(selection.like),
        near=named_comment(selection.near),
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


def _own_last_decision(comment_id: int) -> int | None:
    last = last_decisions(session(), [comment_id]).get(comment_id)
    return last.id if last and last.by == current_moderator().email else None


def _parameters_of(tab: Tab, selection: Selection) -> dict[str, object]:
    parameters = selection_parameters(selection)
    parameters.pop("state", None)
    return parameters if tab is Tab.HELD else {**parameters, "state": tab.value}


def page_address(entry: QueueEntry) -> str:
    """Return where the comment is read, or will be: on its page, else on the hosted one."""
    anchor = f"#comment-{entry.id}" if entry.state is State.PUBLISHED else ""
    if entry.url:
        return entry.url.partition("#")[0] + anchor
    shown = entry.id if entry.state is State.PUBLISHED else None
    hosted = url_for("commentbox.thread_page", site_key=entry.site, page=entry.page, comment=shown)
    return hosted + anchor
