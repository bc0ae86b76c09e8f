"""The shapes of what the API takes and answers, as JSON Schema, with examples."""

from typing import Any

from commentbox.models.page_key import KEY_MAX_CHARS
from commentbox.models.site import KEY_PATTERN
from commentbox.reading.pages import SORTS
from commentbox.web.parse import HONEYPOT, MAX_NUMBER

Json = dict[str, Any]

FIELD_CODES = (
    "banned",
    "duplicate",
    "empty",
    "invalid",
    "invalid_characters",
    "must_be_empty",
    "not_a_number",
    "not_a_page",
    "not_a_text",
    "required",
    "too_long",
    "too_many",
    "too_short",
    "unknown_field",
    "unknown_parent",
)
"""Everything that ``errors[].code`` of a problem may say."""


def text(description: str, max_chars: int | None = None, **more: object) -> Json:
    """Return a string's schema; ``max_chars`` counts characters, not bytes."""
    limit = {} if max_chars is None else {"maxLength": max_chars}
    return {"type": "string", "description": description, **limit, **more}


def optional(schema: Json) -> Json:
    """Return the schema of a value that may be null, which says the same as leaving it out."""
    return {**schema, "type": [schema["type"], "null"]}


def number(description: str, **more: object) -> Json:
    """Return a whole number's schema."""
    return {"type": "integer", "description": description, **more}


def moment(description: str) -> Json:
    """Return a moment's schema: RFC 3339 in UTC."""
    return text(description, format="date-time", examples=["2026-03-01T12:00:00Z"])


def record(description: str, *required: str, **properties: Json) -> Json:
    """Return the schema of an object that we answer: all of its fields are always there."""
    names = list(required or properties)
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": names,
    }


def body(description: str, required: tuple[str, ...], **properties: Json) -> Json:
    """Return the schema of an object that we are sent: a field we do not know is an error."""
    fields = {**properties, "lang": optional(LANG)}
    known: Json = {"properties": fields, "additionalProperties": False}
    return {"type": "object", "description": description, "required": list(required), **known}


def ref(name: str) -> Json:
    """Return a reference to one of ``SCHEMAS``."""
    return {"$ref": f"#/components/schemas/{name}"}


SITE_KEY = text("The site's key.", 64, pattern=f"^{KEY_PATTERN.pattern}$", examples=["blog"])
ROW_ID = number("A comment's number.", minimum=1, maximum=MAX_NUMBER, examples=[123])
LANG = text("Language of sentences and HTML; the site's when left out.", 35, examples=["de"])
HEADING = number(
    "Level of the thread's own heading on the page; 2 for any other value.", enum=[1, 2, 3, 4]
)
SORT = text("The order of conversations.", enum=list(SORTS), default=SORTS[0])
CURSOR = text("An opaque place in the thread, as answered by `next` or `previous`.", 80)
PAGE = text(
    "The page's id; ids that are paths or addresses are cleaned of what does not change the page.",
    2000,
    minLength=1,
    examples=["/2026/social-media/"],
)
URL = text(
    "The page's address, of one of the site's origins; without `page` it says which page is meant.",
    2000,
    examples=["https://blog.example/2026/social-media/"],
)
TITLE = text("The page's title, kept with its first comment.", 2000, examples=["Social media"])
TEXT = text(
    "Markdown. Stored exactly as sent; the site says how many characters it may have.",
    50_000,
    minLength=1,
    examples=["Well said, **thank you**!"],
)
EDIT_TOKEN = text("What the answer to the post said.", 300, examples=["MTIz.kqp3Jb8…"])

HTML_OF_COMMENT = text("The comment as `<li>…</li>`, ready to be shown.")

COMMENT_EXAMPLE: Json = {
    "id": 123,
    "parent": None,
    "name": "Ada",
    "website": "https://ada.example",
    "html": "<p>Well said, <strong>thank you</strong>!</p>\n",
    "created_at": "2026-03-01T12:00:00Z",
    "edited_at": None,
    "state": "published",
    "score": 2,
    "by_moderator": False,
    "pinned": False,
    "replies": [],
}

