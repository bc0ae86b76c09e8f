"""An event as the JSON that webhooks send: built once, the same on every attempt."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from commentbox import markup
from commentbox.models import Comment, Event, Site, Thread

Json = dict[str, Any]

MAX_BYTES = 20_000
"""What Standard Webhooks recommends at most; longer comments come shortened."""
SHORTENED_CHARS = 2_500
TITLE_CHARS = 300


def payload(session: Session, event: Event, version: int) -> str:
    """Return an event's body of a payload version, kept on the event from the first time on."""
    kept = event.payloads or {}
    if (written := kept.get(str(version))) is None:
        written = PAYLOADS[version](session, event)
        event.payloads = {**kept, str(version): written}
    return written


def _version_1(session: Session, event: Event) -> str:
    site = session.get_one(Site, event.site_id)
    thread = session.get(Thread, event.thread_id) if event.thread_id else None
    comment = session.get(Comment, event.comment_id) if event.comment_id else None
    data: Json = {"site": site.key}
    if thread is not None:
        data["thread"] = _thread(thread)
    if thread is not None and comment is not None:
        # What it was when this happened, however often it has been decided on since.
        data["comment"] = _comment(thread, comment) | {"state": event.facts.get("state")}
    if "reason" in event.facts:
        data["report"] = {"reason": event.facts["reason"]}
    body = {
        "type": event.type,
        "timestamp": _moment(event.happened_at, "microseconds"),
        "version": 1,
        "data": data,
    }
    written = _written(body)
    if len(written.encode()) > MAX_BYTES and "comment" in data:
        data["comment"] = _shortened(data["comment"])
        written = _written(body)
    return written


PAYLOADS: Mapping[int, Callable[[Session, Event], str]] = {1: _version_1}
"""Every payload version that an endpoint may ask for; a version's shape never changes."""


def _thread(thread: Thread) -> Json:
    return {
        "page": thread.key,
        "url": thread.url,
        "title": thread.title,
        "is_open": thread.is_open,
        "count": thread.count,
    }


def _comment(thread: Thread, comment: Comment) -> Json:
    return {
        "id": comment.id,
        "parent": comment.parent_id,
        "name": markup.visible_name(comment.name),
        "website": markup.website_href(comment.website) if comment.website else None,
        "text": comment.text,
        "html": comment.html,
        "created_at": _moment(comment.created_at),
        "edited_at": _moment(comment.edited_at) if comment.edited_at else None,
        "state": comment.state,
        "score": comment.score,
        "reasons": [reason.get("code") for reason in comment.reasons],
        "url": _address(thread, comment),
        "is_shortened": False,
    }


def _shortened(comment: Json) -> Json:
    """Leave out what can be asked for: the API has the whole comment."""
    return {
        **comment,
        "text": comment["text"][:SHORTENED_CHARS],
        "html": None,
        "is_shortened": True,
    }


def _address(thread: Thread, comment: Comment) -> str | None:
    if not thread.url:
        return None
    return f"{thread.url.partition('#')[0]}#comment-{comment.id}"


def _written(body: Json) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _moment(at: datetime, precision: str = "seconds") -> str:
    return at.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
