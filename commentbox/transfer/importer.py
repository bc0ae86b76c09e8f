"""The importer: what a format yields becomes rows, once, whatever happens on the way.

First everything is staged on disk and put in order, then written in short transactions. What was
written is known by source and foreign id, so a run that was stopped goes on where it was, and a
second run changes nothing. Nobody is told: an import sends no mail and calls no webhook.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import select

from commentbox.db import session
from commentbox.errors import InvalidFields, Phrase, SetupError, UnknownSite
from commentbox.models import Erasure, ErasureMode, Site
from commentbox.models.comment import SOURCE_MAX_CHARS
from commentbox.models.page_key import explicit_key, key_of_address
from commentbox.models.policy import POLICY
from commentbox.models.site import site_with_key
from commentbox.models.subscription import address_digest
from commentbox.models.thread import thread_with_key
from commentbox.transfer.formats import ARCHIVE, FORMATS, find_format
from commentbox.transfer.known import Known, is_same
from commentbox.transfer.record import Found, OfSite, Page, Record, Remark, SitePolicy, Skipped
from commentbox.transfer.report import PAGES_LISTED, ListedPage, Report
from commentbox.transfer.reunion import count_waiting
from commentbox.transfer.rules import Rule, moved
from commentbox.transfer.site_maker import keep_promises, made_site, unfit_settings
from commentbox.transfer.source import SourceFile, Unreadable
from commentbox.transfer.staging import Staging, staging
from commentbox.transfer.tidy import tidied
from commentbox.transfer.writer import Writer

BATCH = 200

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""Told as such, and the same in every run."""

SITES_NAMED = 10

VALUE_SHOWN_CHARS = 100

SAID_BY_OWNERS = ("subscriptions", "proofs")
"""What hangs on comments by the word of who owns an address."""


class UnfitSource(SetupError):
    """A source is no short word."""

    message = (
        "“%(source)s” cannot be a source: use letters, digits, hyphens and dots, at most %(max)s."
    )


Progress = Callable[[str, int, int], None]
"""Called with a step, ``"read"`` or ``"write"``, how much of it is done, and of how much."""


@dataclass(frozen=True)
class Plan:
    """What the owner wants of an import."""

    site_key: str
    format: str = ""  # "" to find out
    source: str = ""  # "" for the format's name; another one where two blogs have the same ids
    rules: Sequence[Rule] = ()
    only: str = ""  # of the sites in the file; "" for all
    is_dry_run: bool = False
    is_by_operator: bool = True  # else an archive brings no consent to mail that anybody may write


def import_file(file: SourceFile, plan: Plan, progress: Progress = lambda *_: None) -> Report:
    """Import a file into a site, or only report what would be done.

    Of a file that cannot be read to its end everything before the fault is imported, and
    ``report.fault`` says what is wrong. Raises UnknownSite and SetupError.
    """
    plan = replace(plan, format=find_format(file, plan.format))
    found = _watched(FORMATS[plan.format].read(file), file, progress)
    return import_found(found, plan, file.name, progress)


def import_found(
    found: Iterable[Found], plan: Plan, name: str = "", progress: Progress = lambda *_: None
) -> Report:
    """Import what a format found; see :func:`import_file`."""
    plan = replace(plan, source=_checked_source(plan.source or plan.format))
    report = Report(name, plan.format, plan.source, plan.is_dry_run)
    if plan.format != ARCHIVE:
        site_with_key(session(), plan.site_key)  # told before a large file is read
    with staging() as staged:
        stager = _Stager(staged, plan, report)
        stager.stage(found)
        site = _site(plan, stager.policy, staged, report)
        _settle(staged, site, plan, report)
        total = report.new = staged.count_new()
        report.pages = [
            ListedPage(key, count, thread_with_key(session(), site, key) is None)
            for key, count in staged.busiest_pages(PAGES_LISTED)
        ]
        if plan.is_dry_run:
            _foresee(staged, site, plan, report)
            return report
        if stager.policy is not None:
            keep_promises(plan.site_key, staged)
        is_archive = plan.format == ARCHIVE
        for done in Writer(plan.site_key, plan.source, staged, report, is_archive).write():
            progress("write", done, total)
    return report


