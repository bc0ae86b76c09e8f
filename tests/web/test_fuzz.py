"""No input gives a 500, and no answer is another than the API's description says."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from flask import Flask, Request
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from schemathesis import BaseSchema, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.test import EnvironBuilder

from commentbox.errors import CommentboxError, InvalidFields
from commentbox.markup import visible_name
from commentbox.models import Site, SiteOrigin
from commentbox.web.openapi import FORM
from commentbox.web.operations import OPERATIONS
from commentbox.web.parse import COMMENT_FIELDS, read_comment, read_fields, read_page
from tests.quick import examples
from tests.web.readers import NETWORKS, ORIGIN, Posted, Reader

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

# What checks the answers does not decompress them.
HEADERS = {"Origin": ORIGIN, "Accept-Encoding": "identity"}

# A case that fails is told as it is: to look for a smaller one takes long and seldom finds any.
GENERATED = settings(phases=[Phase.generate])


@pytest.fixture(scope="module")
def api(shared_site: tuple[Flask, Site]) -> BaseSchema:
    """Return the API as its served description tells it."""
    app, _ = shared_site
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", everybody_from_elsewhere(app))


def fuzzed() -> Iterator[tuple[str, str, GenerationMode]]:
    """Yield every operation, with good values, and with bad ones where any can be bad."""
    for (method, path), operation in OPERATIONS.items():
        yield method, path, GenerationMode.POSITIVE
        if operation.body or set(operation.parameters) - {"site", "if_none_match"}:
            yield method, path, GenerationMode.NEGATIVE


@pytest.mark.long
@pytest.mark.parametrize(("method", "path", "mode"), list(fuzzed()))
def test_every_answer_is_as_described(
    api: BaseSchema,
    shared_site: tuple[Flask, Site],
    method: str,
    path: str,
    mode: GenerationMode,
):
    mine = Reader(*shared_site).posted(f"{method} {path} {mode}")
    known = {"site": "blog", "id": mine.id}
    named = {name: known[name] for name in OPERATIONS[method, path].parameters if name in known}
    cases = api[path][method].as_strategy(generation_mode=mode, path_parameters=named or None)

    @settings(GENERATED, max_examples=examples(10))
    @given(case=cases)
    def send(case: Case) -> None:
        with_own_token(case, mine)
        case.call_and_validate(headers=HEADERS, checks=CHECKS)

    send()


def everybody_from_elsewhere(app: Flask) -> Callable[..., Iterable[bytes]]:
    """Return the app as if each request came from another network, so that no limit is in the way."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return app(environ | {"REMOTE_ADDR": next(NETWORKS)}, start_response)

    return answer


def with_own_token(case: Case, mine: Posted) -> None:
    """Let a case that names a token pass, so that what lies behind is reached."""
    if isinstance(case.body, dict) and isinstance(case.body.get("edit_token"), str):
        case.body["edit_token"] = mine.edit_token


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
ANY_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=5,
)
ANY_NAME = st.sampled_from(sorted(COMMENT_FIELDS)) | ANY_TEXT
ANY_OBJECT = st.dictionaries(ANY_NAME, ANY_VALUE, max_size=8)
KNOWN_TEXTS = st.dictionaries(st.sampled_from(sorted(COMMENT_FIELDS)), ANY_TEXT, max_size=12)

BLOG = Site(
    key="blog",
    max_length_chars=30,
    require_name=True,
    require_email=False,
    origins=[SiteOrigin(origin=ORIGIN)],
)


@settings(GENERATED, max_examples=examples(200))
@given(body=st.binary(max_size=200), content_type=st.sampled_from(["application/json", FORM]))
def test_any_bytes_are_read_or_refused(body: bytes, content_type: str):
    read_or_refuse(body, content_type)


@settings(GENERATED, max_examples=examples(200))
@given(ANY_OBJECT | KNOWN_TEXTS)
def test_any_json_is_read_or_refused(fields: dict[str, Any]):
    read_or_refuse(json.dumps(fields).encode(), "application/json")


@settings(GENERATED, max_examples=examples(200))
@given(KNOWN_TEXTS)
def test_any_form_is_read_or_refused(fields: dict[str, str]):
    read_or_refuse(urlencode(fields, errors="surrogatepass").encode(), FORM)


@settings(GENERATED, max_examples=examples(200))
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
def test_a_text_is_read_as_it_was_sent_or_refused(text: str):
    for body, content_type in (
        (json.dumps({"text": text}).encode(), "application/json"),
        (urlencode({"text": text}).encode(), FORM),
    ):
        fields = read_fields(request_of(body, content_type), COMMENT_FIELDS)
        if visible_name(text) and len(text) <= 30:
            assert fields.text("text", 30) == text
        else:
            with pytest.raises(InvalidFields):
                fields.text("text", 30)


def read_or_refuse(body: bytes, content_type: str) -> None:
    """Read a comment as every entrance does; whatever is wrong is an error of ours."""
    try:
        fields = read_fields(request_of(body, content_type), COMMENT_FIELDS)
        assert set(fields.values) <= COMMENT_FIELDS
        read_page(fields, BLOG)
        comment = read_comment(fields, BLOG)
    except CommentboxError:
        return
    assert 0 < len(comment.text) <= BLOG.max_length_chars
    assert comment.text == fields.values["text"]
    assert "\0" not in comment.text
    comment.text.encode("utf-8")


def request_of(body: bytes, content_type: str) -> Request:
    """Return a request with a body."""
    return Request(EnvironBuilder(data=body, content_type=content_type).get_environ())
