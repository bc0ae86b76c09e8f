"""Files that were made to do harm, or are broken, are refused or survived, with a sentence."""

import gzip
import io
import json
import re
import sqlite3
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from commentbox.transfer.formats import FORMATS, find_format
from commentbox.transfer.record import Found, Record, Remark, Skipped
from commentbox.transfer.source import SourceFile, Unreadable, dump
from commentbox.transfer.source.xml import MAX_DEPTH
from tests.transfer.conftest import MakeFile
from tests.transfer.samples import FOLDER

WXR = (FOLDER / "wordpress.xml").read_bytes()
COMMENTO = (FOLDER / "commento.json").read_bytes()
REMARK42 = (FOLDER / "remark42.jsonl").read_bytes()
BEGUN = WXR[: WXR.index(b"<title>")]
MEGABYTE = 1024 * 1024
NAMES = re.findall(
    r"\w+",
    """id _id objectId commentHex page_key url path pid rid parentHex comment markdown content created
    creationDate insertedAt createdAt created_at like ups vote_up score author comments title""",
)


def read(file: SourceFile, name: str = "") -> tuple[list[Found], str]:
    """Return what is found before the fault, and the sentence about the fault."""
    found: list[Found] = []
    try:
        for each in FORMATS[find_format(file, name)].read(file):
            found.append(each)
    except Unreadable as fault:
        return found, str(fault)
    return found, ""


def with_doctype(declaration: bytes) -> bytes:
    """Return the WordPress sample with a document type."""
    return WXR.replace(b"<rss", declaration + b"<rss", 1)


