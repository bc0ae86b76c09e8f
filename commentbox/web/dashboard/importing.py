"""Import by upload: a dry run first, then, if its report pleases, the import itself."""

import re
import threading
from http import HTTPStatus

from flask import Flask, Response, current_app, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from commentbox import clock
from commentbox.errors import CommentboxError, Malformed, Phrase
from commentbox.models import Site
from commentbox.transfer.formats import FORMATS, find_format
from commentbox.transfer.importer import Plan, import_file
from commentbox.transfer.report import ORPHANED, REASONS, read_phrase, written_phrase
from commentbox.transfer.rules import Rule, parse_rules
from commentbox.transfer.source import SourceFile
from commentbox.web.dashboard.frame import address, show
from commentbox.web.dashboard.import_runs import (
    MAX_UPLOAD_MEGABYTES,
    STARTABLE,
    WORKER_PATIENCE_SECONDS,
    WORKING,
    Run,
    Stage,
    State,
    folder_of,
    forget_old,
    new_run,
    run_named,
)
from commentbox.web.dashboard.rights import owned_site_or_404
from commentbox.web.dashboard.telling import Told, told_of, with_status_of
from commentbox.web.problems import asked_language

RULES_MAX_CHARS = 20_000
LOOK_AGAIN_SECONDS = 2

CHOICES = {"": "Find out"}


class NothingChosen(Malformed):
    """The form was sent without a file."""

    code = "nothing_chosen"
    message = "Choose a file first."


def import_page(key: str) -> Response:
    """``GET /dashboard/sites/{key}/import?run=``"""
    site = owned_site_or_404(key)
    forget_old(folder_of(site), clock.now())
    run = run_named(folder_of(site), request.args.get("run", ""))
    state = run.state(clock.now()) if run else {}
    answer = _page(site, Told(), run, state)
    if state.get("stage") in WORKING:
        answer.headers["Refresh"] = str(LOOK_AGAIN_SECONDS)
    return answer


def upload_import(key: str) -> WerkzeugResponse:
    """``POST /dashboard/sites/{key}/import``: keep the file, and find out what it would bring"""
    site = owned_site_or_404(key)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise NothingChosen
    rules = request.form.get("rules", "")[:RULES_MAX_CHARS]
    _read_rules(rules)
    run = new_run(folder_of(site), sent, clock.now())
    name = re.sub(r"[^\w. -]", "_", sent.filename)[-100:]
    chosen = request.form.get("format", "")
    try:
        chosen = find_format(SourceFile(run.upload, name), chosen if chosen in FORMATS else "")
    except CommentboxError:
        run.upload.unlink()
        raise
    only = request.form.get("only", "").strip()[:200]
    state = {"stage": Stage.TRYING, "name": name, "format": chosen, "only": only, "rules": rules}
    run.keep(state)
    _begin(run, site.key, state)
    return redirect(address("import_page", key=key, run=run.token), HTTPStatus.SEE_OTHER)


def start_import(key: str) -> WerkzeugResponse:
    """``POST /dashboard/sites/{key}/import/start``: import in the background what was tried"""
    site = owned_site_or_404(key)
    run = run_named(folder_of(site), request.form.get("run", ""))
    state = run.state(clock.now()) if run else {}
    if run and state.get("stage") in STARTABLE:
        # What was stopped while it was tried is tried again: nobody has seen its report.
        is_tried = "report" in state
        state = {**state, "stage": Stage.RUNNING if is_tried else Stage.TRYING}
        run.keep(state)
        _begin(run, site.key, state)
    token = run.token if run else None
    return redirect(address("import_page", key=key, run=token), HTTPStatus.SEE_OTHER)


def import_again(error: CommentboxError) -> Response:
    """Return the form with what is wrong about the file."""
    site = owned_site_or_404(str((request.view_args or {})["key"]))
    return with_status_of(_page(site, told_of(error), None, {}), error)


def _read_rules(written: str) -> tuple[Rule, ...]:
    return parse_rules(written, Phrase("Pages that have moved"))


def _begin(run: Run, site_key: str, state: State) -> None:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    threading.Thread(target=_work, args=(app, run, site_key, state), daemon=True).start()


def _work(app: Flask, run: Run, site_key: str, state: State) -> None:
    with run.held(WORKER_PATIENCE_SECONDS) as is_mine:
        # Another process may have been faster, and even have come to the end by now.
        if not is_mine or run.state(clock.now()).get("stage") != state["stage"]:
            return
        try:
            with app.app_context():
                _import(run, site_key, state)
        except CommentboxError as error:
            said = Phrase(error.message, error.facts)
            run.keep(state | {"stage": Stage.REFUSED, "problem": written_phrase(said)})
        except Exception:
            # What was written stays, and going on begins there.
            app.logger.exception("An import ended early.")
            run.keep(state | {"stage": Stage.STOPPED})


def _import(run: Run, site_key: str, state: State) -> None:
    is_dry_run = state["stage"] == Stage.TRYING

    def progress(step: str, done: int, total: int) -> None:
        if step == "write":
            run.keep(state | {"done": done, "total": total})

    plan = Plan(
        site_key,
        state["format"],
        rules=_read_rules(state["rules"]),
        only=state["only"],
        is_dry_run=is_dry_run,
        is_by_operator=False,
    )
    report = import_file(SourceFile(run.upload, state["name"]), plan, progress)
    stage = Stage.TRIED if is_dry_run else Stage.DONE
    run.keep(state | {"stage": stage, "report": report.as_kept()})
    if stage is Stage.DONE:
        run.upload.unlink(missing_ok=True)


def _page(site: Site, told: Told, run: Run | None, state: State) -> Response:
    tongue = asked_language()
    report = state.get("report", {})
    fault, problem = report.get("fault_said"), state.get("problem")
    return show(
        "import.html",
        told=told,
        site=site,
        is_owner=True,
        formats={**CHOICES, **{name: each.title for name, each in FORMATS.items()}},
        max_megabytes=MAX_UPLOAD_MEGABYTES,
        run=run.token if run else "",
        stage=state.get("stage", ""),
        state=state,
        report=report,
        remarks=[tongue.said(read_phrase(each)) for each in report.get("remarks_said", ())],
        fault=tongue.said(read_phrase(fault)) if fault else "",
        problem=tongue.said(read_phrase(problem)) if problem else "",
        reasons=REASONS,
        orphaned=ORPHANED,
    )
