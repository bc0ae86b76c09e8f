"""The least that can be served: the same bytes to everybody, by the bare server and by a Flask route."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BODY = Path(os.environ["CONSTANT_BODY"]).read_bytes()
HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Length", str(len(BODY))),
    ("Content-Encoding", "gzip"),
    ("ETag", 'W/"constant"'),
]


def wsgi_app(_environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
    """Answer without looking."""
    start("200 OK", HEADERS.copy())
    return (BODY,)


flask_app = Flask("constant")


@flask_app.get("/<path:_path>")
def constant(_path: str) -> Response:
    """Answer by a route."""
    return Response(BODY, headers=HEADERS)
