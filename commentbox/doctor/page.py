"""A page as a reader's browser meets it: is the snippet there, and may it do its work?"""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote, unquote, urlencode, urljoin, urlsplit

from sqlalchemy import select

from commentbox.db import session
from commentbox.doctor.boxes import Box, PageReader, Script
from commentbox.doctor.csp import forbids
from commentbox.doctor.finding import Finding, good, wrong
from commentbox.models import Site
from commentbox.origins import origin_of
from commentbox.outbound import Answer, Client, Request, Trouble

PAGE_MAX_BYTES = 2_000_000
REDIRECTS_MAX = 5
SUBJECT = "page"


def examine_page(url: str, service: str, client: Client) -> Iterator[Finding]:
    """Look a page over; ``service`` is where ours is, e.g. ``https://comments.example.org``.

    ``service`` is empty where nobody has said it.
    """
    fetched = _fetched(url, replace(client, body_max_bytes=PAGE_MAX_BYTES))
    if isinstance(fetched, Finding):
        yield fetched
        return
    address, answer = fetched
    page = PageReader(address)
    page.policies.append(answer.headers.get("content-security-policy", ""))
    page.feed(answer.body.decode("utf-8", "replace"))
    page.close()
    if not page.scripts:
        yield wrong(
            SUBJECT,
            f"No script tag at {address} loads the embed: paste the snippet that “commentbox site "
            "add” prints and the dashboard shows, and empty the caches of blog and theme.",
        )
        return
    for script in page.scripts:
        yield from _script(script, page, address, service, client)
    if not page.boxes:
        yield wrong(
            SUBJECT,
            "The embed is loaded and nothing says which site's comments it is to show: give the "
            "script tag data-site, or place <comment-box site=…>.",
        )
    for box in page.boxes:
        yield from _box(box, page.scripts[0], address, client)


def _fetched(url: str, client: Client) -> tuple[str, Answer] | Finding:
    """Return where a page was found in the end, and the answer; or what went wrong."""
    if origin_of(url) is None:
        return wrong(
            SUBJECT, f"“{url}” is no address: write it like https://blog.example.org/post/."
        )
    address = _written(url)
    for _ in range(REDIRECTS_MAX + 1):
        try:
            answer = client.send(Request(address, method="GET"))
        except Trouble as trouble:
            reason = trouble.problem.value.replace("_", " ")
            return wrong(
                SUBJECT, f"{address} cannot be fetched ({reason}): see that it opens in a browser."
            )
        if not (300 <= answer.status < 400 and "location" in answer.headers):
            break
        address = _written(urljoin(address, answer.headers["location"]))
    if answer.status != 200 or "html" not in answer.headers.get("content-type", ""):
        return wrong(
            SUBJECT,
            f"{address} is no page to look at (status {answer.status}): name the address of a page "
            "with comments.",
        )
    return address, answer


def _written(url: str) -> str:
    """Return an address as browsers write it: nothing but ASCII, and without a fragment."""
    parts = urlsplit(url)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    query = "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~?") if parts.query else ""
    return (origin_of(url) or "") + path + query


def _script(
    script: Script, page: PageReader, address: str, service: str, client: Client
) -> Iterator[Finding]:
    if not script.runs:
        yield wrong(
            SUBJECT,
            f"The script tag says type “{script.type}”, so browsers do not run it: an optimiser or a "
            "consent tool holds it back. commentbox sets no cookie: except it there.",
        )
    if urlsplit(address).scheme == "https" and urlsplit(script.url).scheme == "http":
        yield wrong(
            SUBJECT,
            f"A page of https may load nothing from {script.url}: let the service be reached by "
            "https, and renew the snippet.",
        )
    if service and script.service != service:
        yield wrong(
            SUBJECT,
            f"The page loads the embed from {script.service}, and this service is {service}: renew "
            "the snippet, or mend COMMENTBOX_PUBLIC_URL.",
        )
    if forbids(page.policies, "script-src", script.url, address, script.nonce):
        yield _policy("script-src", script)
    if forbids(page.policies, "connect-src", f"{script.service}/embed/", address):
        yield _policy("connect-src", script)
    try:
        answer = client.send(Request(script.url, method="GET"))
    except Trouble as trouble:
        yield wrong(
            SUBJECT,
            f"{script.url} cannot be fetched ({trouble.problem.value.replace('_', ' ')}): see that "
            "the service runs and is reached from outside.",
        )
        return
    if answer.status == 200 and "javascript" in answer.headers.get("content-type", ""):
        yield good(SUBJECT, f"The embed is at {script.url}.")
    else:
        yield wrong(
            SUBJECT,
            f"{script.url} is not the embed (status {answer.status}): renew the snippet.",
        )


def _policy(directive: str, script: Script) -> Finding:
    allowed = origin_of(script.service) or script.service
    return wrong(
        SUBJECT,
        f"The page's Content-Security-Policy keeps the embed out: add {allowed} to its {directive}.",
    )


def _box(box: Box, script: Script, address: str, client: Client) -> Iterator[Finding]:
    site = session().scalar(select(Site).where(Site.key == box.site))
    if site is None:
        yield wrong(
            SUBJECT,
            f"The page asks for the site “{box.site}”, which is not here: “commentbox site list” "
            "tells which there are.",
        )
        return
    origin = origin_of(address) or ""
    if not site.has_origin(origin):
        yield wrong(
            SUBJECT,
            f"{origin} is no origin of the site “{site.key}”, so nobody can write there: “commentbox "
            f"site add {site.key} --origin {origin}”.",
        )
        return
    query = urlencode({"page": box.page or unquote(urlsplit(address).path), "url": address})
    thread = f"{script.service}/embed/{site.key}/thread?{query}"
    try:
        answer = client.send(Request(thread, headers={"Origin": origin}, method="GET"))
    except Trouble:
        return  # the script's own finding says so
    if answer.status == 200 and answer.headers.get("access-control-allow-origin") == "*":
        yield good(SUBJECT, f"The thread of “{site.key}” is shown at {address}.")
    else:
        yield wrong(
            SUBJECT,
            f"The thread is refused (status {answer.status} at {thread}): see what the dashboard "
            "says below “Is it installed right?”.",
        )