@pytest.mark.parametrize(
    "declaration",
    [
        b"<!DOCTYPE rss>",
        b'<!DOCTYPE rss SYSTEM "http://127.0.0.1:1/evil.dtd">',
        b'<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_document_types_end_the_reading(make_file: MakeFile, declaration: bytes) -> None:
    found, sentence = read(make_file("a.xml", with_doctype(declaration)), "wordpress")
    assert found == []
    assert sentence.startswith("a.xml, line ")
    assert "document type" in sentence
    assert "<!DOCTYPE" in sentence


def test_an_entity_that_nobody_declared_is_no_text(make_file: MakeFile) -> None:
    found, sentence = read(
        make_file("a.xml", WXR.replace(b"[CDATA[Sehr", b"[CDATA[]]>&x;<![CDATA["))
    )
    assert (found, "not well-formed" in sentence) == ([], True)


def test_nesting_without_end_is_refused_early(make_file: MakeFile) -> None:
    deep = WXR.replace(b"<channel>", b"<channel>" + b"<a>" * 200_000, 1)
    _, sentence = read(make_file("a.xml", deep), "wordpress")
    assert f"more than {MAX_DEPTH} deep" in sentence
    nested = b'{"commentHex": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    for content in (nested, b"[" * 200_000, b'{"comments": [' + nested + b"]}"):
        read(make_file("a.json", content), "commento")
        read(make_file("a.json", content), "remark42")


def test_a_tag_or_a_line_that_does_not_end_fills_no_memory(
    make_file: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bound in ("xml.MAX_TOKEN_BYTES", "json.MAX_LINE_CHARS"):
        monkeypatch.setattr(f"commentbox.transfer.source.{bound}", MEGABYTE)
    endless = {
        "wordpress": BEGUN + b'<a b="' + b"x" * (2 * MEGABYTE),
        "remark42": REMARK42 + b'{"id": "' + b"x" * (2 * MEGABYTE),
        "commento": b'{"comments": [{"html": "' + b"x" * (2 * MEGABYTE),
    }
    for name, content in endless.items():
        _, sentence = read(make_file(name, content), name)
        assert "does not end" in sentence


def test_a_bomb_is_left_packed(make_file: MakeFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commentbox.transfer.source.file.RATIO_COUNTS_FROM_BYTES", MEGABYTE)
    bomb = gzip.compress(BEGUN + b" " * (2 * MEGABYTE), 9)
    _, sentence = read(make_file("a.xml.gz", bomb), "wordpress")
    assert "200 times its size" in sentence
    assert "unpack it first" in sentence
    zipped_bomb = zip_of({"a.xml": BEGUN + b" " * (2 * MEGABYTE)})
    assert "200 times" in read(make_file("bomb.zip", zipped_bomb), "wordpress")[1]


@pytest.mark.parametrize(
    "name", ["wordpress", "disqus", "commento", "remark42", "waline", "artalk"]
)
def test_a_file_that_ends_too_early_says_where_and_keeps_what_came_before(
    make_file: MakeFile, name: str
) -> None:
    sample = next(path for path in FOLDER.glob(f"{name}.*") if "found" not in path.name)
    content = sample.read_bytes()
    whole, fault = read(make_file(sample.name, content), name)
    assert fault == ""
    for cut in range(200, len(content) - 5, max(len(content) // 7, 1)):
        found, sentence = read(make_file(sample.name, content[:cut]), name)
        assert [f for f in found if isinstance(f, Record)] == [
            f for f in whole if isinstance(f, Record)
        ][: len([f for f in found if isinstance(f, Record)])]
        if sentence:  # between two lines of a backup nothing shows that more had been there
            assert sentence.startswith(f"{sample.name}, ")
            assert sentence.endswith("read.")


def test_a_packed_file_that_ends_too_early_keeps_what_came_before(make_file: MakeFile) -> None:
    packed = gzip.compress(REMARK42 * 500)
    found, sentence = read(make_file("backup.gz", packed[: len(packed) // 2]), "remark42")
    assert found
    assert "ends too early" in sentence


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"SQLite format 3\x00" + b"x" * 5000, "SQLite database"),
        (b"SQLite format 3\x00", "SQLite database"),
        (b"", "as a SQLite database|no such table|looks like no format"),
    ],
)
def test_what_is_no_database_is_told_so(make_file: MakeFile, content: bytes, problem: str) -> None:
    with pytest.raises(Exception, match=problem):
        list(
            FORMATS[find_format(make_file("isso.db", content))].read(make_file("isso.db", content))
        )


ISSO = (FOLDER / "isso.sqlite.sql").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        # A view, and a column, that go on for ever.
        (
            "ALTER TABLE comments RENAME TO c2; CREATE VIEW comments AS WITH RECURSIVE n(i) AS "
            "(SELECT 1 UNION ALL SELECT i FROM n) SELECT c2.* FROM n JOIN c2;",
            "prohibited|not authorized",
        ),
        (
            "ALTER TABLE comments ADD COLUMN x TEXT AS (hex(zeroblob(900000000)));",
            "not authorized|too big",
        ),
        ("ALTER TABLE comments RENAME TO c2; CREATE VIRTUAL TABLE comments USING fts5(tid, text);",
         "constructor failed|not authorized"),
        ("UPDATE comments SET text = zeroblob(20000000) WHERE id > 1;", "too big"),
        ("DROP TABLE threads;", "no such table"),
    ],
)  # fmt: skip
def test_a_database_with_a_hostile_schema_runs_nothing(
    make_file: MakeFile, tmp_path: Path, change: str, problem: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "isso.db")) as connection:
        connection.executescript(ISSO + change)
    _, sentence = read(SourceFile(tmp_path / "isso.db"), "isso")
    assert re.search(problem, sentence), sentence


def test_a_packed_database_and_a_zip_are_read(make_file: MakeFile, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "isso.db")) as connection:
        connection.executescript(ISSO)
    whole = read(SourceFile(tmp_path / "isso.db"))[0]
    packed = gzip.compress((tmp_path / "isso.db").read_bytes())
    assert read(make_file("isso.db.gz", packed))[0] == whole
    beside = {"__MACOSX/._blog.xml": b"x", "export/": b"", "export/blog.xml": WXR}
    zipped = zip_of(beside)
    found, sentence = read(make_file("blog.zip", zipped))
    assert (len(found), sentence) == (6, "")
    two = zip_of({"a.xml": WXR, "../b.xml": WXR})
    assert "it holds 2 files" in read(make_file("two.zip", two))[1]
    for cut in (10, len(zipped) // 2, len(zipped) - 10):
        assert "damaged" in read(make_file("cut.zip", zipped[:cut]))[1]
    many = zip_of({f"{number}": b"" for number in range(10_000)})
    assert "damaged" in read(make_file("many.zip", many))[1]


def zip_of(files: dict[str, bytes]) -> bytes:
    """Return a ZIP archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_wrong_encodings_are_read_as_far_as_they_go(make_file: MakeFile) -> None:
    latin = (
        WXR.replace(b'encoding="UTF-8"', b'encoding="ISO-8859-1"')
        .decode()
        .encode("latin-1", "replace")
    )
    found, sentence = read(make_file("a.xml", latin))
    assert sentence == ""
    assert any("Zweite Zeile" in each.text for each in found if isinstance(each, Record))
    lying = make_file(
        "b.xml", "Grüße".join(WXR.decode().split("Sehr", 1)).encode("latin-1", "replace")
    )
    found, sentence = read(lying)
    assert sentence == ""
    assert lying.replaced
    utf16 = WXR.decode().replace("UTF-8", "UTF-16").encode("utf-16")
    found, sentence = read(make_file("c.xml", utf16))
    assert (len(found), sentence) == (6, "")
    assert len(read(make_file("d.json", b"\xef\xbb\xbf" + COMMENTO))[0]) == 3


def test_control_characters_that_xml_forbids_do_not_stop_an_export(make_file: MakeFile) -> None:
    found, sentence = read(make_file("a.xml", WXR.replace(b"Zweite", b"Zwei\x00\x08\x0bte")))
    assert sentence == ""
    assert "Zweite Zeile" in found[0].text  # type: ignore[union-attr]


def test_values_of_any_type_in_any_place_are_survived(make_file: MakeFile) -> None:
    odd: list[object] = [
        None,
        True,
        7,
        1e300,
        -1,
        "",
        "x" * 50,
        [],
        [1],
        {},
        {"a": {}},
        "NaN",
        "9" * 400,
    ]
    keys = {
        "commento": ('{"comments": [%s], "commenters": [%s]}', COMMENTO),
        "waline": ('{"type": "waline", "data": {"Comment": [%s]}}', b""),
        "artalk": ("[%s]", b""),
        "twikoo": ("[%s]", b""),
        "valine": ("[%s]", b""),
        "giscus": ("[%s]", b""),
        "isso": ("[%s]", b""),
    }
    rows = [dict.fromkeys(NAMES, value) for value in odd]
    for format_name, (shape, _) in keys.items():
        items = ", ".join(json.dumps(row) for row in rows)
        content = (shape.replace("%s", items)).encode()
        found, sentence = read(make_file("a.json", content), format_name)
        assert sentence == ""
        assert all(isinstance(each, Record | Skipped | Remark) for each in found)


@pytest.mark.long
def test_memory_does_not_grow_with_the_file(make_file: MakeFile) -> None:
    comment = WXR[WXR.index(b"<wp:comment>") : WXR.index(b"</wp:comment>") + 13]
    head, tail = WXR.split(comment, 1)
    peaks = []
    for count in (100, 1200):
        file = make_file("a.xml", head + comment * count + tail)
        tracemalloc.start()
        assert sum(1 for _ in FORMATS["wordpress"].read(file)) == count + 5
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0] + MEGABYTE


def test_a_file_that_makes_the_parser_of_a_folder_work_is_passed_over(tmp_path: Path) -> None:
    deep = "\n".join(" " * depth + "a:" for depth in range(1400))
    for number, content in enumerate(("[" * 900_000, "{a: " * 200_000, "- " * 400_000, deep)):
        (tmp_path / f"{number}.yml").write_text(f"message: {content}", encoding="utf-8")
    (tmp_path / "9.json").write_text("[" * 200_000, encoding="utf-8")
    found = list(FORMATS["staticman"].read(SourceFile(tmp_path)))
    assert [each.reason for each in found if isinstance(each, Skipped)] == ["unreadable"] * 5


def test_a_dump_whose_lines_look_like_ends_is_read_in_one_go(make_file: MakeFile) -> None:
    lines = "x;\n" * 50_000
    rows = f"INSERT INTO comments VALUES ('1', '{lines}');\n"
    head = 'CREATE TABLE "comments" (\n  "id" text,\n  "by_nickname" text\n);\n'
    file = make_file("dump.sql", (head + rows).encode())
    (row,) = dump.rows(file, "comments")
    assert row == {"id": "1", "by_nickname": lines}


def test_links_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "comments"
    (folder / "a").mkdir(parents=True)
    secret = tmp_path / "secret.yml"
    secret.write_text("message: secret\ndate: 1767261600\n", encoding="utf-8")
    (folder / "a" / "b.yml").symlink_to(secret)
    (folder / "a" / "c.yml").write_text(f"message: &a x\nname: {'*a ' * 3}\n", encoding="utf-8")

    def texts() -> Iterator[str]:
        for each in FORMATS["staticman"].read(SourceFile(folder)):
            yield each.text if isinstance(each, Record) else ""

    assert "secret" not in "".join(texts())
