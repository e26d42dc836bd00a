"""What the pages "Geen SMS ontvangen" and UITLEG say, from the standing of the sign-in and the evidence of the outbox."""

from collections.abc import Iterator
from typing import Final

from data.transmissions import Transmission
from kiosk.delivery.routing import other_network
from kiosk.methods.sms import Left, SmsMethod
from kiosk.sign_in.explanation import NetworkEvidence, Situation, explain
from kiosk.sign_in.outcomes import MethodKind, Sentence
from kiosk.sign_in.standing import Standing
from kiosk.sign_in.views import AlternativesView, ExplanationView
from kiosk.sign_in.ways import Ways, other_ways
from kiosk.site import Site

HOUR_MS: Final = 3600 * 1000
_SENT: Final = {Left.NO: "no_sms.not_sent", Left.MAYBE: "no_sms.sent_unknown", Left.YES: "no_sms.sent"}


def alternatives(standing: Standing, ways: Ways) -> AlternativesView:
    """Geen SMS ontvangen."""
    sms = standing.sms
    may_resend = ways.sms_works and (ways.phone is not None if sms is None else sms.may_resend())
    others = other_ways(ways, with_sms=False)
    advice, names_contact = _advice(ways, may_resend=may_resend)
    return AlternativesView(
        sent=None if sms is None else _sent(sms),
        advice=advice,
        names_contact=names_contact,
        resend=sms is not None or ways.phone is not None,
        resend_from=0 if sms is None else sms.resend_from(),
        resend_over=None if sms is None else sms.resend_over()[0],
        resend_searches=sms is not None and sms.searches(),
        ways=others,
    )


def explanation(site: Site, standing: Standing, ways: Ways, *, alternatives_seen: bool) -> ExplanationView:
    """UITLEG."""
    sms = standing.sms
    view = None if sms is None else sms.state()
    over, is_other = (_first_over(site, ways), False) if sms is None else sms.resend_over()
    network = over if view is None or view.network is None else view.network
    evidence = _evidence(site, standing)
    return explain(
        Situation(
            state=None if view is None else view.state,
            left=sms is not None and sms.left() is not Left.NO,
            delivered_at=None if sms is None else sms.delivered_at(),
            network=network,
            other=over if is_other and over != network else None,
            resent_over=view.network if view is not None and view.sends > 1 else None,
            may_resend=sms is None or sms.may_resend(),
            searches=sms is not None and sms.searches(),
            sms_works=ways.sms_works,
            alternatives_seen=alternatives_seen,
            has_backup=ways.backup,
            has_yubikey=ways.yubikey,
            has_app=MethodKind.TOTP in ways.usable,
            evidence=evidence.get(network or ""),
            other_evidence=evidence.get(over or ""),
            help_desk=site.help_desk is not None,
            help_desk_open=site.help_desk_open(),
        )
    )


def _sent(sms: SmsMethod) -> Sentence:
    return Sentence(_SENT[sms.left()], {"tail": sms.phone.number_tail or ""})


def _first_over(site: Site, ways: Ways) -> str | None:
    """Name of the network that a first SMS would take."""
    modem = None if ways.phone is None else other_network(site.outbox.modems(site.clock.now()), ())
    return None if modem is None else modem.network_name or modem.name


def _advice(ways: Ways, *, may_resend: bool) -> tuple[Sentence, bool]:
    usable = ways.usable - {MethodKind.SMS}
    if may_resend:
        has_backup = MethodKind.BACKUP_CODE in usable or ways.temporary
        return Sentence("no_sms.try" if has_backup else "no_sms.try_resend_only"), False
    if usable or ways.temporary:
        return Sentence("no_sms.try_other"), False
    return Sentence("no_sms.try_nothing"), True


def _evidence(site: Site, standing: Standing) -> dict[str, NetworkEvidence]:
    """By network name; what this sign-in sent itself says nothing about others."""
    own = {transmission.id for transmission in _own_transmissions(site, standing)}
    return {
        row.network_name or "": NetworkEvidence(
            delivered=row.delivered,
            not_delivered=row.undelivered + row.failed,
            median_seconds=row.median_seconds,
            last_arrived_at=row.last_arrived_at,
            last_seconds=row.last_seconds,
        )
        for row in site.database.transmissions.evidence(site.clock.now() - HOUR_MS, without=own)
    }


def _own_transmissions(site: Site, standing: Standing) -> Iterator[Transmission]:
    if standing.person is None:
        return
    for message in site.database.messages.of_sign_in(standing.person.sign_in_id):
        yield from site.database.transmissions.of_message(message.id)
