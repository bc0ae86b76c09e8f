"""Where the tests find a Chromium, and how they start it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Playwright

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)

USUAL_PLACES = {
    "darwin": (
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ),
    "win32": (
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    ),
}

REMEDIES = (
    "The browser tests found no Chromium. Any one of these helps: "
    "set CHROMIUM_PATH to the program; put chromium or google-chrome on the PATH; "
    "run “playwright install chromium” in the virtual environment; "
    "on Debian, run “apt-get install chromium” as root."
)

INSTALL = (
    ("apt-get", "update"),
    ("apt-get", "install", "--yes", "--no-install-recommends", "chromium"),
)

# Playwright adds its own; it also switches off the sandbox, which root could not use.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    # Nothing that a test does may leave the machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)

PATIENCE_MS = 60_000
"""How long a busy machine may take before a test fails; nothing waits that long when all is well."""


class NoBrowser(Exception):
    """There is no Chromium on this machine; the message names the remedies."""


@dataclass(frozen=True)
class Machine:
    """What the search for a browser looks at, so that a test can give a machine without one."""

    environ: Mapping[str, str]
    usual_places: tuple[str, ...]
    downloaded: Path  # where Playwright puts its own
    can_install: bool  # by Debian's package manager

    @classmethod
    def this_one(cls, playwright: Playwright) -> "Machine":
        """Describe the machine that the tests run on."""
        return cls(
            environ=os.environ,
            usual_places=USUAL_PLACES.get(sys.platform, ()),
            downloaded=Path(playwright.chromium.executable_path),
            can_install=_is_debian_and_we_are_root(),
        )


def launch(playwright: Playwright, program: str) -> Browser:
    """Start a Chromium without a window."""
    return playwright.chromium.launch(executable_path=program, args=FLAGS)


def new_context(browser: Browser, complaints: list[str], **options: Any) -> BrowserContext:
    """Open a fresh profile; what its pages get wrong is added to ``complaints``.

    Nothing moves in it, as a colour that is asked for on its way to another would be neither.
    """
    context = browser.new_context(**{"reduced_motion": "reduce", **options})
    context.set_default_timeout(PATIENCE_MS)

    def hear_console(message: ConsoleMessage) -> None:
        address = message.location["url"]
        # A browser looks for an icon unasked; a blog without one has done nothing wrong.
        if message.type == "error" and not address.endswith("/favicon.ico"):
            complaints.append(f"{message.text} ({address})")

    context.on("console", hear_console)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    return context


def find_chromium(machine: Machine) -> str:
    """Return the path of a Chromium, installed if need be; raises NoBrowser with the remedies."""
    if chosen := machine.environ.get("CHROMIUM_PATH"):
        return _chosen(chosen)
    if found := _on_the_path(machine) or _in_a_usual_place(machine):
        return found
    if machine.can_install:
        return _installed(machine)
    raise NoBrowser(REMEDIES)


def _chosen(path: str) -> str:
    if found := shutil.which(path):
        return found
    raise NoBrowser(f"CHROMIUM_PATH is “{path}”, which is no program: correct or unset it.")


def _on_the_path(machine: Machine) -> str | None:
    path = machine.environ.get("PATH", "")
    found = (shutil.which(name, path=path) for name in NAMES)
    return next(filter(None, found), None)


def _in_a_usual_place(machine: Machine) -> str | None:
    places = (*map(Path, machine.usual_places), machine.downloaded)
    return next((str(place) for place in places if place.is_file()), None)


def _installed(machine: Machine) -> str:
    environ = {**machine.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in INSTALL:
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NoBrowser(f"{REMEDIES} “{' '.join(command)}” failed:\n{done.stdout}{done.stderr}")
    if found := _on_the_path(machine):
        return found
    raise NoBrowser(REMEDIES)


def _is_debian_and_we_are_root() -> bool:
    # Ubuntu's package of this name only points at a snap, which a container cannot run.
    release = Path("/etc/os-release")
    is_debian = release.exists() and "\nID=debian\n" in f"\n{release.read_text('utf-8')}\n"
    return is_debian and os.geteuid() == 0 and shutil.which("apt-get") is not None
