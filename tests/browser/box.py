"""A comment box as a reader finds it: what can be seen, named and pressed."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect


@dataclass(frozen=True)
class Box:
    """One comment box of a page in English; ``element`` is where it stands."""

    page: Page
    element: Locator

    @classmethod
    def of(cls, page: Page, number: int = 0) -> "Box":
        """Return a box of the page, the first unless told otherwise, once its thread is there."""
        box = cls(page, page.locator("comment-box").nth(number))
        expect(box.heading).to_be_visible()
        return box

    @property
    def heading(self) -> Locator:
        """The thread's heading, e.g. “3 comments”."""
        return self.element.locator("#comments")

    @property
    def form(self) -> Locator:
        """The one form."""
        return self.element.locator(".cb-form")

    @property
    def title(self) -> Locator:
        """What the form is for, e.g. “Write a reply to Ada”."""
        return self.form.locator("#cb-title")

    @property
    def text(self) -> Locator:
        """The field of the comment's words."""
        return self.field("Comment")

    @property
    def send(self) -> Locator:
        """The button that sends, whatever it says."""
        return self.form.locator(".cb-submit")

    @property
    def cancel(self) -> Locator:
        """The button that takes the form home."""
        return self.form.get_by_role("button", name="Cancel reply")

    @property
    def remember(self) -> Locator:
        """The box to tick for being remembered."""
        return self.form.get_by_role("checkbox", name="Remember me in this browser")

    @property
    def status(self) -> Locator:
        """The live region that tells what has happened."""
        return self.element.locator(".cb-status")

    @property
    def alert(self) -> Locator:
        """The live region that tells what went wrong."""
        return self.form.locator(".cb-alert")

    @property
    def comments(self) -> Locator:
        """Every comment that is shown."""
        return self.element.locator("article")

    def field(self, label: str) -> Locator:
        """Return a field of the form by its label."""
        return self.form.get_by_label(label, exact=label == "Comment")

    def comment(self, number: int) -> Locator:
        """Return one comment."""
        return self.element.locator(f"#comment-{number}")

    def reply(self, number: int) -> Locator:
        """Return the button that answers a comment."""
        return self.comment(number).get_by_role("button", name="Reply to")

    def form_below(self, number: int) -> Locator:
        """Return the form if it stands right below a comment."""
        return self.element.locator(f"#comment-{number} + #respond .cb-form")

    def form_at_home(self) -> Locator:
        """Return the form if it stands at the end of the thread."""
        return self.element.locator(".cb-home #respond .cb-form")

    def write(self, text: str, **others: str) -> None:
        """Fill in the form, e.g. ``write("Well said!", name="Ada")``."""
        self.text.fill(text)
        for label, value in others.items():
            self.field(label.capitalize()).fill(value)

    def ids(self) -> list[int]:
        """Return the numbers of the comments as they follow each other."""
        ids: list[str] = self.comments.evaluate_all("all => all.map(one => one.id)")
        return [int(name.removeprefix("comment-")) for name in ids]
