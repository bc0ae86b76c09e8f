"""Nouns: the rows and the laws they keep."""

from commentbox.models.address_proof import AddressProof
from commentbox.models.ban import Ban, BanKind
from commentbox.models.comment import Comment, State, TextFormat
from commentbox.models.decision import Change, Decision, Entrance
from commentbox.models.delivery import Attempt, Delivery
from commentbox.models.endpoint import DisabledBecause, Endpoint, Shape
from commentbox.models.erasure import Erasure, ErasureMode
from commentbox.models.event import Event, EventType
from commentbox.models.invitation import Invitation
from commentbox.models.mail import Mail
from commentbox.models.mail_preference import MailPreference, Pace
from commentbox.models.moderator import Membership, Moderator, Role
from commentbox.models.network import NetworkKey
from commentbox.models.outgoing import Outgoing, OutgoingState
from commentbox.models.report import Report
from commentbox.models.sighting import Sighting
from commentbox.models.site import Moderation, Site, SiteOrigin
from commentbox.models.subscription import MailRefusal, Subscription
from commentbox.models.thread import Thread, ThreadAlias
from commentbox.models.thread_decision import Deed, ThreadDecision
from commentbox.models.vote import Vote

__all__ = [
    "AddressProof",
    "Attempt",
    "Ban",
    "BanKind",
    "Change",
    "Comment",
    "Decision",
    "Deed",
    "Delivery",
    "DisabledBecause",
    "Endpoint",
    "Entrance",
    "Erasure",
    "ErasureMode",
    "Event",
    "EventType",
    "Invitation",
    "Mail",
    "MailPreference",
    "MailRefusal",
    "Membership",
    "Moderation",
    "Moderator",
    "NetworkKey",
    "Outgoing",
    "OutgoingState",
    "Pace",
    "Report",
    "Role",
    "Shape",
    "Sighting",
    "Site",
    "SiteOrigin",
    "State",
    "Subscription",
    "TextFormat",
    "Thread",
    "ThreadAlias",
    "ThreadDecision",
    "Vote",
]
