"""Import by upload: a dry run first, then, if its report pleases, the import itself."""

import json
import re
import secrets
import threading
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox import clock
from commentbox.errors import CommentboxError, Malformed
from commentbox.models import Site
from commentbox.transfer.formats import FORMATS
from commentbox.transfer.importer import Plan, import_file
from commentbox.transfer.report import ORPHANED, REASONS
from commentbox.transfer.source import SourceFile
from commentbox.web.dashboard.frame import address, show
from commentbox.web.dashboard.rights import owned_site_or_404
from commentbox.web.dashboard.telling import Told, told_of
from commentbox.web.engine import current_engine
from commentbox.web.problems import status_of

MAX_UPLOAD_MEGABYTES = 20
KEPT_SECONDS = 24 * 60 * 60
LOOK_AGAIN_SECONDS = 2

CHOICES = {"": "Find out"}

_TOKEN = re.compile("[0-9a-f]{32}")


class NothingChosen(Malformed):
    """The form was sent without a file."""

    code = "nothing_chosen"
    message = "Choose a file first."


def import_page(key: str) -> Response:
    """``GET /dashboard/sites/{key}/import?run=``"""
    site = owned_site_or_404(key)
    run = request.args.get("run", "")
    state = _read(_folder(site), run) if run else {}
    answer = _page(site, Told(), run, state)
    if state.get("status") == "running":
        answer.headers["Refresh"] = str(LOOK_AGAIN_SECONDS)
    return answer


def upload_import(key: str) -> WerkzeugResponse:
    """``POST /dashboard/sites/{key}/import``: keep the file, and report what it would bring"""
    site = owned_site_or_404(key)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise NothingChosen
    folder = _folder(site)
    _forget_old(folder)
    run = secrets.token_hex(16)
    path = folder / f"{run}.upload"
    sent.save(path)
    path.chmod(0o600)
    name = re.sub(r"[^\w. -]", "_", sent.filename)[-100:]
    chosen = request.form.get("format", "")
    try:
        chosen = chosen if chosen in FORMATS else ""
        plan = Plan(site.key, chosen, is_dry_run=True, is_by_operator=False)
        report = import_file(SourceFile(path, name), plan)
    except CommentboxError:
        path.unlink()
        raise
    state = {"status": "tried", "name": name, "format": report.format, "report": report.as_dict()}
    _write(folder, run, state)
    return redirect(address("import_page", key=key, run=run), HTTPStatus.SEE_OTHER)


def start_import(key: str) -> WerkzeugResponse:
    """``POST /dashboard/sites/{key}/import/start``: import in the background what was tried"""
    site = owned_site_or_404(key)
    folder, run = _folder(site), request.form.get("run", "")
    state = _read(folder, run)
    if state.get("status") == "tried":
        _write(folder, run, state | {"status": "running"})
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        work = (app, folder, run, site.key, state)
        threading.Thread(target=_import, args=work, daemon=True).start()
    return redirect(address("import_page", key=key, run=run), HTTPStatus.SEE_OTHER)


def import_again(error: CommentboxError) -> Response:
    """Return the form with what is wrong about the file."""
    site = owned_site_or_404(str((request.view_args or {})["key"]))
    answer = _page(site, told_of(error), "", {})
    answer.status_code = status_of(error).value
    return answer


def _import(app: Flask, folder: Path, run: str, site_key: str, state: dict[str, Any]) -> None:
    path = folder / f"{run}.upload"
    try:
        with app.app_context():
            report = import_file(
                SourceFile(path, state["name"]),
                Plan(site_key, state["format"], is_by_operator=False),
            ).as_dict()
        _write(folder, run, state | {"status": "done", "report": report})
    except Exception:
        # What was written stays, and trying again goes on from there.
        app.logger.exception("An import ended early.")
        _write(folder, run, state | {"status": "stopped"})
        return
    path.unlink(missing_ok=True)


def _page(site: Site, told: Told, run: str, state: dict[str, Any]) -> Response:
    return show(
        "import.html",
        told=told,
        site=site,
        is_owner=True,
        formats={**CHOICES, **{name: each.title for name, each in FORMATS.items()}},
        max_megabytes=MAX_UPLOAD_MEGABYTES,
        run=run,
        stage=state.get("status", ""),
        report=state.get("report", {}),
        reasons=REASONS,
        orphaned=ORPHANED,
    )


def _folder(site: Site) -> Path:
    folder = current_engine().settings.data_dir / "imports" / site.key
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _forget_old(folder: Path) -> None:
    """Delete what nobody came back for: uploads hold addresses."""
    now = clock.now().timestamp()
    for path in folder.iterdir():
        if now - path.stat().st_mtime > KEPT_SECONDS:
            path.unlink(missing_ok=True)


def _read(folder: Path, run: str) -> dict[str, Any]:
    if not _TOKEN.fullmatch(run):
        return {}
    try:
        state = json.loads((folder / f"{run}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def _write(folder: Path, run: str, state: dict[str, Any]) -> None:
    draft = folder / f"{run}.part"
    draft.write_text(json.dumps(state), encoding="utf-8")
    draft.replace(folder / f"{run}.json")
