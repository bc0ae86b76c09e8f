"""What the embed fetches: the thread as a fragment of HTML, the same bytes for every reader."""

from dataclasses import replace

from flask import Response, request

from commentbox.reading.view import FormView
from commentbox.web.caching import cached
from commentbox.web.engine import public_origin
from commentbox.web.finding import site_or_404
from commentbox.web.parse import read_page, read_parameters
from commentbox.web.problems import speak
from commentbox.web.rendering import thread_bytes
from commentbox.web.showing import (
    asked_heading,
    asked_place,
    shown_thread,
    thread_etag,
    thread_to_show,
)


def thread_fragment(site_key: str) -> Response:
    """``GET /embed/{site}/thread``"""
    site = site_or_404(site_key)
    fields = read_parameters(request)
    tongue = speak(request.args.get("lang"), site.language)
    page, place = read_page(fields, site), asked_place(fields)
    thread, basis = thread_to_show(site, page)
    view = shown_thread(site, thread, page, place)
    # On a page of another origin a path would lead to that origin.
    view = replace(view, action=public_origin() + view.action)
    html = thread_bytes(view, FormView(), tongue, asked_heading(fields))
    answer = cached(html, thread_etag(site, thread), "text/html", basis)
    # Opened as a page of its own it would stand on the dashboard's origin.
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
