"""The API's description (OpenAPI 3.1), served by the service itself."""

import hashlib
import json
from collections import defaultdict
from functools import cache
from http import HTTPStatus
from inspect import cleandoc

from flask import Response

from commentbox.__about__ import __version__
from commentbox.errors import CommentboxError
from commentbox.reading.basis import NOTHING
from commentbox.web.caching import cached
from commentbox.web.engine import mount_path
from commentbox.web.operations import HTML, JSON, OPERATIONS, PARAMETERS, TAGS, Answer, Operation
from commentbox.web.problems import status_of_kind
from commentbox.web.schemas import SCHEMAS, Json, ref, text

PROBLEM = "application/problem+json"
FORM = "application/x-www-form-urlencoded"

NOT_FOUND = "not_found"
"""The code for an address that is none, such as a comment's number that is no number."""

HEADERS: dict[str, Json] = {
    "ETag": {"description": "Changes with the content.", "schema": {"type": "string"}},
    "Location": {"description": "Where the comment is.", "schema": {"type": "string"}},
    "Retry-After": {
        "description": "Seconds until it is worth trying again.",
        "schema": {"type": "integer", "minimum": 1},
    },
}
RETRY_STATUSES = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)

DESCRIPTION = """\
Comments for any page: read a thread, post and answer, change what is one's own.

Every answer may be read from any origin (`Access-Control-Allow-Origin: *`); writes are taken
from the site's own origins only. Bodies are JSON or urlencoded forms of at most 64 kB, and an
unknown field is an error. Times are RFC 3339 in UTC. E-mail addresses never leave the service.
"""


def openapi_document() -> Response:
    """``GET /api/v1/openapi.json``"""
    written = _written(mount_path())
    etag = hashlib.sha256(written.encode()).hexdigest()[:20]
    return cached(written, etag, JSON, NOTHING)


@cache
def _written(mounted_at: str) -> str:
    return json.dumps(document(mounted_at), ensure_ascii=False)


def document(mounted_at: str = "") -> Json:
    """Return the description of a service mounted below a path such as ``"/comments"``."""
    paths: dict[str, Json] = defaultdict(dict)
    for (method, path), operation in OPERATIONS.items():
        paths[path][method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "commentbox",
            "version": __version__,
            "summary": "A self-hosted comment engine",
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": mounted_at or "/"}],
        "security": [],
        "tags": [{"name": name, "description": meaning} for name, meaning in TAGS.items()],
        "paths": dict(paths),
        "components": {
            "schemas": {**SCHEMAS, "Problem": _problem()},
            "parameters": dict(PARAMETERS),
            "headers": HEADERS,
        },
    }


def problem_codes() -> list[str]:
    """Return every code that a described request may be answered with."""
    kinds = {kind for operation in OPERATIONS.values() for kind in operation.problems}
    return sorted({kind.code for kind in kinds} | {NOT_FOUND})


def _problem() -> Json:
    schema = SCHEMAS["Problem"]
    code = {**schema["properties"]["code"], "enum": problem_codes()}
    return {**schema, "properties": {**schema["properties"], "code": code}}


def _operation(operation: Operation) -> Json:
    described: Json = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": [{"$ref": f"#/components/parameters/{n}"} for n in operation.parameters],
        "responses": {str(status): _answer(a) for status, a in operation.answers.items()}
        | _problem_answers(operation),
    }
    if operation.description:
        described["description"] = operation.description
    if operation.body:
        content = {"schema": ref(operation.body)}
        described["requestBody"] = {"required": True, "content": {JSON: content, FORM: content}}
    return described


def _answer(answer: Answer) -> Json:
    described: Json = {"description": answer.description}
    if answer.media_type:
        described["content"] = {answer.media_type: {"schema": answer.schema}}
    if answer.headers:
        described["headers"] = _headers(*answer.headers)
    return described


def _problem_answers(operation: Operation) -> Json:
    kinds: dict[HTTPStatus, dict[str, str]] = defaultdict(dict)
    for kind in operation.problems:
        kinds[status_of_kind(kind)][kind.code] = _meaning(kind)
    if {"site", "id"} & set(operation.parameters):
        kinds[HTTPStatus.NOT_FOUND][NOT_FOUND] = "No address of the service looks like this."
    return {
        str(status.value): _problem_answer(status, codes, operation)
        for status, codes in sorted(kinds.items())
    }


def _problem_answer(status: HTTPStatus, codes: dict[str, str], operation: Operation) -> Json:
    of_these = {"properties": {"code": {"enum": list(codes)}}}
    content: Json = {PROBLEM: {"schema": {"allOf": [ref("Problem"), of_these]}}}
    if operation.is_for_people:
        content[HTML] = {"schema": text("The page again, with what was typed and what went wrong.")}
    described: Json = {
        "description": "\n".join(f"- `{code}`: {meaning}" for code, meaning in codes.items()),
        "content": content,
    }
    if status in RETRY_STATUSES:
        described["headers"] = _headers("Retry-After")
    return described


def _meaning(kind: type[CommentboxError]) -> str:
    return cleandoc(kind.__doc__ or "").partition("\n")[0]


def _headers(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
