"""Makes the site that an archive brings along, and what belongs to it as a whole."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from commentbox.db import atomic
from commentbox.errors import SetupError
from commentbox.models import (
    Ban,
    BanKind,
    DisabledBecause,
    Endpoint,
    Erasure,
    Event,
    MailRefusal,
    Site,
)
from commentbox.models.endpoint import new_secret
from commentbox.models.policy import POLICY
from commentbox.models.site import KEY_PATTERN, site_with_key
from commentbox.origins import origin_of
from commentbox.transfer.accounts import account_of, add_account
from commentbox.transfer.columns import is_whole, read
from commentbox.transfer.record import SitePolicy
from commentbox.transfer.staging import Staging


def unfit_settings(policy: SitePolicy) -> dict[str, object]:
    """Return what an archive says of settings that no owner could set so: the defaults serve."""
    told, read_ones = policy.kept.columns, read(Site, policy.kept.columns)
    return {
        name: told[name]
        for name, setting in POLICY.items()
        if name in told and not (name in read_ones and setting.fits(read_ones[name]))
    }


def made_site(key: str, policy: SitePolicy, staged: Staging) -> Site:
    """Make a site with an archive's origins, policy, members, bans and webhooks. Raises SetupError.

    Without its ``unfit_settings``: a page of no comments or of two thousand million would be shown
    to nobody.

    Bans of authors come with the comment by which the author is known.
    """
    if not KEY_PATTERN.fullmatch(key):
        raise SetupError(
            "“%(key)s” cannot be a site's key: use a to z, 0 to 9 and hyphens, at most 64.", key=key
        )
    with atomic() as session:
        unfit = unfit_settings(policy)
        columns = {n: each for n, each in read(Site, policy.kept.columns).items() if n not in unfit}
        site = Site(key=key, origins=[], **columns)
        for origin in policy.origins:
            if origin_of(origin) is not None:
                site.add_origin(origin)
        session.add(site)
        session.flush()
        for told in staged.of_site("account"):
            add_account(session, told, site.id)
        for told in staged.of_site("ban"):
            if told.get("kind") != BanKind.AUTHOR:
                add_ban(session, told, site.id)
        for told in staged.of_site("endpoint"):
            _add_endpoint(session, told, site)
        return site


def keep_promises(key: str, staged: Staging) -> None:
    """Keep what was promised to people: no mail to who refused it, nothing of who was erased."""
    with atomic() as session:
        site = site_with_key(session, key)
        for told in staged.of_site("refusal"):
            columns = read(MailRefusal, told)
            if is_whole(MailRefusal, columns):
                session.merge(MailRefusal(site_id=site.id, **columns))
        for told in staged.of_site("erasure"):
            columns = read(Erasure, told)
            if is_whole(Erasure, columns) and not _is_erased(session, site, columns["digest"]):
                session.add(Erasure(site_id=site.id, **columns))


def add_ban(session: Session, told: dict[str, object], site_id: int, value: str = "") -> None:
    """Add a ban that an archive tells, unless there is one; ``value`` is what it names here."""
    columns = read(Ban, told)
    if not is_whole(Ban, columns):
        return
    columns |= {"value": value or columns["value"]}
    same = (Ban.site_id == site_id, Ban.kind == columns["kind"], Ban.value == columns["value"])
    if session.scalar(select(Ban.id).where(*same)) is None:
        session.add(Ban(site_id=site_id, moderator_id=account_of(session, told), **columns))


def _add_endpoint(session: Session, told: dict[str, object], site: Site) -> None:
    """Add a webhook that rests until its owner has told the receiver the new secret."""
    columns = read(Endpoint, told)
    if is_whole(Endpoint, columns):
        session.add(
            Endpoint(
                site_id=site.id,
                site=site,
                secret=new_secret(),
                last_event_before=session.scalar(select(func.max(Event.id))) or 0,
                disabled_because=DisabledBecause.OWNER.value,
                **columns,
            )
        )


def _is_erased(session: Session, site: Site, digest: object) -> bool:
    query = select(Erasure.id).where(Erasure.site_id == site.id, Erasure.digest == digest)
    return session.scalar(query) is not None
