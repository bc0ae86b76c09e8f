"""What the views of one app share: its settings, database, signatures and limits."""

from dataclasses import dataclass
from typing import cast

from flask import current_app, request

from commentbox.db import Database
from commentbox.settings import Settings
from commentbox.web.front import Front
from commentbox.web.identity import Signatures
from commentbox.web.known_sites import KnownSites
from commentbox.web.limits import Limits


@dataclass(frozen=True)
class Engine:
    """One commentbox in one Flask app, found at ``app.extensions["commentbox"]``."""

    settings: Settings
    database: Database
    signatures: Signatures
    limits: Limits
    front: Front
    sites: KnownSites


def current_engine() -> Engine:
    """Return the engine of the current app."""
    return cast(Engine, current_app.extensions["commentbox"])


def public_origin() -> str:
    """Return the service's origin as readers know it, e.g. ``https://comments.example.org``."""
    return current_engine().settings.public_url or request.host_url.rstrip("/")


def mount_path() -> str:
    """Return the path below which the engine is mounted, e.g. ``"/comments"`` or ``""``."""
    blueprint = current_app.blueprints["commentbox"]
    return request.script_root + (blueprint.url_prefix or "")
