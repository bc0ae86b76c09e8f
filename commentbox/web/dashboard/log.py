"""The log: every decision on comments and threads, newest first."""

from flask import Response, request

from commentbox.db import session
from commentbox.reading.decisions import LogPlace, view_log, view_thread_log
from commentbox.web.dashboard.deed import read_notice
from commentbox.web.dashboard.frame import show
from commentbox.web.dashboard.selecting import read_number
from commentbox.web.dashboard.visit import current_moderator


def log() -> Response:
    """``GET /dashboard/log``"""
    me = current_moderator()
    is_mine = request.args.get("mine") == "1"
    place = LogPlace(
        before=read_number(request.args.get("before")), only_by=me.id if is_mine else None
    )
    decisions, next_ = view_log(session(), me, place)
    return show(
        "log.html",
        tab="mine" if is_mine else "all",
        decisions=decisions,
        next=next_,
        notice=read_notice(),
    )


def thread_log() -> Response:
    """``GET /dashboard/log/threads``"""
    before = read_number(request.args.get("before"))
    decisions, next_ = view_thread_log(session(), current_moderator(), before)
    return show("log.html", tab="threads", decisions=decisions, next=next_, notice=None)
