"""``{{ comments(…) }}``: a thread inside a host app's own template, without any request."""

import secrets
from dataclasses import dataclass, replace

from flask import current_app, request, url_for
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from commentbox import clock
from commentbox.db import session
from commentbox.errors import CommentboxError, SetupError
from commentbox.i18n import Language, language
from commentbox.models.page_key import explicit_key
from commentbox.reading.pages import SORTS, Place
from commentbox.reading.threads import only_site
from commentbox.reading.view import FormView, ThreadView
from commentbox.web.engine import current_engine, mount_path, public_origin
from commentbox.web.finding import site_or_404
from commentbox.web.parse import Fields, PageFields
from commentbox.web.problems import whole_sentence
from commentbox.web.rendering import HEADING_LEVELS, render_template, thread_html
from commentbox.web.showing import shown_thread, thread_of_page


@dataclass(frozen=True)
class _Wanted:
    page: str
    site: str | None
    title: str | None
    lang: str | None
    sort: str
    heading: int


def comments(
    page: str,
    site: str | None = None,
    *,
    title: str | None = None,
    lang: str | None = None,
    sort: str = "oldest",
    heading: int = 2,
) -> Markup:
    """Render the thread of a page into the template, with stylesheet and script.

    ``page`` is the thread's key, e.g. ``"/2026/post/"``; ``site`` may be left out where the
    service has one site only; ``sort`` is one of ``SORTS``, ``heading`` the level of the thread's
    own heading, 1 to 4. A set-up mistake or a value that does not fit is logged and shown as one
    calm line, so that the host's page is never harmed; in debug mode it raises.
    """
    try:
        return _included(_Wanted(page, site, title, lang, sort, heading))
    except (CommentboxError, SQLAlchemyError) as error:
        if current_app.debug:
            raise
        said = _told(error)
        current_app.logger.error("comments(page=%.100r, site=%.100r): %s", page, site, said)
        line = language(lang).gettext("Comments cannot be shown at the moment.")
        return Markup("<p>{}</p>").format(line)


def _told(error: CommentboxError | SQLAlchemyError) -> str:
    if isinstance(error, CommentboxError):
        return whole_sentence(error, language(None), shown_at_fields=())
    return str(error)


def static_thread(site_key: str, page: str, lang: str | None) -> Markup:
    """Render a thread for a page that a static site generator builds on another origin.

    Raises UnknownSite, and SetupError where the service's public address is not set: the form
    on the page must know where to send what is typed.
    """
    if not current_engine().settings.public_url:
        raise SetupError("Set COMMENTBOX_PUBLIC_URL: the page's form must know where to send to.")
    site = site_or_404(site_key)
    known = PageFields(explicit_key(page), None, None)
    view = shown_thread(site, thread_of_page(site, known), known, Place())
    service = public_origin() + mount_path()
    view = replace(view, action=public_origin() + view.action)
    tongue = language(lang, site.language)
    return _framed(view, FormView(), tongue, 2, f"{service}/embed.css", f"{service}/embed.js")


def _included(wanted: _Wanted) -> Markup:
    _require_fit(wanted)
    site = site_or_404(wanted.site) if wanted.site else only_site(session())
    page = PageFields(
        explicit_key(Fields({"page": wanted.page}).line("page", 2000)),
        request.base_url,
        wanted.title,
    )
    thread = thread_of_page(site, page)
    view = shown_thread(site, thread, page, Place(sort=wanted.sort))
    tongue = language(wanted.lang, site.language)
    stylesheet, script = url_for("commentbox.stylesheet"), url_for("commentbox.script")
    form = FormView(
        ticket=current_engine().signatures.ticket(site, clock.now()),
        idempotency_key=secrets.token_urlsafe(24),
    )
    return _framed(view, form, tongue, wanted.heading, stylesheet, script)


def _require_fit(wanted: _Wanted) -> None:
    """Raise SetupError for a value that a template can have printed by mistake, such as ``None``."""
    texts = {"page": wanted.page, "site": wanted.site, "title": wanted.title, "lang": wanted.lang}
    for name, value in texts.items():
        if not isinstance(value, str) and (value is not None or name == "page"):
            raise _unfit(name, value)
    if wanted.sort not in SORTS:
        raise _unfit("sort", wanted.sort)
    if wanted.heading not in HEADING_LEVELS:
        raise _unfit("heading", wanted.heading)


def _unfit(name: str, value: object) -> SetupError:
    return SetupError(
        "comments(%(name)s=%(value)s) does not fit: page is a text, sort one of %(sorts)s, "
        "heading a number from 1 to 4.",
        name=name,
        value=repr(value)[:100],
        sorts=", ".join(SORTS),
    )


def _framed(
    view: ThreadView,
    form: FormView,
    tongue: Language,
    heading: int,
    stylesheet: str,
    script: str,
) -> Markup:
    html = render_template(
        "inclusion.html",
        tongue,
        thread=view,
        fragment=Markup(thread_html(view, form, tongue, heading)),
        stylesheet=stylesheet,
        script=script,
    )
    return Markup(html)
