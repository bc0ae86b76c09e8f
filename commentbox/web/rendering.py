"""Views to HTML, free of Flask, so that every entrance renders alike."""

from collections.abc import Iterable
from typing import NamedTuple

from markupsafe import Markup

from commentbox.i18n import Language
from commentbox.reading.view import CommentView, FormPolicy, FormView, ThreadView
from commentbox.web.article import Manner
from commentbox.web.comment_list import HOLE, Answer, CommentList, parts
from commentbox.web.environment import environment_of
from commentbox.web.pieces import Pieces

PIECES = Pieces()
"""Those of all apps of this process: what they look like depends on no app."""

HEADING_LEVELS = range(1, 5)
"""The levels a thread's own heading may have; two deeper ones must be left for the comments."""


def thread_html(thread: ThreadView, form: FormView, language: Language, heading: int = 2) -> str:
    """Return the fragment: heading, nested comments, the one form.

    ``heading`` is the level of the thread's own heading; out of range, the nearest is taken.
    """
    return thread_bytes(thread, form, language, heading).decode()


def thread_bytes(thread: ThreadView, form: FormView, language: Language, heading: int = 2) -> bytes:
    """Return the same in UTF-8, which is how most of it is kept."""
    heading = _level(heading)
    written_form = _form_html(thread, form, language, heading) if thread.is_open else ""
    answer = None
    if form.reply_to is not None and _holds(thread.comments, form.reply_to):
        answer = Answer(form.reply_to, written_form)
    before, behind = parts(
        render_template(
            "thread.html",
            language,
            thread=thread,
            form=form,
            heading=heading,
            comments=HOLE,
            below=Markup("" if answer else written_form),
        )
    )
    manner = Manner(language.code, heading, thread.policy.votes)
    comments = CommentList(PIECES, manner).written(thread.comments, answer, form.waiting)
    return b"".join((before, comments, behind))


def comment_html(
    comment: CommentView, language: Language, *, heading: int = 2, votes: bool = True
) -> str:
    """Return one comment with its replies as ``<li …>``, as it stands inside the fragment.

    ``heading`` is the level of the thread's own heading, as in ``thread_html``.
    """
    manner = Manner(language.code, _level(heading), votes)
    return f"{CommentList(PIECES, manner).written([comment]).decode()}\n"


def render_template(name: str, language: Language, **context: object) -> str:
    """Return a template as text, e.g. ``render_template("page.html", language, thread=…)``."""
    return environment_of(language.code).get_template(name).render(context)


class _FormsThread(NamedTuple):
    """What the form is told of its thread."""

    action: str
    page: str
    sort: str
    url: str | None
    title: str | None
    policy: FormPolicy


EMPTY_FORM = FormView()


def _form_html(thread: ThreadView, form: FormView, language: Language, heading: int) -> Markup:
    told = _FormsThread(
        thread.action, thread.page, thread.sort, thread.url, thread.title, thread.policy
    )

    def render() -> Markup:
        template = environment_of(language.code).get_template("form.html")
        written: Markup = template.module.respond(told, form, heading)  # type: ignore[attr-defined]
        return written

    if form != EMPTY_FORM:
        return render()  # it is somebody's
    place = "form", language.code, heading, thread.site, thread.page, thread.sort
    return Markup(PIECES.of(place, told, render).decode())


def _level(heading: int) -> int:
    return min(max(heading, HEADING_LEVELS.start), HEADING_LEVELS.stop - 1)


def _holds(comments: Iterable[CommentView], wanted: int) -> bool:
    """Say whether a comment is shown, at any depth."""
    return any(each.id == wanted or _holds(each.replies, wanted) for each in comments)