def _site(plan: Plan, policy: SitePolicy | None, staged: Staging, report: Report) -> Site:
    """Return the site that takes the comments; an archive brings its own where there is none."""
    try:
        site = site_with_key(session(), plan.site_key)
    except UnknownSite:
        if policy is None:
            raise
        report.remark("The site is made as the archive has it.")
        if next(staged.of_site("endpoint"), None) is not None:
            report.remark("Webhooks rest: look at their addresses, and hand on their new secrets.")
        if any(told.get("role") for told in staged.of_site("account")):
            report.remark("Members come with their roles, and sign in once they set a password.")
        for name, value in unfit_settings(policy).items():
            report.remark(
                "The setting “%(setting)s” cannot be “%(value)s”: the site has the usual one instead.",
                setting=Phrase(POLICY[name].label),
                value=str(value)[:VALUE_SHOWN_CHARS],
            )
        if plan.is_dry_run:
            return Site(id=0, origins=[])
        return made_site(plan.site_key, policy, staged)
    if policy is not None:
        report.remark(
            "The site is there already: its own settings, members, bans and webhooks stay."
        )
    return site


def _erased(site_key: str) -> dict[bytes, tuple[str, datetime]]:
    query = select(Erasure.digest, Erasure.mode, Erasure.erased_at)
    found = session().execute(
        query.join(Site, Site.id == Erasure.site_id).where(Site.key == site_key)
    )
    return {row.digest: (row.mode, row.erased_at) for row in found}


def _watched(found: Iterable[Found], file: SourceFile, progress: Progress) -> Iterable[Found]:
    for count, each in enumerate(found):
        if count % 100 == 0:
            progress("read", file.position, file.size)
        yield each
    progress("read", file.size, file.size)
    if file.replaced:
        yield Remark(
            "%(count)s characters could not be read as %(encoding)s and show as “\ufffd”.",
            {"count": file.replaced, "encoding": file.encoding[0]},
        )


def _checked_source(source: str) -> str:
    is_word = source.isascii() and source.replace("-", "").replace(".", "").isalnum()
    if not is_word or len(source) > SOURCE_MAX_CHARS:
        raise UnfitSource(source=source, max=SOURCE_MAX_CHARS)
    return source


