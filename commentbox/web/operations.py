"""What each address of the service takes and answers, for the API's description."""

from collections.abc import Mapping
from dataclasses import dataclass

from commentbox.errors import (
    CommentboxError,
    EditRefused,
    IdempotencyKeyReused,
    InvalidFields,
    Malformed,
    OriginMissing,
    OriginRefused,
    RateLimited,
    ThreadClosed,
    TooLarge,
    Unavailable,
    UnknownComment,
    UnknownSite,
    UnknownThread,
    UnsupportedType,
    VotesOff,
)
from commentbox.web.schemas import (
    CURSOR,
    HEADING,
    LANG,
    PAGE,
    ROW_ID,
    SITE_KEY,
    SORT,
    TITLE,
    URL,
    Json,
    ref,
    text,
)

JSON = "application/json"
HTML = "text/html"
ATOM = "application/atom+xml"

Problems = tuple[type[CommentboxError], ...]


@dataclass(frozen=True)
class Answer:
    """What comes back when all is well."""

    description: str
    media_type: str | None = None
    schema: Json | None = None
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    """One request that the service understands."""

    id: str
    tag: str
    summary: str
    answers: Mapping[int, Answer]
    problems: Problems
    parameters: tuple[str, ...] = ()  # names in PARAMETERS
    body: str | None = None  # a name in SCHEMAS
    description: str = ""
    is_for_people: bool = False  # its problems are pages, too


TAGS: Mapping[str, str] = {
    "Reading": "Public, anonymous, the same bytes for everybody, with ETag and 304.",
    "Writing": "From the site's own pages only: the `Origin` header decides. No cookie is in play.",
    "Changing": "An author's own comment, inside the site's edit window, by its `edit_token`.",
    "Hosted page": "For readers without JavaScript, and for links in mails.",
    "Feeds": "Atom (RFC 4287).",
    "Service": "The service about itself.",
}


def _parameter(name: str, where: str, schema: Json, *, required: bool = False) -> Json:
    return {
        "name": name,
        "in": where,
        "required": required or where == "path",
        "description": schema["description"],
        "schema": schema,
    }


_PAGES: Json = {
    "type": "array",
    "description": "A page's id; repeat it for up to 100 pages.",
    "items": PAGE,
    "maxItems": 100,
}
_KEY = text("As the field `idempotency_key`, which wins.", 200, minLength=16)

PARAMETERS: Mapping[str, Json] = {
    "site": _parameter("site", "path", SITE_KEY),
    "id": _parameter("id", "path", ROW_ID),
    "page": _parameter("page", "query", PAGE),
    "pages": _parameter("page", "query", _PAGES),
    "url": _parameter("url", "query", URL),
    "title": _parameter("title", "query", TITLE),
    "sort": _parameter("sort", "query", SORT),
    "after": _parameter("after", "query", CURSOR),
    "before": _parameter("before", "query", CURSOR),
    "comment": _parameter(
        "comment",
        "query",
        text(
            "Show the page that holds this comment: its number, or the anchor that led to it in the "
            "engine it was imported from, e.g. `isso-12`.",
            2000,
        ),
    ),
    "lang": _parameter("lang", "query", LANG),
    "heading": _parameter("heading", "query", HEADING),
    "reply_to": _parameter(
        "reply_to", "query", {**ROW_ID, "description": "Let the form answer this comment."}
    ),
    "waiting": _parameter("waiting", "query", text("Shows its author a held comment, for a day.")),
    "idempotency_key": _parameter("Idempotency-Key", "header", _KEY),
    "if_none_match": _parameter("If-None-Match", "header", text("The ETag of what you have.")),
}

WHERE = ("site", "page", "url", "title", "sort", "after", "before", "comment", "lang")