COMMENT = record(
    "A comment as readers see it.",
    id=ROW_ID,
    parent=optional(number("The comment it answers, also where the display is flat.")),
    name=text("The author's name with everything invisible taken out; empty: anonymous."),
    website=optional(text("The author's website, a checked http or https address.")),
    html=text("The text as safe HTML; empty for a placeholder."),
    created_at=moment("When it was posted."),
    edited_at=optional(moment("When its text was last changed.")),
    state=text(
        "`removed` is a placeholder that replies hang on; `held` is seen by its author only.",
        enum=["published", "held", "removed"],
    ),
    score=number("The sum of its votes."),
    by_moderator={"type": "boolean", "description": "Whether a moderator of the site wrote it."},
    pinned={
        "type": "boolean",
        "description": "Whether it opens the conversation that the site shows first.",
    },
    replies={"type": "array", "items": ref("Comment"), "description": "Oldest first."},
)
COMMENT["examples"] = [COMMENT_EXAMPLE]

THREAD = record(
    "One page of a thread: whole conversations, never cut.",
    site=SITE_KEY,
    page=text("The thread's key.", KEY_MAX_CHARS, minLength=1),
    url=optional(text("The page's address, where it is known.")),
    title=optional(text("The page's title, where it is known.")),
    is_open={"type": "boolean", "description": "Whether it takes comments."},
    count=number("Published comments of the whole thread.", minimum=0),
    version=number("Goes up with every change of the thread.", minimum=0),
    comments={"type": "array", "items": ref("Comment")},
    previous=optional(CURSOR),
    next=optional(CURSOR),
)
THREAD["examples"] = [
    {
        "site": "blog",
        "page": "/2026/social-media",
        "url": "https://blog.example/2026/social-media/",
        "title": "Social media",
        "is_open": True,
        "count": 1,
        "version": 2,
        "comments": [COMMENT_EXAMPLE],
        "previous": None,
        "next": None,
    }
]

PROBLEM = record(
    "What went wrong (RFC 9457). Decide by `code`; `detail` is for people, in the language asked for.",
    "type",
    "title",
    "status",
    "code",
    "detail",
    type=text("Always `about:blank`: the code says more.", const="about:blank"),
    title=text("The status in words."),
    status=number("The HTTP status."),
    code=text("A stable word for programs."),
    detail=text("A sentence that names the remedy."),
    errors={
        "type": "array",
        "description": "With `invalid_fields`: what is wrong with which field.",
        "items": record(
            "What is wrong with one field.",
            field=text("The field's name."),
            code=text("A stable word for programs.", enum=list(FIELD_CODES)),
            message=text("A sentence for people."),
        ),
    },
)
PROBLEM["examples"] = [
    {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "code": "invalid_fields",
        "detail": "Please check the marked fields.",
        "errors": [{"field": "text", "code": "required", "message": "Please fill in this field."}],
    }
]