class _Stager:
    """Takes what a format yields, counts it and stages it."""

    def __init__(self, staged: Staging, plan: Plan, report: Report) -> None:
        self._staged, self._plan, self._report = staged, plan, report
        self._page: tuple[Page, int | None] | None = None
        self.policy: SitePolicy | None = None
        self._sites: set[str] = set()
        self._erased = _erased(plan.site_key)

    def stage(self, found: Iterable[Found]) -> None:
        """Stage everything up to the end of the file, or to its fault."""
        try:
            for each in found:
                self._take(each)
        except Unreadable as fault:
            self._report.fault = fault.phrase
        sites = sorted(filter(None, self._sites))
        if len(sites) > 1 and not self._plan.only:
            self._report.remark(
                "The file has comments of several sites, and all come into this one; to take those "
                "of one only, name it: %(sites)s.",
                sites=", ".join(sites),
            )

    def _take(self, found: Found) -> None:
        match found:
            case Record():
                self._report.read += 1
                self._take_record(found)
            case Skipped():
                self._report.read += 1
                self._report.skip(found.id, found.place, found.reason)
            case Remark(message, facts):
                self._report.remark(message, **facts)
            case Page():
                if (number := self._page_number(found)) is not None:
                    self._staged.want_page(number)
            case SitePolicy():
                self.policy = found
            case OfSite():
                self._staged.add_of_site(found)

    def _take_record(self, record: Record) -> None:
        record = self._without_consent(self._forgotten(tidied(record)))
        if len(self._sites) < SITES_NAMED:
            self._sites.add(record.page.site)
        if not record.id:
            self._report.skip("", record.place, "no_id")
        elif self._plan.only and record.page.site != self._plan.only:
            self._report.skip(record.id, record.place, "other_site")
        elif (page := self._page_number(record.page)) is None:
            self._report.skip(record.id, record.place, "no_page")
        else:
            if record.created_at is None:
                self._report.remark("Comments without a date stand at the beginning of 1970.")
                record = replace(record, created_at=UNDATED)
            if not self._staged.add(record, page, record.created_at or UNDATED):
                self._report.skip(record.id, record.place, "duplicate")

    def _forgotten(self, record: Record) -> Record:
        """Return a record without what its author wanted to be forgotten here."""
        known = self._erased.get(address_digest(record.email)) if record.email else None
        if known is None:
            return record
        mode, erased_at = known
        if (record.created_at or UNDATED) > erased_at:
            return record  # who came back afterwards wants to be here
        self._report.remark("Who was erased here stays erased: their data was left out.")
        nobody = replace(record, name="", email="", website="", kept=None)
        is_gone = mode == ErasureMode.DELETE
        return replace(nobody, text="", state="removed") if is_gone else nobody

    def _without_consent(self, record: Record) -> Record:
        """Return a record without subscriptions where whoever wrote the file could make them up."""
        below = record.kept.below if record.kept else {}
        said = any(below.get(name) for name in SAID_BY_OWNERS)
        if self._plan.is_by_operator or record.kept is None or not said:
            return record
        self._report.remark(
            "Who had subscribed to replies is not subscribed here: that needs their consent."
        )
        kept = replace(record.kept, below={**below, **dict.fromkeys(SAID_BY_OWNERS, ())})
        return replace(record, kept=kept)

    def _page_number(self, page: Page) -> int | None:
        # Comments of a page mostly stand together.
        if self._page is None or self._page[0] != page:
            self._page = (page, self._stage_page(page))
        return self._page[1]

    def _stage_page(self, page: Page) -> int | None:
        there = moved(page, self._plan.rules)
        key = _key(there.key) or _key(there.url)
        if key is None:
            return None
        aliases = {_key(alias) for alias in page.aliases} - {None, key}
        return self._staged.add_page(key, there, tuple(sorted(filter(None, aliases))))


def _key(address: str) -> str | None:
    """Return the key of a page's id or address; None for what cannot be one."""
    if not address.strip():
        return None
    try:
        is_url = address.startswith(("http://", "https://", "/"))
        return key_of_address(address) if is_url else explicit_key(address)
    except InvalidFields:
        return None


def _settle(staged: Staging, site: Site, plan: Plan, report: Report) -> None:
    """Find out what is known, which parents there are, and in which order all is written."""
    known = Known(session(), site.id, plan.source, is_archive=plan.format == ARCHIVE)
    _note_known(staged, known, report)
    staged.link()
    _find_missing_parents(staged, known)
    staged.place()
    for id, place in staged.leave_out_lone_tombstones():
        report.skip(id, place, "deleted")
    if report.fault is not None:
        # The rest of the file may hold the parents: the next run finds them.
        for id, place in staged.leave_out_waiting():
            report.skip(id, place, "waiting")
    for id, place, why in staged.orphans():
        report.orphan(id, place, why)


def _note_known(staged: Staging, known: Known, report: Report) -> None:
    for batch in staged.foreign_ids(BATCH):
        for asked, found in known.among(batch):
            if is_same(asked, found):
                staged.is_known(asked.id, found)
                report.known += 1
            else:
                staged.remove(asked.id)
                report.skip(asked.foreign_id, "", "other_source")


def _find_missing_parents(staged: Staging, known: Known) -> None:
    """A parent may have come with an earlier file; else its reply becomes an orphan."""
    for batch in staged.missing_parents(BATCH):
        there = known.by_foreign_id([parent for _, parent in batch])
        for id, parent in batch:
            if parent in there:
                staged.adopt(id, parent, there[parent])
            else:
                staged.orphan_of(id, parent)


def _foresee(staged: Staging, site: Site, plan: Plan, report: Report) -> None:
    """Count what writing would do."""
    for ids in staged.new_ids(BATCH):
        report.reattached += count_waiting(session(), site.id, plan.source, ids)
    report.states.update(dict(staged.states()))
    for key in staged.pages_of_new():
        report.pages_created += thread_with_key(session(), site, key) is None
