"""Disqus' export: an XML file of threads, then posts."""

from collections.abc import Iterator

from commentbox.transfer.record import Found, Page, Record, Skipped, StateName
from commentbox.transfer.source import SourceFile, xml
from commentbox.transfer.source.lookup import Lookup
from commentbox.transfer.source.values import is_yes, line, moment

_THREAD = ("id", "link", "title", "isClosed", "isDeleted")
_POST = ("message", "createdAt", "isDeleted", "isSpam", "isApproved", "name", "email", "username")
_KEPT = frozenset(_THREAD) | frozenset(_POST)


def recognises(file: SourceFile) -> bool:
    """Whether a file declares Disqus' namespace."""
    return (
        'xmlns="http://disqus.com"' in file.head_text
        or "//disqus.com/disqus-internals" in file.head_text
    )


def read(file: SourceFile) -> Iterator[Found]:
    """Yield the posts of all threads. Raises Unreadable."""
    with Lookup() as threads:
        facts: dict[str, str] = {}
        path: list[str] = []
        for event in xml.events(file, _KEPT):
            if isinstance(event, xml.Start):
                path.append(event.name)
                _begin(event, path, facts)
                continue
            path.pop()
            if event.name == "thread" and path == ["disqus"]:
                threads[facts["own"]] = dict(facts)
            elif event.name == "post":
                yield _found(facts, threads)
            elif event.name in _KEPT and (event.text or event.name not in facts):
                facts[event.name] = event.text


def _begin(event: xml.Start, path: list[str], facts: dict[str, str]) -> None:
    number = event.attributes.get("dsq:id", "")
    if len(path) == 2:
        facts.clear()
        facts.update(own=number, line=str(event.line))
    elif event.name in ("thread", "parent"):
        facts[event.name] = number


def _found(post: dict[str, str], threads: Lookup) -> Found:
    id, place = post["own"], f"line {post['line']}"
    thread = threads.get(post.get("thread", ""))
    if not id:
        return Skipped(reason="no_id", place=place)
    if is_yes(thread.get("isDeleted")):
        return Skipped(reason="page_deleted", id=id, place=place)
    page = _page(thread)
    if not (page.url or page.key):
        return Skipped(reason="no_page", id=id, place=place)
    state = _state(post)
    # What its author or a moderator deleted there is not brought back.
    is_gone = state == "removed"
    return Record(
        id=id,
        page=page,
        parent=post.get("parent", ""),
        text="" if is_gone else post.get("message", "").strip(),
        text_format="html",
        state=state,
        created_at=moment(post.get("createdAt")),
        name="" if is_gone else line(post.get("name")),
        email="" if is_gone else line(post.get("email")),
        anchor=f"comment-{id}",
        place=place,
    )


def _page(thread: dict[str, str]) -> Page:
    identifier = line(thread.get("id"))
    url = line(thread.get("link"))
    return Page(
        url=url,
        key="" if url else identifier,
        title=line(thread.get("title")),
        is_open=not is_yes(thread.get("isClosed")),
        aliases=(identifier,) if identifier and identifier != url else (),
    )


def _state(post: dict[str, str]) -> StateName:
    if is_yes(post.get("isDeleted")):
        return "removed"
    if is_yes(post.get("isSpam")):
        return "spam"
    return "held" if line(post.get("isApproved")).lower() == "false" else "published"