NEW_COMMENT = body(
    "A comment, or with `parent` a reply. `page` or `url` says where it belongs.",
    ("text",),
    page=optional(PAGE),
    url=optional(URL),
    title=optional(TITLE),
    parent=optional(number("The published comment of the same thread that this one answers.")),
    name=optional(text("The author's name, one line.", 100, examples=["Ada"])),
    email=optional(text("Never shown, to nobody but moderators.", 254)),
    website=optional(text("The author's website.", 500, examples=["https://ada.example"])),
    text=TEXT,
    ticket=optional(text("From `…/tickets`; without one the comment is held, never lost.", 300)),
    notify={
        "type": ["boolean", "string", "null"],
        "description": "Tell `email` about replies by mail, once its owner has confirmed that. "
        "Ignored where the service sends no mail.",
        "enum": [True, False, "1", "0", "on", "true", "false", "", None],
    },
    proof=optional(
        text(
            "The `edit_token` of an earlier comment: proves that its author is this one's, too.",
            300,
        )
    ),
    idempotency_key=optional(
        text(
            "16 to 200 characters by your own choice: posting again with the same key and words "
            "returns the comment that is there. The header `Idempotency-Key` does the same.",
            200,
        )
    ),
    sort=optional(text("Ignored; the hosted page's form may carry it.", 20)),
    heading=optional(HEADING),
    **{HONEYPOT: optional(text("A trap for programs: leave it out or empty.", 1000))},
)
NEW_COMMENT["anyOf"] = [{"required": ["page"]}, {"required": ["url"]}]
NEW_COMMENT["examples"] = [
    {
        "page": "/2026/social-media/",
        "url": "https://blog.example/2026/social-media/",
        "title": "Social media",
        "name": "Ada",
        "text": "Well said, **thank you**!",
        "idempotency_key": "b6f0c0de-7d5e-4b0c-9f5e-1f2d3c4b5a69",
    }
]

SCHEMAS: dict[str, Json] = {
    "Comment": COMMENT,
    "Thread": THREAD,
    "Counts": record(
        "How many published comments each page has.",
        counts={
            "type": "object",
            "description": "Keyed as asked; 0 for a page without a thread.",
            "additionalProperties": {"type": "integer", "minimum": 0},
            "examples": [{"/2026/social-media/": 3}],
        },
    ),
    "Ticket": record(
        "The proof of when a form was opened.",
        ticket=text("Send it with the comment; it serves for two days."),
    ),
    "PostedComment": record(
        "A comment that is stored on disk.",
        comment=ref("Comment"),
        html=HTML_OF_COMMENT,
        edit_token=text("Lets its holder change the comment inside the edit window. Keep it."),
    ),
    "ChangedComment": record(
        "A comment after the change.", comment=ref("Comment"), html=HTML_OF_COMMENT
    ),
    "CommentSource": record(
        "A comment as its author typed it.",
        text=text("Markdown."),
        edit_until=moment("When the edit window ends."),
    ),
    "Score": record("A comment's votes.", score=number("Their sum.")),
    "Reported": record(
        "The report is kept for the moderators.", reported={"type": "boolean", "const": True}
    ),
    "Preview": record("A text as it would be shown.", html=text("Safe HTML.")),
    "Status": record("Whether the service does its work.", status=text("`ok` or `ready`.")),
    "Readiness": record(
        "Whether the service does its work, and what its outbox has to do.",
        status=text("Always `ready`."),
        outbox=record(
            "Deliveries and mails of the last seven days.",
            pending=number("How many wait, new events included.", minimum=0),
            failed=number("How many were given up.", minimum=0),
            oldest_due_seconds=number("For how long the oldest has been due.", minimum=0),
        ),
    ),
    "Problem": PROBLEM,
    "NewComment": NEW_COMMENT,
    "Edit": body(
        "The new text.",
        ("edit_token", "text"),
        edit_token=EDIT_TOKEN,
        text=TEXT,
        heading=optional(HEADING),
    ),
    "EditToken": body("Who asks.", ("edit_token",), edit_token=EDIT_TOKEN),
    "Deletion": body(
        "Who deletes.", ("edit_token",), edit_token=EDIT_TOKEN, heading=optional(HEADING)
    ),
    "Vote": body(
        "One vote of one network and day; a new one replaces it.",
        ("value",),
        value=number("1: helpful. -1: not. 0: taken back.", enum=[-1, 0, 1]),
    ),
    "Report": body(
        "Why moderators should look.",
        (),
        reason=optional(text("One line.", 500, examples=["Advertisement"])),
    ),
    "PreviewedText": body("A text to look at before it is posted.", ("text",), text=TEXT),
}
