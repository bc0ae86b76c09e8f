"""A gate before the service, to see a page while it waits for an answer."""

from dataclasses import dataclass, field

from playwright.sync_api import Page, Route


@dataclass
class Gate:
    """Holds requests of a page back until it is opened."""

    held: list[Route] = field(default_factory=list)
    is_open: bool = False
    met: int = 0  # how many requests have come

    @classmethod
    def on(cls, page: Page, pattern: str) -> "Gate":
        """Close the way for addresses of this pattern."""
        gate = cls()
        page.route(pattern, gate._meet)
        return gate

    def open(self) -> None:
        """Let go on what was held, and all that comes."""
        self.is_open = True
        while self.held:
            self.held.pop(0).continue_()

    def _meet(self, route: Route) -> None:
        self.met += 1
        if self.is_open:
            route.continue_()
        else:
            self.held.append(route)
