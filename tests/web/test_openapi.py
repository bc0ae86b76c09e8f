"""The API's description says what the service does, no more and no less."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import schemathesis
from flask import Flask

import commentbox
from commentbox import errors
from commentbox.actions.sites import add_site
from commentbox.extension import CommentBox
from commentbox.models.page_key import KEY_MAX_CHARS
from commentbox.web.blueprint import ROUTES
from commentbox.web.limits import LIMITS, POSTING
from commentbox.web.openapi import NOT_FOUND, document, problem_codes
from commentbox.web.operations import OPERATIONS
from commentbox.web.parse import COMMENT_FIELDS
from commentbox.web.schemas import FIELD_CODES, SCHEMAS
from tests.web.readers import ORIGIN, Reader

NEVER_ANSWERED = {
    errors.CommentboxError,  # kinds of kinds
    errors.Refused,
    errors.Unknown,
    errors.SetupError,  # stops the start
    errors.UnnamedSite,  # a mistake in a host's template
}

PACKAGE = Path(commentbox.__file__).parent


def described_routes() -> dict[tuple[str, str], str]:
    """Return the endpoints that are no files of the embed, by method and described path."""
    names = {"<site_key>": "{site}", "<int:comment_id>": "{id}", "<name>": "{name}"}
    written = {
        (method, re.sub("<.*?>", lambda found: names[found[0]], rule)): endpoint
        for method, rule, endpoint, _ in ROUTES
    }
    return {(method, path): e for (method, path), e in written.items() if path[:7] != "/embed."}


def test_every_address_is_described_with_its_method():
    pinned = {key for key in described_routes() if re.match(r"/embed-.*\.js", key[1])}
    assert set(OPERATIONS) == set(described_routes()) - pinned


def test_the_description_is_valid_openapi():
    schemathesis.openapi.from_dict(document()).validate()


def test_every_reference_leads_somewhere():
    described = document()
    for reference in set(references(described)):
        place: Any = described
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_operations_have_names_of_their_own():
    names = [operation.id for operation in OPERATIONS.values()]
    assert len(names) == len(set(names))


def test_the_codes_are_those_of_the_errors_that_can_be_answered():
    kinds = set(kinds_of(errors.CommentboxError)) - NEVER_ANSWERED
    # The dashboard has kinds of its own; programs never meet them.
    answered = {kind.code for kind in kinds if kind.__module__ == errors.__name__}
    assert set(problem_codes()) == answered | {NOT_FOUND}


def test_the_codes_of_fields_are_those_that_requests_are_answered_with():
    # What moderators are told in the dashboard is no part of the API.
    rooms = [PACKAGE / "web", PACKAGE / "spam", PACKAGE / "models"]
    files = [file for room in rooms for file in room.glob("*.py")]
    files += [PACKAGE / "actions" / f"{verb}.py" for verb in ("post", "edit", "vote", "report")]
    used = {code for file in files for code in field_codes(ast.parse(file.read_text("utf-8")))}
    assert used == set(FIELD_CODES)


def test_limits_are_described_where_there_are_some():
    endpoints = described_routes()
    limited = {
        endpoints[key]
        for key, operation in OPERATIONS.items()
        if errors.RateLimited in operation.problems
    }
    assert limited == {*LIMITS, *POSTING} & set(endpoints.values())


def test_a_comments_fields_are_those_that_are_read():
    assert set(SCHEMAS["NewComment"]["properties"]) == COMMENT_FIELDS


def test_the_example_of_a_comment_can_be_posted(reader: Reader):
    [example] = SCHEMAS["NewComment"]["examples"]
    answer = reader.send("/api/v1/sites/blog/comments", example | {"ticket": reader.ticket()})
    assert answer.status_code == 201


def test_the_examples_of_answers_have_the_fields_of_answers(reader: Reader):
    reader.posted()
    thread = reader.read()
    assert set(SCHEMAS["Thread"]["examples"][0]) == set(thread)
    assert set(SCHEMAS["Comment"]["examples"][0]) == set(thread["comments"][0])
    assert set(SCHEMAS["Problem"]["examples"][0]) == set(reader.post(text="").json)


def test_the_service_serves_its_description(reader: Reader):
    answer = reader.client.get("/api/v1/openapi.json")
    assert answer.json == document()
    known = {"If-None-Match": answer.headers["ETag"]}
    assert reader.client.get("/api/v1/openapi.json", headers=known).status_code == 304


def test_below_a_prefix_the_description_says_where(sqlite_url: str, tmp_path: Path):
    app = Flask("host")
    app.config.update(
        COMMENTBOX_DATA_DIR=tmp_path,
        COMMENTBOX_DATABASE_URL=sqlite_url,
        COMMENTBOX_SECRET_KEY="known to every test",
        SECRET_KEY="the host's own",
    )
    CommentBox(app, url_prefix="/comments")
    answer = app.test_client().get("/comments/api/v1/openapi.json")
    assert answer.json["servers"] == [{"url": "/comments"}]
    with app.app_context():
        add_site("blog", [ORIGIN])
    app.extensions["commentbox"].database.engine.dispose()


def test_limits_of_lengths_are_those_that_are_kept(reader: Reader):
    fields = SCHEMAS["NewComment"]["properties"]
    for name in ("page", "name", "email", "website", "ticket"):
        longest = fields[name]["maxLength"]
        wrong = reader.post(**{name: "a" * (longest + 1)}).json["errors"]
        assert [error["code"] for error in wrong] == ["too_long"], name
    assert SCHEMAS["Thread"]["properties"]["page"]["maxLength"] == KEY_MAX_CHARS


def references(part: Any) -> Iterator[str]:
    """Yield every ``$ref`` of a document."""
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for piece in part:
            yield from references(piece)


def kinds_of(kind: type[errors.CommentboxError]) -> Iterator[type[errors.CommentboxError]]:
    """Yield a class of errors and all below it."""
    yield kind
    for child in kind.__subclasses__():
        yield from kinds_of(child)


def field_codes(module: ast.Module) -> Iterator[str]:
    """Yield the code of every ``FieldError(field, code, …)`` that a module makes."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "FieldError":
            code = node.args[1]
            assert isinstance(code, ast.Constant), ast.dump(code)
            yield code.value
