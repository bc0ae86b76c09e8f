"""Archives, backups and requests for personal data, by command."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, told

SAMPLE = str(Path(__file__).parents[1] / "samples" / "transfer" / "wordpress.xml")


@pytest.fixture(autouse=True)
def _comments(cli: Cli, _connections_end: None) -> None:
    cli("site", "add", "blog", "--origin", "https://blog.example")
    cli("import", SAMPLE, "--site", "blog")


@pytest.mark.long
def test_an_archive_goes_out_and_comes_back(cli: Cli, tmp_path: Path) -> None:
    archive = str(tmp_path / "blog.gz")
    assert "4 comments" in cli("export", archive, "--site", "blog").output
    assert "0 new, 4 known" in cli("import", archive, "--site", "blog").output
    assert "4 new" in cli("import", archive, "--site", "copy").output
    table = tmp_path / "blog.csv"
    assert "4 comments" in cli("export", str(table), "--site", "blog", "--csv").output
    assert table.read_text(encoding="utf-8").startswith("id,page,")
    assert "nowhere" in told(cli("export", archive, "--site", "nowhere"))


@pytest.mark.long
def test_a_backup_is_put_back_only_when_told_so(cli: Cli, tmp_path: Path) -> None:
    backup = str(tmp_path / "backup.gz")
    assert "4 comments" in cli("backup", backup).output
    assert "--force" in told(cli("restore", backup))
    cli("person", "erase", "ben@example.org", "--site", "blog", "--mode", "delete")
    answer = cli("restore", backup, "--force").output
    assert "4 comments" in answer
    assert "1 of them had been erased" in answer
    assert cli("person", "erase-again").output.startswith("0 comments")


@pytest.mark.long
def test_a_restore_knows_erasures_of_a_database_that_was_lost(
    cli: Cli, tmp_path: Path, data_dir: Path
) -> None:
    backup = str(tmp_path / "backup.gz")
    cli("backup", backup)
    cli("person", "erase", "ben@example.org", "--site", "blog", "--mode", "delete")
    for file in data_dir.glob("commentbox.sqlite3*"):
        file.unlink()
    cli("upgrade")
    assert "1 of them had been erased" in cli("restore", backup).output


def test_somebody_is_shown_what_is_kept_and_forgotten(cli: Cli) -> None:
    who = ("ben@example.org", "--site", "blog")
    data = json.loads(cli("person", "export", *who).output)
    assert [comment["name"] for comment in data["comments"]] == ["Ben & Co"]
    assert "1 comments" in cli("person", "erase", *who, "--mode", "anonymise").output
    assert json.loads(cli("person", "export", *who).output)["comments"] == []
