"""How the tests find a browser, and what they do without one."""

from pathlib import Path

import pytest

from tests.browsers import REMEDIES, Machine, NoBrowser, find_chromium


@pytest.fixture
def bin_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


def test_a_machine_without_a_browser_is_told_the_remedies(tmp_path: Path) -> None:
    with pytest.raises(NoBrowser) as refused:
        find_chromium(machine(environ={"PATH": ""}, downloaded=tmp_path / "none"))

    assert str(refused.value) == REMEDIES
    for remedy in ("CHROMIUM_PATH", "PATH", "playwright install", "apt-get install chromium"):
        assert remedy in REMEDIES


def test_a_chosen_program_that_does_not_exist_is_named(elsewhere: Path) -> None:
    with pytest.raises(NoBrowser, match=r"CHROMIUM_PATH is “.*/missing”"):
        find_chromium(machine(environ={"CHROMIUM_PATH": str(elsewhere / "missing")}))


def test_the_chosen_program_comes_before_the_path(bin_folder: Path, elsewhere: Path) -> None:
    put_program(bin_folder, "chromium")
    chosen = put_program(elsewhere, "mine")

    environ = {"CHROMIUM_PATH": chosen, "PATH": str(bin_folder)}
    assert find_chromium(machine(environ)) == chosen


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome", "chrome"])
def test_a_program_on_the_path_is_found(bin_folder: Path, name: str) -> None:
    program = put_program(bin_folder, name)

    assert find_chromium(machine({"PATH": str(bin_folder)})) == program


def test_a_program_in_a_usual_place_is_found(elsewhere: Path) -> None:
    program = put_program(elsewhere, "Google Chrome")

    assert find_chromium(machine({"PATH": ""}, usual_places=(program,))) == program


def test_the_download_of_playwright_is_found(elsewhere: Path) -> None:
    program = put_program(elsewhere, "chrome")

    assert find_chromium(machine({"PATH": ""}, downloaded=Path(program))) == program


def test_root_on_debian_gets_the_package(bin_folder: Path) -> None:
    write_program(
        bin_folder / "apt-get",
        '[ "$1" = install ] || exit 0',
        'for package; do :; done; : > "${0%/*}/$package"; /bin/chmod +x "${0%/*}/$package"',
    )

    found = find_chromium(machine({"PATH": str(bin_folder)}, can_install=True))

    assert found == str(bin_folder / "chromium")


def test_what_a_failed_installation_said_is_told(bin_folder: Path) -> None:
    write_program(bin_folder / "apt-get", "echo 'E: no space left' >&2", "exit 100")

    with pytest.raises(NoBrowser, match="E: no space left"):
        find_chromium(machine({"PATH": str(bin_folder)}, can_install=True))


def machine(
    environ: dict[str, str],
    usual_places: tuple[str, ...] = (),
    downloaded: Path = Path("nowhere"),
    *,
    can_install: bool = False,
) -> Machine:
    return Machine(environ, usual_places, downloaded, can_install)


def put_program(folder: Path, name: str) -> str:
    return write_program(folder / name, "exit 0")


def write_program(path: Path, *lines: str) -> str:
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    path.chmod(0o755)
    return str(path)
