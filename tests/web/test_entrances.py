"""One table of cases runs through every entrance: JSON, urlencoded and the hosted page's form."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from commentbox.actions.moderate import Ruling, decide
from commentbox.actions.sites import add_site, set_policy
from commentbox.models import Entrance, Site, State
from tests.web.readers import ON_BOTH_DATABASES, ORIGIN, PAGE, Reader, codes

Fields = Mapping[str, object]

TOLD = {"published": (201, 201, 303), "held": (202, 202, 303)}
"""How each entrance says what became of a comment; refusals have one status for all."""

KEY = "a-key-of-enough-characters"
LONG = "The same advertisement again and again, for a very good thing indeed."


@dataclass(frozen=True)
class Case:
    """What a reader sends, and what becomes of it."""

    outcome: str  # "published", "held" or the code of the problem
    fields: Fields = field(default_factory=dict)
    policy: Mapping[str, str] = field(default_factory=dict)  # of the site
    before: tuple[Fields, ...] = ()  # sent first, by the same reader and entrance
    origin: str | None = ORIGIN
    seconds_ago: float = 10  # when the form was opened
    reasons: tuple[str, ...] = ()  # why it is held
    parent_is: State | None = None  # the comment it answers is put in this state first


CASES = {
    "a plain comment": Case("published"),
    "with everything": Case(
        "published",
        {
            "url": f"{ORIGIN}{PAGE}/?utm_source=mail#top",
            "title": "Social media — „Regeln?“",
            "name": "Ada <b>",
            "email": "ada@example.org",
            "website": "https://ada.example/?a=1&b=2",
            "text": "**Yes**, and\n\n> no & <i>maybe</i> 100 % 👩‍👩‍👧 \u202e",
            "lang": "de",
        },
    ),
    "an address in place of an id": Case("published", {"page": None, "url": f"{ORIGIN}{PAGE}/"}),
    "a reply": Case("published", parent_is=State.PUBLISHED),
    "leading and trailing space is kept": Case("published", {"text": "  a\n\tb \n"}),
    "empty optional fields": Case("published", {"name": "", "email": "", "website": "", "url": ""}),
    "an empty parent": Case("published", {"parent": ""}),
    "nothing but a mark": Case("invalid_fields", {"text": ">"}),
    "nothing but a character that is not seen": Case(
        "invalid_fields", {"text": "&ZeroWidthSpace;"}
    ),
    "as long as allowed": Case("published", {"text": "ä" * 20}, {"max_length_chars": "20"}),
    "one character more": Case("invalid_fields", {"text": "ä" * 21}, {"max_length_chars": "20"}),
    "no text": Case("invalid_fields", {"text": ""}),
    "blank text": Case("invalid_fields", {"text": " \n \u200b"}),
    "a missing text": Case("invalid_fields", {"text": None}),
    "a bad mail address": Case("invalid_fields", {"email": "nobody"}),
    "a bad website": Case("invalid_fields", {"website": "javascript:alert(1)"}),
    "a line break in the name": Case("invalid_fields", {"name": "Ada\nBen"}),
    "NUL in the text": Case("invalid_fields", {"text": "a\0b"}),
    "NUL in the name": Case("invalid_fields", {"name": "a\0b"}),
    "several wrong fields": Case("invalid_fields", {"text": "", "name": "a" * 101, "email": "x"}),
    "a missing name": Case("invalid_fields", {"name": " "}, {"require_name": "yes"}),
    "a missing mail address": Case("invalid_fields", {}, {"require_email": "yes"}),
    "an unknown field": Case("invalid_fields", {"colour": "blue"}),
    "an unknown parent": Case("invalid_fields", {"parent": "987654"}),
    "a parent that is no number": Case("invalid_fields", {"parent": "one"}),
    "a held parent": Case("invalid_fields", parent_is=State.HELD),
    "a removed parent": Case("invalid_fields", parent_is=State.REMOVED),
    "the trap": Case("invalid_fields", {"contact_me_by_fax": "1"}),
    "a foreign page address": Case(
        "origin_refused", {"page": None, "url": "https://evil.example/a"}
    ),
    "a foreign origin": Case("origin_refused", origin="https://evil.example"),
    "no origin": Case("origin_missing", origin=None),
    "an opaque origin": Case("origin_missing", origin="null"),
    "a closed site": Case("thread_closed", policy={"is_open": "no"}),
    "a page that is a missing value": Case("invalid_fields", {"page": "undefined"}),
    "no ticket": Case("held", {"ticket": None}, reasons=("pace:ticket_missing",)),
    "a forged ticket": Case("held", {"ticket": "blog.1.abc"}, reasons=("pace:ticket_forged",)),
    "an old ticket": Case("held", seconds_ago=3 * 86_400, reasons=("pace:ticket_expired",)),
    "too fast": Case("held", seconds_ago=0, reasons=("pace:too_fast",)),
    "a site without hurry": Case("published", policy={"pace_seconds": "0"}, seconds_ago=0.01),
    "a slow site": Case(
        "held", policy={"pace_seconds": "30"}, seconds_ago=10, reasons=("pace:too_fast",)
    ),
    "every comment waits": Case("held", policy={"moderation": "all"}, reasons=("policy:all_held",)),
    "two links": Case("published", {"text": "https://a.example and https://b.example"}),
    "three links": Case(
        "held",
        {"text": "https://a.example https://b.example [c](https://c.example)"},
        reasons=("links:many_links",),
    ),
    "no links allowed": Case(
        "held", {"text": "https://a.example"}, {"max_links": "0"}, reasons=("links:many_links",)
    ),
    "several doubts": Case(
        "held",
        {"text": "https://a.example", "ticket": None},
        {"max_links": "0", "moderation": "all"},
        reasons=("policy:all_held", "pace:ticket_missing", "links:many_links"),
    ),
    "the same text twice": Case(
        "invalid_fields", {"text": "Twice"}, before=({"text": " twice \n"},)
    ),
    "the same text on another page": Case(
        "held",
        {"text": LONG},
        before=({"text": LONG, "page": "/elsewhere"},),
        reasons=("repetition:same_text_elsewhere",),
    ),
    "the same short text on another page": Case(
        "published", {"text": "Thanks!"}, before=({"text": "Thanks!", "page": "/elsewhere"},)
    ),
    "sent twice by one key": Case(
        "published", {"idempotency_key": KEY}, before=({"idempotency_key": KEY},)
    ),
    "held twice by one key": Case(
        "held",
        {"idempotency_key": KEY, "ticket": None},
        before=({"idempotency_key": KEY, "ticket": None},),
        reasons=("pace:ticket_missing",),
    ),
    "one key for two texts": Case(
        "idempotency_key_reused",
        {"idempotency_key": KEY, "text": "The second"},
        before=({"idempotency_key": KEY, "text": "The first"},),
    ),
    "one key for two parents": Case(
        "idempotency_key_reused",
        {"idempotency_key": KEY},
        before=({"idempotency_key": KEY},),
        parent_is=State.PUBLISHED,
    ),
    "a short key": Case("invalid_fields", {"idempotency_key": "short"}),
}


@dataclass(frozen=True)
class Result:
    """What an entrance made of a case: its answer, and what is stored, which may be nothing."""

    answer: TestResponse
    kept: Mapping[str, object]


def by_json(reader: Reader, fields: Fields) -> TestResponse:
    return reader.send(f"/api/v1/sites/{reader.site.key}/comments", fields)


def by_form(reader: Reader, fields: Fields) -> TestResponse:
    return reader.form(f"/api/v1/sites/{reader.site.key}/comments", fields)


def by_page(reader: Reader, fields: Fields) -> TestResponse:
    # Browsers send the line ends of a form as CRLF, whatever was typed.
    typed = {**fields}
    if isinstance(text := fields.get("text"), str):
        typed["text"] = text.replace("\n", "\r\n")
    return reader.form(f"/sites/{reader.site.key}/thread", typed)


ENTRANCES: Mapping[str, Callable[[Reader, Fields], TestResponse]] = {
    "json": by_json,
    "form": by_form,
    "page": by_page,
}


@pytest.fixture(scope="module")
def shared_sites(shared_site: tuple[Flask, Site]) -> Mapping[str, Site]:
    """Return the sites that the tests of this module share."""
    app, _ = shared_site
    return new_sites(app)


def new_sites(app: Flask) -> Mapping[str, Site]:
    """Add a site for each entrance, alike but for the key."""
    return {name: new_site(app, name) for name in ENTRANCES}


def new_site(app: Flask, key: str) -> Site:
    """Add a site."""
    with app.app_context():
        add_site(key, [ORIGIN])
        return set_policy(key, {"storm_held": "0"})  # the cases hold more than a blog in a day


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
def test_every_entrance_does_the_same(
    shared_site: tuple[Flask, Site], shared_sites: Mapping[str, Site], name: str
):
    app, _ = shared_site
    agree(app, shared_sites, CASES[name], page=f"/{list(CASES).index(name)}")


@ON_BOTH_DATABASES
@pytest.mark.parametrize(
    "name",
    ["with everything", "a reply", "NUL in the text", "several doubts", "one key for two texts"],
)
def test_every_entrance_does_the_same_on_both_databases(reused_app: Flask, name: str):
    agree(reused_app, new_sites(reused_app), CASES[name], page=PAGE)


def agree(app: Flask, sites: Mapping[str, Site], case: Case, page: str) -> None:
    """Send a case by every entrance and compare what is told and what is stored."""
    results = [result_of(app, site, case, page) for site in sites.values()]
    if case.outcome in TOLD:
        all_took_it(results, case)
    else:
        all_refused_it(results, case)


def all_took_it(results: list["Result"], case: Case) -> None:
    json, form, page = (result.kept for result in results)
    assert json == form == page
    assert json["state"] == case.outcome
    assert json["why_held"] == case.reasons
    assert tuple(result.answer.status_code for result in results) == TOLD[case.outcome]
    assert ("waiting=" in results[-1].answer.location) == (case.outcome == "held")


def all_refused_it(results: list["Result"], case: Case) -> None:
    json, form, page = (result.answer for result in results)
    assert [result.kept for result in results] == [{}, {}, {}]
    assert codes(json) == codes(form)
    assert codes(json)[0] == case.outcome
    assert page.status_code == json.status_code == form.status_code
    for sentence in sentences(json):
        assert sentence in unescape(page.text)


def result_of(app: Flask, site: Site, case: Case, page: str) -> "Result":
    """Send a case by the entrance that its site is named for."""
    reader = Reader(app, site, headers={"Origin": case.origin} if case.origin else {})
    fields = comment_of(reader, case, page)
    with policy_of(app, site, case.policy):
        return sent_by(reader, fields)


def sent_by(reader: Reader, fields: Fields) -> "Result":
    before = reader.stored()
    answer = ENTRANCES[reader.site.key](reader, fields)
    number = number_of(answer)
    if number is None:
        assert reader.stored() == before
        return Result(answer, {})
    return Result(answer, kept(reader, number))


def comment_of(reader: Reader, case: Case, page: str) -> Fields:
    """Return what the case sends, with all that must come before it done."""
    same_reader = Reader(reader.app, reader.site, reader.address)
    for earlier in case.before:
        fields = same_reader.comment(**{"page": page, **earlier})
        ENTRANCES[reader.site.key](same_reader, fields)
    fields = {"page": page, "ticket": reader.ticket(case.seconds_ago), **case.fields}
    if "url" in fields:
        fields["url"] = str(fields["url"]).replace(PAGE, page)
    if case.parent_is:
        fields["parent"] = str(parent_in(same_reader, case.parent_is, page))
    return reader.comment(**fields)


def parent_in(reader: Reader, state: State, page: str) -> int:
    """Return a comment to answer, in a state."""
    parent = reader.posted("The one to answer", page=page).id
    with reader.app.app_context():
        decide(parent, state, Ruling(Entrance.CLI))
    return parent


@contextmanager
def policy_of(app: Flask, site: Site, policy: Mapping[str, str]) -> Iterator[None]:
    """Let a site have a policy while the block runs."""
    if not policy:
        yield
        return
    with app.app_context():
        set_policy(site.key, policy)
    yield
    with app.app_context():
        set_policy(site.key, {name: DEFAULTS[name] for name in policy})


DEFAULTS = {
    "is_open": "yes",
    "moderation": "open",
    "pace_seconds": "3",
    "max_links": "2",
    "max_length_chars": "10000",
    "require_name": "no",
    "require_email": "no",
}


def number_of(answer: TestResponse) -> int | None:
    """Return the number of the comment that was stored."""
    if answer.status_code == 303:
        return int(answer.location.rpartition("#comment-")[2])
    return answer.json["comment"]["id"] if answer.status_code in (201, 202) else None


def kept(reader: Reader, number: int) -> dict[str, object]:
    """Return what is stored of a comment, but for what tells two comments apart."""
    row, thread = reader.row(number), reader.thread_of(number)
    names = ("name", "email", "website", "text", "html", "state", "depth", "text_digest", "score")
    return {name: getattr(row, name) for name in names} | {
        "has_parent": row.parent_id is not None,
        "why_held": tuple(f"{reason['check']}:{reason['code']}" for reason in row.reasons),
        "page": (thread.key, thread.url, thread.title),
    }


def sentences(refusal: TestResponse) -> list[str]:
    """Return what the JSON API says that the page must say, too."""
    problem = refusal.json
    # The site's key stands in the sentence about its origins.
    detail = problem["detail"].replace(" json ", " page ").replace("“json”", "“page”")
    return [detail, *(error["message"] for error in problem.get("errors", ()))]
