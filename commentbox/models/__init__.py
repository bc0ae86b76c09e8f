"""Nouns: the rows and the laws they keep."""

from commentbox.models.ban import Ban, BanKind
from commentbox.models.comment import Comment, State, TextFormat
from commentbox.models.decision import Change, Decision, Entrance
from commentbox.models.event import Event, EventType
from commentbox.models.mail import Mail
from commentbox.models.moderator import Membership, Moderator, Role
from commentbox.models.network import NetworkKey
from commentbox.models.outgoing import Outgoing, OutgoingState
from commentbox.models.report import Report
from commentbox.models.site import Moderation, Site, SiteOrigin
from commentbox.models.thread import Thread, ThreadAlias
from commentbox.models.thread_decision import Deed, ThreadDecision
from commentbox.models.vote import Vote

__all__ = [
    "Ban",
    "BanKind",
    "Change",
    "Comment",
    "Decision",
    "Deed",
    "Entrance",
    "Event",
    "EventType",
    "Mail",
    "Membership",
    "Moderation",
    "Moderator",
    "NetworkKey",
    "Outgoing",
    "OutgoingState",
    "Report",
    "Role",
    "Site",
    "SiteOrigin",
    "State",
    "TextFormat",
    "Thread",
    "ThreadAlias",
    "ThreadDecision",
    "Vote",
]
