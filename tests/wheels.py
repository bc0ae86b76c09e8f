"""Where the programs lie that wheels bring along."""

from importlib.util import find_spec
from pathlib import Path


def installed_package(name: str, remedy: str) -> Path:
    """Return the folder of a package without importing it; raises RuntimeError with the remedy."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(remedy)
    return Path(spec.origin).parent
