"""The dashboard, where moderators sign in and decide; plain pages that need no script."""

from commentbox.web.dashboard.blueprint import make_dashboard

__all__ = ["make_dashboard"]
