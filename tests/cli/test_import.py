"""Conversations of other engines come by command."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, told

SAMPLES = Path(__file__).parents[1] / "samples" / "transfer"
WORDPRESS = str(SAMPLES / "wordpress.xml")


@pytest.fixture(autouse=True)
def _site(cli: Cli) -> None:
    cli("site", "add", "blog", "--origin", "https://blog.example")


def test_the_report_says_what_came_and_what_did_not(cli: Cli) -> None:
    result = cli("import", WORDPRESS, "--site", "blog")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "wordpress.xml: WordPress (WXR), into the site “blog” as “wordpress”",
        "  6 read: 4 new, 0 known already, 2 skipped",
        "  new: 1 held, 1 published, 1 removed, 1 spam",
        "  pages created: 1",
        "    /2026/01/kaffee, a new page: 4",
        "  skipped: 1 × a note of the shop or of a plugin, not for readers: 12 (line 91)",
        "  skipped: 1 × a pingback: 11 (line 75)",
    ]


def test_a_second_run_says_that_all_is_known(cli: Cli) -> None:
    cli("import", WORDPRESS, "--site", "blog")
    assert "0 new, 4 known already" in cli("import", WORDPRESS, "--site", "blog").output


def test_several_files_come_by_one_command_and_can_be_taken_back(cli: Cli) -> None:
    result = cli("import", WORDPRESS, str(SAMPLES / "disqus.xml"), "--site", "blog")
    assert "wordpress.xml: WordPress" in result.output
    assert "disqus.xml: Disqus" in result.output
    back = ("retract", "wordpress", "--site", "blog")
    assert "4 comments would be deleted" in cli(*back, "--dry-run").output
    assert "4 comments and" in cli(*back).output
    assert "4 new" in cli("import", WORDPRESS, "--site", "blog").output


def test_a_dry_run_writes_nothing_and_scripts_can_read_it(cli: Cli) -> None:
    dry = json.loads(cli("import", WORDPRESS, "--site", "blog", "--dry-run", "--json").stdout)
    wet = json.loads(cli("import", WORDPRESS, "--site", "blog", "--json").stdout)
    assert dry["new"] == 4
    assert wet == dry | {"dry_run": False}


def test_a_fault_is_one_sentence_after_the_report(cli: Cli, tmp_path: Path) -> None:
    cut = tmp_path / "cut.xml"
    cut.write_bytes(Path(WORDPRESS).read_bytes()[:3048])
    result = cli("import", str(cut), "--site", "blog")
    assert result.exit_code == 1
    assert "2 read: 2 new" in result.stdout
    assert result.stderr == (
        "Error: cut.xml, line 63: the file ends too early inside <wp:comment_approved>. "
        "Export it again, or mend that line; what comes before it is read.\n"
    )
    assert "2 new, 2 known" in cli("import", WORDPRESS, "--site", "blog").output


def test_rules_lead_to_where_pages_are_now(cli: Cli, tmp_path: Path) -> None:
    rules = tmp_path / "rules.txt"
    rules.write_text("/2026/01/ -> /notizen/\n", encoding="utf-8")
    cli("import", WORDPRESS, "--site", "blog", "--rules", str(rules))
    render = ("render", "--site", "blog", "--page", "/notizen/kaffee/")
    public = {"COMMENTBOX_PUBLIC_URL": "https://comments.example"}
    assert "Sehr <em>gut</em>" in cli(*render, **public).output
    rules.write_text("/2026/01/ /notizen/\n", encoding="utf-8")
    sentence = told(cli("import", WORDPRESS, "--site", "blog", "--rules", str(rules)))
    assert "rules.txt, line 1" in sentence
    assert "old-prefix -> new-prefix" in sentence


def test_an_unknown_site_and_an_unknown_format_name_the_remedy(cli: Cli, tmp_path: Path) -> None:
    assert "site add" in told(cli("import", WORDPRESS, "--site", "nowhere"))
    diary = tmp_path / "diary.txt"
    diary.write_text("Dear diary", encoding="utf-8")
    assert "name its format" in told(cli("import", str(diary), "--site", "blog"))


def test_the_report_and_what_is_wrong_are_told_in_the_terminals_language(
    cli: Cli, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.xml"
    cut.write_bytes(Path(WORDPRESS).read_bytes()[:3048])
    result = cli("import", str(cut), "--site", "blog", LC_ALL="", LANG="de_DE.UTF-8")
    assert "2 gelesen: 2 neu, 0 schon bekannt, 0 ausgelassen" in result.stdout
    assert (
        "cut.xml, Zeile 63: die Datei endet zu früh, mitten in <wp:comment_approved>"
        in result.stderr
    )
