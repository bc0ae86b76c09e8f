"""Every message that commentbox may say, found in its sources: what a catalogue must translate."""

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2.ext import babel_extract

PACKAGE = Path(__file__).parents[2] / "commentbox"

MESSAGE_PLACES = {
    "FieldError": (2,),
    "Reason": (2,),
    "UnfitValue": (0,),
    "gettext": (0,),
    "Phrase": (0,),
    "Remark": (0,),
    "remark": (0,),
    "say": (0,),
    "filled": (0,),
    "unreadable": (1, 2),
    "Setting": (0, 1, 4),
    "_number": (0, 1),
    "_switch": (0, 1),
}
"""Which arguments of these calls are messages, wherever they stand."""

MESSAGE_TABLES = {
    "NOTICES",
    "GROUPS",
    "ROLES",
    "SCOPES",
    "KINDS",
    "KINDS_BY_COMMENT",
    "DAYS",
    "MANNERS",
    "CHOICES",
}
"""Names of tables in the dashboard's modules whose values are messages, chosen by a key."""

REPORT_TABLES = {"REASONS", "ORPHANED"}

LOOKS_TABLES = {"TEXTS", "COLOURS"}


def messages(package: Path = PACKAGE) -> set[str | tuple[str, str]]:
    """Return all message ids of templates and modules; a plural is a pair."""
    found: set[str | tuple[str, str]] = set()
    for template in (*package.rglob("templates/**/*.html"), *package.rglob("templates/**/*.txt")):
        found |= set(_of_template(template))
    for module, names in (
        *((module, MESSAGE_TABLES) for module in package.glob("web/dashboard/*.py")),
        (package / "actions" / "looks.py", LOOKS_TABLES),
        (package / "transfer" / "report.py", REPORT_TABLES),
        (package / "transfer" / "source" / "file.py", {"PLACES"}),
    ):
        constants = _constants(ast.parse(module.read_text(encoding="utf-8")))
        for name in names & constants.keys():
            found |= set(_texts(constants[name], constants))
    for module in package.rglob("*.py"):
        found |= set(_of_module(ast.parse(module.read_text(encoding="utf-8"))))
    return found


def _of_template(template: Path) -> Iterator[str | tuple[str, str]]:
    options = {"trimmed": "true", "silent": "false"}
    with template.open("rb") as source:
        for _line, _function, message, _comments in babel_extract(
            source, ["_", "gettext", "ngettext"], [], options
        ):
            # A message that a template is handed stands elsewhere.
            written = (message,) if isinstance(message, str) else message or ()
            match [text for text in written if text is not None]:
                case [text]:
                    yield text
                case [singular, plural]:
                    yield (singular, plural)


def _of_module(module: ast.Module) -> Iterator[str]:
    constants = _constants(module)
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            yield from _class_message(node, constants)
        elif isinstance(node, ast.Call):
            for argument in _message_arguments(node):
                yield from _texts(argument, constants)


def _constants(module: ast.Module) -> dict[str, ast.expr]:
    """Return what the module's names stand for, to follow a message that has a name."""
    named: dict[str, ast.expr] = {}
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named[node.targets[0].id] = node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            named[node.target.id] = node.value
    return named


def _class_message(node: ast.ClassDef, constants: dict[str, ast.expr]) -> Iterator[str]:
    for statement in node.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "message":
            yield from _texts(statement.value, constants)


def _message_arguments(call: ast.Call) -> Iterator[ast.expr]:
    yield from (keyword.value for keyword in call.keywords if keyword.arg == "message")
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
    yield from (call.args[n] for n in MESSAGE_PLACES.get(name, ()) if n < len(call.args))


def _texts(value: ast.expr, constants: dict[str, ast.expr]) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Name(id=name) if name in constants:
            yield from _texts(constants[name], constants)
        case ast.Subscript(value=collection):
            yield from _texts(collection, constants)
        case ast.Dict(values=values) | ast.Tuple(elts=values):
            for each in values:
                yield from _texts(each, constants)
