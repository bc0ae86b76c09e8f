"""Watches a page while hostile texts are shown on it: nothing may run, leave or stay that should not."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Dialog, Page, Request

# What hostile strings call. Where one of these is called, the page remembers.
SENTINEL = """
window.ran = [];
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open'])
  window[name] = (...words) => { ran.push([name, ...words].map(String).join(' ')) };
addEventListener('error', (event) => ran.push('error ' + event.message));
addEventListener('securitypolicyviolation', (event) => ran.push('blocked ' + event.blockedURI));
"""

# The thread's own elements and attributes, without the texts of comments.
FRAME = {
    "a": "aria-current class dir href part rel type",
    "article": "aria-labelledby class data-target id part tabindex",
    "button": "aria-describedby aria-expanded aria-hidden aria-label aria-pressed class form formaction"
    " hidden name part tabindex type value",
    "div": "aria-live class dir id part",
    "form": "action aria-labelledby class id method novalidate part",
    "h2": "class id part tabindex",
    "h3": "class id part",
    "input": "aria-describedby aria-invalid autocomplete class dir id name part required tabindex type value",
    "label": "aria-hidden class for",
    "li": "class",
    "ol": "class",
    "p": "aria-hidden class hidden id role",
    "section": "aria-labelledby class data-* dir id lang part",
    "small": "class id title",
    "span": "class dir hidden id part",
    "textarea": "aria-describedby aria-invalid class dir id name part required rows",
    "time": "datetime title",
}

# What a comment's text may hold; written down once more beside tests/markup/allowed.py for the DOM.
TEXT = {
    **dict.fromkeys(("blockquote", "br", "del", "em", "li", "p", "pre", "strong", "ul"), ""),
    "a": "href rel",
    "code": "class",
    "ol": "start",
}

FIND_FOREIGN = """([boxes, frame, text]) => {
  const foreign = new Set();
  const look = (element, allowed) => {
    const name = element.localName;
    if (element.namespaceURI != 'http://www.w3.org/1999/xhtml' || !(name in allowed))
      return foreign.add('<' + name + '>');
    const known = allowed[name].split(' ');
    for (const { name: attribute, value } of element.attributes) {
      const family = attribute.replace(/-.*/, '-*');
      if (!known.includes(attribute) && !known.includes(family)) foreign.add(`<${name} ${attribute}>`);
      if (/href|action/.test(attribute)
        && !/^(https?:\\/\\/|mailto:|#(comment-\\d+|respond)$|\\/(sites|feeds)\\/)/.test(value))
        foreign.add(`<${name} href="${value}">`);
    }
  };
  for (const box of document.querySelectorAll(boxes))
    for (const element of (box.shadowRoot ?? box).querySelectorAll('*')) {
      if (element.localName == 'slot') continue;
      const body = element.parentElement?.closest('.cb-body');
      look(element, body ? text : frame);
    }
  return [...foreign];
}"""


@dataclass
class Watch:
    """What happened on a page since it was watched."""

    page: Page
    home: tuple[str, ...]
    happened: list[str] = field(default_factory=list)

    @classmethod
    def over(cls, page: Page, *home: str) -> "Watch":
        """Watch a page that may ask only the addresses of its home."""
        watch = cls(page, home)
        page.add_init_script(SENTINEL)
        page.on("dialog", watch._hear_dialog)
        page.on("request", watch._see_request)
        page.on("popup", lambda popup: watch.happened.append(f"popup {popup.url}"))
        page.on("download", lambda download: watch.happened.append(f"download {download.url}"))
        return watch

    def assert_harmless(self) -> None:
        """Nothing ran, nothing was asked for elsewhere, and only what may be there is there."""
        foreign: list[Any] = self.page.evaluate(FIND_FOREIGN, ["comment-box", FRAME, TEXT])
        assert foreign == [], foreign
        ran = self.page.evaluate("ran")
        assert ran == [], ran
        assert self.happened == [], self.happened

    def _hear_dialog(self, dialog: Dialog) -> None:
        self.happened.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _see_request(self, request: Request) -> None:
        if not request.url.startswith((*self.home, "about:blank")):
            self.happened.append(f"request {request.url}")
