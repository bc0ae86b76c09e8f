"""Jinja for one language: its words, and what templates may ask for."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from commentbox.i18n import Language, language
from commentbox.reading.view import ThreadView
from commentbox.web.times import rfc3339

TEMPLATES = Path(__file__).parents[1] / "templates" / "commentbox"


@cache
def environment_of(code: str) -> Environment:
    """Return the environment of a language, e.g. of ``"de"``."""
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
    environment.globals.update(language=chosen, _=_marking(chosen), ngettext=_counting(chosen))
    return environment


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
