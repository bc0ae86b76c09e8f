"""Templates to text, free of Flask, so that every entrance renders alike."""

from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from commentbox.i18n import Language, language
from commentbox.reading.view import CommentView, FormView, ThreadView
from commentbox.web.articles import Articles
from commentbox.web.times import rfc3339

TEMPLATES = Path(__file__).parents[1] / "templates" / "commentbox"

ARTICLES = Articles()
"""The comments of all apps of this process: what they look like depends on no app."""

HEADING_LEVELS = range(1, 5)
"""The levels a thread's own heading may have; two deeper ones must be left for the comments."""


def thread_html(thread: ThreadView, form: FormView, language: Language, heading: int = 2) -> str:
    """Return the fragment: heading, nested comments, the one form.

    ``heading`` is the level of the thread's own heading; out of range, the nearest is taken.
    """
    return render_template(
        "thread.html", language, thread=thread, form=form, heading=_level(heading)
    )


def comment_html(
    comment: CommentView, language: Language, *, heading: int = 2, votes: bool = True
) -> str:
    """Return one comment with its replies as ``<li …>``, as it stands inside the fragment.

    ``heading`` is the level of the thread's own heading, as in ``thread_html``.
    """
    return render_template(
        "comment.html", language, comment=comment, heading=_level(heading), votes=votes
    )


def render_template(name: str, language: Language, **context: object) -> str:
    """Return a template as text, e.g. ``render_template("page.html", language, thread=…)``."""
    template = _environment(language.code).get_template(name)
    return template.render(context)


def _level(heading: int) -> int:
    return min(max(heading, HEADING_LEVELS.start), HEADING_LEVELS.stop - 1)


class _Environment(Environment):
    """Templates whose fixed messages are translated when they are compiled, not each time they are shown."""

    def compile(self, source: str | nodes.Template, *arguments: Any, **options: Any) -> Any:
        """Compile a template; see Jinja's own."""
        if isinstance(source, str):
            source = self.parse(source, *arguments[:2])
        return super().compile(_Translation(self).visit(source), *arguments, **options)


class _Translation(NodeTransformer):
    """Puts a message in place of the call that translates it, where all that the call is given is fixed."""

    def __init__(self, environment: Environment) -> None:
        self._translators: dict[str, Any] = {n: environment.globals[n] for n in ("_", "ngettext")}

    def visit_Call(self, call: nodes.Call) -> nodes.Node:  # noqa: N802
        """Translate what can be translated by now."""
        self.generic_visit(call)
        match call:
            case nodes.Call(node=nodes.Name(name=name), args=args, kwargs=[], dyn_args=None):
                fixed = [argument.value for argument in args if isinstance(argument, nodes.Const)]
                if name in self._translators and len(fixed) == len(args):
                    return nodes.Const(self._translators[name](*fixed), lineno=call.lineno)
        return call


@cache
def _environment(code: str) -> Environment:
    # One environment per language: there ``_`` is a plain global, which macros reach fastest.
    chosen = language(code)
    environment = _Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,  # a template is a part of the release: its file need not be looked at
    )
    environment.filters.update(hosted=partial(_hosted, lang=code), feed=_feed, rfc3339=rfc3339)
    environment.filters["unfolded"] = _unfolded
    environment.tests["holding"] = _holding
    environment.globals.update(language=chosen, _=_marking(chosen), ngettext=_counting(chosen))
    environment.filters["article"] = _articles(environment, code)
    return environment


def _articles(environment: Environment, code: str) -> Callable[..., Markup]:
    """Return ``article``: a comment without its replies, rendered unless it was before."""
    template = environment.get_template("article.html")
    write: Callable[..., Markup] = template.module.article  # type: ignore[attr-defined]

    def article(comment: CommentView, *manner: object) -> Markup:
        return ARTICLES.of(comment, (code, *manner), lambda bare: write(bare, *manner))

    return article


def _marking(tongue: Language) -> Callable[..., Markup]:
    """Return ``_``: the message is trusted HTML, the facts put into it are escaped."""

    def translate(message: str, /, **facts: object) -> Markup:
        safe = {name: escape(fact) for name, fact in tongue.written(facts).items()}
        return Markup(tongue.gettext(message) % safe)

    return translate


def _counting(tongue: Language) -> Callable[..., Markup]:
    """Return ``ngettext``, which also fills ``%(num)s``."""

    def translate(singular: str, plural: str, num: int, /, **facts: object) -> Markup:
        return Markup(tongue.ngettext(singular, plural, num)) % tongue.written(
            {"num": num, **facts}
        )

    return translate


def _hosted(thread: ThreadView, *, lang: str, sort: str | None = None, **more: object) -> str:
    """Return an address of the hosted page, e.g. ``/sites/blog/thread?page=%2F&sort=oldest…``."""
    query = {"page": thread.page, "sort": sort or thread.sort, "lang": lang, **more}
    return f"{thread.action}?{urlencode(query)}"


def _feed(thread: ThreadView) -> str:
    """Return the address of the thread's feed, e.g. ``/feeds/blog/thread.atom?page=%2F``."""
    mount = thread.action.rpartition("/sites/")[0]
    return f"{mount}/feeds/{quote(thread.site)}/thread.atom?{urlencode({'page': thread.page})}"


def _unfolded(
    comments: Iterable[CommentView], waiting: CommentView | None = None
) -> list[tuple[CommentView, bool, bool, list[bool]]]:
    """Return comments each followed by its replies; ``waiting`` is one more of them.

    With each: whether it is a reply itself, whether replies follow, and of the comments whose last
    reply it is, from the inside out, whether they are replies.
    """
    steps: list[tuple[CommentView, bool, bool, list[bool]]] = []

    def unfold(comments: Iterable[CommentView], is_reply: bool) -> None:
        for comment in comments:
            replies = comment.replies
            if waiting is not None and waiting.parent == comment.id:
                replies = [*replies, waiting]
            steps.append((comment, is_reply, bool(replies), []))
            if replies:
                unfold(replies, True)
                steps[-1][3].append(is_reply)

    unfold(comments, False)
    if waiting is not None and waiting.parent is None:
        unfold([waiting], False)
    return steps


def _holding(comments: Iterable[CommentView], wanted: int) -> bool:
    """Say whether a comment is shown, at any depth."""
    return any(each.id == wanted or _holding(each.replies, wanted) for each in comments)
