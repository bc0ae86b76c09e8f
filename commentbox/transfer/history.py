"""What hangs on the comments and threads of an archive: decisions, reports, votes, subscriptions, proofs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from commentbox.models import (
    AddressProof,
    BanKind,
    Decision,
    Deed,
    Report,
    Site,
    Subscription,
    Thread,
    ThreadDecision,
    Vote,
)
from commentbox.transfer.accounts import account_of
from commentbox.transfer.columns import is_whole, read
from commentbox.transfer.numbers import raise_sequence
from commentbox.transfer.record import Record
from commentbox.transfer.site_maker import add_ban
from commentbox.transfer.staging import Staging

Told = Mapping[str, object]


@dataclass
class History:
    """Writes what hangs on the comments of one batch, in its transaction.

    Where the service has other decisions, those of the archive get new numbers: all of a comment,
    since their order is that of their numbers, and batches go on being one.
    """

    session: Session
    site: Site
    staged: Staging
    keeps_numbers: bool

    def add(self, number: int, record: Record, thread: int) -> None:
        """Write what hangs on the comment that a record became."""
        below = record.kept.below if record.kept else {}
        decided = self._decisions(number, below.get("decisions", ()))
        self._reports(number, below.get("reports", ()), decided)
        self._votes(number, below.get("votes", ()))
        self._subscriptions(number, below.get("subscriptions", ()), thread)
        for told in below.get("proofs", ())[:1]:
            columns = read(AddressProof, told)
            if is_whole(AddressProof, columns):
                proof = AddressProof(comment_id=number, site_id=self.site.id, **columns)
                self.session.add(proof)
        for told in self.staged.bans_of_author(record.id):
            if told.get("kind") == BanKind.AUTHOR:
                add_ban(self.session, told, self.site.id, str(number))

    def finish(self) -> None:
        """Let what comes next be numbered after all this."""
        self.session.flush()
        for row in (Decision, Subscription):
            raise_sequence(self.session, row)

    def _decisions(self, number: int, all_told: Iterable[Told]) -> dict[int, int]:
        """Return the numbers that decisions have here by those they had."""
        numbers: dict[int, int] = {}
        for told in all_told:
            columns = read(Decision, told)
            if not is_whole(Decision, columns):
                continue
            old, batch = columns.get("id"), columns.get("batch_id")
            if not self._keeps(Decision, old):
                columns["id"] = columns["batch_id"] = None
                columns["undoes_id"] = numbers.get(columns.get("undoes_id") or 0)
            by = account_of(self.session, told)
            decision = Decision(comment_id=number, moderator_id=by, **columns)
            self.session.add(decision)
            self.session.flush()
            if columns["id"] is None and batch is not None:
                decision.batch_id = self.staged.new_batch(batch, decision.id)
            if old is not None:
                numbers[old] = decision.id
        return numbers

    def _reports(self, number: int, all_told: Iterable[Told], decided: dict[int, int]) -> None:
        networks = set()
        for at, told in enumerate(all_told):
            columns = {"network": f"archive-{at}"} | read(Report, told)
            settled = columns.get("decision_id")
            columns["decision_id"] = decided.get(settled, settled) if settled else None
            if columns["network"] not in networks:
                networks.add(columns["network"])
                self.session.add(Report(comment_id=number, **columns))

    def _votes(self, number: int, all_told: Iterable[Told]) -> None:
        networks = set()
        for told in all_told:
            columns = read(Vote, told)
            is_vote = columns.get("value") in (1, -1) and "network" in columns
            if is_vote and columns["network"] not in networks:
                networks.add(columns["network"])
                self.session.add(Vote(comment_id=number, **columns))

    def _subscriptions(self, number: int, all_told: Iterable[Told], thread: int) -> None:
        for told in all_told:
            columns = read(Subscription, told)
            if not is_whole(Subscription, columns):
                continue
            if not self._keeps(Subscription, columns.get("id"), is_alone=True):
                columns["id"] = None
            place = {"site_id": self.site.id, "thread_id": thread, "comment_id": number}
            self.session.add(Subscription(**place, **columns))
            self.session.flush()

    def _keeps(
        self, row: type[Decision] | type[Subscription], number: int | None, *, is_alone: bool | None = None
    ) -> bool:  # fmt: skip
        """Whether a row may keep its number."""
        is_alone = self.keeps_numbers if is_alone is None else is_alone
        return is_alone and number is not None and self.session.get(row, number) is None


def add_thread_decision(session: Session, thread: Thread, told: Told, staged: Staging) -> None:
    """Write what was done to a thread, unless it is written already."""
    columns = read(ThreadDecision, told)
    if not is_whole(ThreadDecision, columns) or "decided_at" not in columns:
        return
    same = select(ThreadDecision.id).where(
        ThreadDecision.thread_id == thread.id,
        ThreadDecision.deed == columns["deed"],
        ThreadDecision.decided_at == columns["decided_at"],
    )
    if session.scalar(same) is not None:
        return
    columns["facts"] = _with_new_numbers(columns, staged.number_of)
    by = account_of(session, told)
    session.add(
        ThreadDecision(site_id=thread.site_id, thread_id=thread.id, moderator_id=by, **columns)
    )
    session.flush()


def _with_new_numbers(
    columns: Mapping[str, Any], number_of: Callable[[str], int | None]
) -> dict[str, object]:
    """Return a deed's facts with the numbers that comments have here."""
    told = columns.get("facts")
    facts = dict(told) if isinstance(told, dict) else {}
    for name in ("comment", "pinned"):
        if isinstance(facts.get(name), int):
            facts[name] = number_of(str(facts[name]))
    if columns["deed"] == Deed.MERGED and isinstance(facts.get("conversations"), list):
        here = (number_of(str(each)) for each in facts["conversations"])
        facts["conversations"] = [number for number in here if number is not None]
    return facts
