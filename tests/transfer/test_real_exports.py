"""Exports that the engines themselves wrote, and that other importers are tested with, are read."""

from collections import Counter
from pathlib import Path

import pytest

from commentbox.transfer.formats import FORMATS, find_format
from commentbox.transfer.record import Record, Skipped
from commentbox.transfer.source import SourceFile, Unreadable

PUBLISHED, HELD, SPAM, REMOVED = "published", "held", "spam", "removed"


@pytest.mark.parametrize(
    ("name", "format_name", "found", "is_whole"),
    [
        ("wxr/isso-wordpress.xml", "wordpress", {PUBLISHED: 8}, True),
        ("wxr/remark42-wordpress.xml", "wordpress", {PUBLISHED: 2, HELD: 1, "pingback": 1}, True),
        ("wxr/small-export.xml", "wordpress", {PUBLISHED: 1}, True),
        ("wxr/theme-unit-test-data.xml", "wordpress",
         {PUBLISHED: 26, HELD: 3, "trackback": 2, "pingback": 2}, True),
        ("wxr/valid-wxr-1.0.xml", "wordpress", {PUBLISHED: 1}, True),
        ("wxr/malformed.xml", "wordpress", {}, False),
        ("disqus/isso-disqus.xml", "disqus", {PUBLISHED: 4, REMOVED: 1, "no_page": 1}, True),
        ("disqus/remark42-disqus.xml", "disqus", {PUBLISHED: 3, SPAM: 1, "no_id": 1}, False),
        ("isso/generic.json", "isso", {PUBLISHED: 2}, True),
        ("commento/remark42-commento.json", "commento", {PUBLISHED: 3}, True),
        ("comentario/comentario-ok-single-v1.json.gz", "commento", {PUBLISHED: 1}, True),
        ("comentario/comentario-ok-single-v3.json.gz", "comentario", {PUBLISHED: 1}, True),
        ("remark42/backup-v1.jsonl.gz", "remark42", {PUBLISHED: 2}, True),
    ],
)  # fmt: skip
def test_a_real_export_is_read(
    corpora: Path, name: str, format_name: str, found: dict[str, int], is_whole: bool
) -> None:
    file = SourceFile(corpora / name)
    assert find_format(file) == format_name
    told: Counter[str] = Counter()
    fault = None
    try:
        for each in FORMATS[format_name].read(file):
            if isinstance(each, Record):
                told[each.state] += 1
                assert each.created_at is not None
            elif isinstance(each, Skipped):
                told[each.reason] += 1
    except Unreadable as error:
        fault = error
    assert told == found
    assert (fault is None) is is_whole