READING: Problems = (UnknownSite, OriginRefused, InvalidFields, Unavailable)
SENDING: Problems = (Malformed, TooLarge, UnsupportedType, InvalidFields, RateLimited, Unavailable)
WRITING: Problems = (OriginMissing, OriginRefused, *SENDING)
POSTING: Problems = (UnknownSite, *WRITING, ThreadClosed, IdempotencyKeyReused)
CHANGING: Problems = (UnknownComment, EditRefused, *WRITING)

NOT_MODIFIED = Answer("You have it already.", headers=("ETag",))
EDITED = {
    200: Answer("Changed, and published.", JSON, ref("ChangedComment")),
    202: Answer("Changed, and waiting for a moderator.", JSON, ref("ChangedComment")),
}
DELETED = {200: Answer("Its words are erased.", JSON, ref("ChangedComment"))}


def _readable(description: str, media_type: str, schema: Json) -> dict[int, Answer]:
    return {200: Answer(description, media_type, schema, ("ETag",)), 304: NOT_MODIFIED}


OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("GET", "/api/v1/sites/{site}/thread"): Operation(
        id="thread",
        tag="Reading",
        summary="A page's thread",
        description="`after`, `before` and `comment` choose one page of it. "
        "A page without comments has an empty thread.",
        parameters=(*WHERE, "if_none_match"),
        answers=_readable("One page of the thread.", JSON, ref("Thread")),
        problems=READING,
    ),
    ("GET", "/api/v1/sites/{site}/counts"): Operation(
        id="counts",
        tag="Reading",
        summary="How many comments pages have",
        parameters=("site", "pages"),
        answers={200: Answer("The counts.", JSON, ref("Counts"))},
        problems=(UnknownSite, InvalidFields, Unavailable),
    ),
    ("GET", "/embed/{site}/thread"): Operation(
        id="fragment",
        tag="Reading",
        summary="A page's thread as HTML, for the embed",
        parameters=(*WHERE, "heading", "if_none_match"),
        answers=_readable("A fragment with the thread and the one form.", HTML, text("HTML.")),
        problems=READING,
    ),
    ("POST", "/api/v1/sites/{site}/tickets"): Operation(
        id="issueTicket",
        tag="Writing",
        summary="Say that a form is open",
        description="A comment sent faster than the site's pace, or without a ticket, is held.",
        parameters=("site", "lang"),
        answers={200: Answer("The proof.", JSON, ref("Ticket"))},
        problems=(UnknownSite, OriginMissing, OriginRefused, RateLimited, Unavailable),
    ),
    ("POST", "/api/v1/sites/{site}/comments"): Operation(
        id="postComment",
        tag="Writing",
        summary="Post a comment or a reply",
        description="Answered when the comment is on disk.",
        parameters=("site", "idempotency_key"),
        body="NewComment",
        answers={
            201: Answer("Published.", JSON, ref("PostedComment")),
            202: Answer("Waiting for a moderator.", JSON, ref("PostedComment")),
        },
        problems=POSTING,
    ),
    ("POST", "/api/v1/comments/{id}/vote"): Operation(
        id="vote",
        tag="Writing",
        summary="Vote on a comment",
        parameters=("id",),
        body="Vote",
        answers={200: Answer("Counted.", JSON, ref("Score"))},
        problems=(UnknownComment, VotesOff, *WRITING),
    ),
    ("POST", "/api/v1/comments/{id}/report"): Operation(
        id="report",
        tag="Writing",
        summary="Report a comment to the moderators",
        parameters=("id",),
        body="Report",
        answers={200: Answer("Kept.", JSON, ref("Reported"))},
        problems=(UnknownComment, *WRITING),
    ),
    ("POST", "/api/v1/preview"): Operation(
        id="preview",
        tag="Writing",
        summary="See a text as it would be shown",
        description="Nothing is stored.",
        body="PreviewedText",
        answers={200: Answer("The text as HTML.", JSON, ref("Preview"))},
        problems=SENDING,
    ),
    ("POST", "/api/v1/comments/{id}/source"): Operation(
        id="source",
        tag="Changing",
        summary="One's own comment as typed",
        parameters=("id",),
        body="EditToken",
        answers={200: Answer("The text.", JSON, ref("CommentSource"))},
        problems=CHANGING,
    ),
    ("PATCH", "/api/v1/comments/{id}"): Operation(
        id="edit",
        tag="Changing",
        summary="Edit one's own comment",
        parameters=("id",),
        body="Edit",
        answers=EDITED,
        problems=CHANGING,
    ),
    ("POST", "/api/v1/comments/{id}/edit"): Operation(
        id="editByPost",
        tag="Changing",
        summary="Edit one's own comment, without a preflight",
        parameters=("id",),
        body="Edit",
        answers=EDITED,
        problems=CHANGING,
    ),
    ("DELETE", "/api/v1/comments/{id}"): Operation(
        id="delete",
        tag="Changing",
        summary="Delete one's own comment",
        description="Where replies hang on it, a placeholder stays.",
        parameters=("id",),
        body="Deletion",
        answers=DELETED,
        problems=CHANGING,
    ),
    ("POST", "/api/v1/comments/{id}/delete"): Operation(
        id="deleteByPost",
        tag="Changing",
        summary="Delete one's own comment, without a preflight",
        parameters=("id",),
        body="Deletion",
        answers=DELETED,
        problems=CHANGING,
    ),
    ("GET", "/sites/{site}/thread"): Operation(
        id="hostedPage",
        tag="Hosted page",
        summary="A page's thread with a plain form",
        description="Without `page` and `url`, the `Referer` of a registered origin says which page.",
        parameters=(*WHERE, "reply_to", "waiting"),
        answers={200: Answer("The page.", HTML, text("HTML."))},
        problems=READING,
        is_for_people=True,
    ),
    ("POST", "/sites/{site}/thread"): Operation(
        id="postToHostedPage",
        tag="Hosted page",
        summary="Post a comment by a plain form",
        parameters=("site",),
        body="NewComment",
        answers={303: Answer("Stored: on to the comment.", headers=("Location",))},
        problems=POSTING,
        is_for_people=True,
    ),
    ("GET", "/feeds/{site}.atom"): Operation(
        id="siteFeed",
        tag="Feeds",
        summary="The newest comments of a site",
        parameters=("site", "lang", "if_none_match"),
        answers=_readable("The feed.", ATOM, text("Atom.")),
        problems=(UnknownSite, Unavailable),
    ),
    ("GET", "/feeds/{site}/thread.atom"): Operation(
        id="threadFeed",
        tag="Feeds",
        summary="The newest comments of a thread",
        parameters=("site", "page", "url", "lang", "if_none_match"),
        answers=_readable("The feed.", ATOM, text("Atom.")),
        problems=(UnknownThread, *READING),
    ),
    ("GET", "/api/v1/openapi.json"): Operation(
        id="description",
        tag="Service",
        summary="This description",
        parameters=("if_none_match",),
        answers=_readable("OpenAPI 3.1.", JSON, {"type": "object"}),
        problems=(),
    ),
    ("GET", "/healthz"): Operation(
        id="alive",
        tag="Service",
        summary="Whether the process lives",
        answers={200: Answer("It does.", JSON, ref("Status"))},
        problems=(),
    ),
    ("GET", "/readyz"): Operation(
        id="ready",
        tag="Service",
        summary="Whether the database answers and has the right schema",
        answers={200: Answer("Both.", JSON, ref("Readiness"))},
        problems=(Unavailable,),
    ),
    ("GET", "/metrics"): Operation(
        id="metrics",
        tag="Service",
        summary="How the outbox stands, for Prometheus",
        answers={200: Answer("Gauges in Prometheus' text format.", "text/plain", text("Text."))},
        problems=(Unavailable,),
    ),
}
"""By method and path; the only addresses without a line here are the embed's own files."""
