"""What CI runs is what a newcomer is told to run."""

import pytest


def test_ci_runs_the_test_command_of_the_readme(pytestconfig: pytest.Config) -> None:
    root = pytestconfig.rootpath
    script = (root / ".ci" / "run").read_text(encoding="utf-8")
    command = script.partition('readme_line="')[2].partition('"\n')[0]

    assert command in (root / "README.md").read_text(encoding="utf-8").splitlines()
    assert command.endswith("/pytest")
