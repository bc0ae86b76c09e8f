"""The list of erasures beside the database: what a restore of an older backup must not bring back.

A backup knows only the erasures before it. Where the database itself was lost, the later ones are
here; the list holds digests of addresses, never an address.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from commentbox.db import atomic
from commentbox.models import Erasure, ErasureMode, Site

FILE = "erasures.jsonl"


@dataclass(frozen=True)
class Entry:
    """One erasure on one site."""

    site_key: str
    digest: bytes
    mode: ErasureMode
    at: datetime


@dataclass(frozen=True)
class ErasureList:
    """The list in a folder; a later entry about an address counts more."""

    folder: Path

    def add(self, entry: Entry) -> None:
        """Write an erasure down; it is on disk when this returns."""
        line = {
            "site": entry.site_key,
            "digest": entry.digest.hex(),
            "mode": entry.mode.value,
            "at": entry.at.isoformat(),
        }
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = json.dumps(line).encode("ascii") + b"\n"
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, written)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def entries(self) -> Iterator[Entry]:
        """Yield what was written; a line that was cut by a crash is passed over."""
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                try:
                    told = json.loads(line)
                    yield Entry(
                        told["site"],
                        bytes.fromhex(told["digest"]),
                        ErasureMode(told["mode"]),
                        datetime.fromisoformat(told["at"]),
                    )
                except (ValueError, TypeError, KeyError):
                    continue

    def take_over(self) -> None:
        """Let the database know all of the list, e.g. after a restore."""
        with atomic() as session:
            sites = {site.key: site.id for site in session.scalars(select(Site))}
            for entry in self.entries():
                if entry.site_key in sites:
                    remember(session, sites[entry.site_key], entry)

    @property
    def _path(self) -> Path:
        return self.folder / FILE


def remember(session: Session, site_id: int, entry: Entry) -> None:
    """Keep an erasure in the database, unless a later one of the address is there."""
    same = (Erasure.site_id == site_id, Erasure.digest == entry.digest)
    known = session.scalar(select(Erasure).where(*same))
    if known is None:
        session.add(
            Erasure(site_id=site_id, digest=entry.digest, mode=entry.mode.value, erased_at=entry.at)
        )
        session.flush()
    elif known.erased_at <= entry.at:
        known.mode, known.erased_at = entry.mode.value, entry.at
