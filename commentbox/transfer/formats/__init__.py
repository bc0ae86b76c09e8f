"""Every format that can be imported, one file each; the first that recognises a file reads it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from commentbox.errors import SetupError
from commentbox.transfer.formats import (
    archive,
    artalk,
    commento,
    cusdis,
    disqus,
    giscus,
    hashover,
    isso,
    remark42,
    staticman,
    twikoo,
    waline,
    wxr,
)
from commentbox.transfer.record import Found
from commentbox.transfer.source import SourceFile


@dataclass(frozen=True)
class Format:
    """How a format is called, told apart and read."""

    title: str  # as people know it
    recognises: Callable[[SourceFile], bool]
    read: Callable[[SourceFile], Iterator[Found]]


class UnknownFormat(SetupError):
    """A format was asked for that nobody reads here."""

    message = "There is no format “%(name)s”: use one of %(known)s."


class NoFormat(SetupError):
    """No format recognises a file."""

    message = (
        "%(file)s looks like no format that can be imported: name its format, one of %(known)s."
    )


ARCHIVE = "commentbox"

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        ARCHIVE: Format("commentbox (archive)", archive.recognises, archive.read),
        "wordpress": Format("WordPress (WXR)", wxr.recognises, wxr.read),
        "disqus": Format("Disqus", disqus.recognises, disqus.read),
        "isso": Format("Isso", isso.recognises, isso.read),
        "cusdis": Format("Cusdis", cusdis.recognises, cusdis.read),
        "waline": Format("Waline", waline.recognises, waline.read),
        "remark42": Format("Remark42", remark42.recognises, remark42.read),
        "artalk": Format("Artalk (Artrans)", artalk.recognises, artalk.read),
        "commento": Format("Commento", commento.recognises, commento.read),
        "comentario": Format(
            "Comentario", commento.recognises_comentario, commento.read_comentario
        ),
        "twikoo": Format("Twikoo", twikoo.recognises, twikoo.read),
        "valine": Format("Valine (LeanCloud)", waline.recognises_valine, waline.read_valine),
        "hashover": Format("HashOver", hashover.recognises, hashover.read),
        "staticman": Format("Staticman", staticman.recognises, staticman.read),
        "giscus": Format("giscus (GitHub Discussions)", giscus.recognises, giscus.read),
    }
)
"""By the name that ``--format`` takes and that imported comments remember as their source."""


def find_format(file: SourceFile, name: str = "") -> str:
    """Return the name of a file's format, or the one that was asked for. Raises SetupError."""
    if name and name not in FORMATS:
        raise UnknownFormat(name=name, known=", ".join(FORMATS))
    found = name or next((key for key, each in FORMATS.items() if each.recognises(file)), "")
    if not found:
        raise NoFormat(file=file.name, known=", ".join(FORMATS))
    return found
