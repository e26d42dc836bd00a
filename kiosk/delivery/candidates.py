"""What is known of the modems at this moment, as the dispatcher last wrote it down."""

import dataclasses
from collections import Counter
from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass, field
from typing import Final

from data.database import Database
from data.messages import Message
from data.modems import Modem, ModemState
from data.transmissions import TransmissionState
from data.users import Role
from kiosk.delivery.limits import DAY_MS, HOUR_MS
from kiosk.delivery.networks import UNKNOWN_GROUP
from kiosk.delivery.routing import Candidate, Evidence, guarded
from kiosk.policy import SmsPolicy

# The dispatcher writes every modem's row at least three times within this time; older rows are those of a dead one.
SEEN_MS: Final = 60_000

# Reason codes of our own, beside those of `hardware.modem.reasons`.
NOT_SEEN: Final = "not_seen"
SIM_GUARD: Final = "sim_guard"

# "SMSC address unknown" (27.005 3.2.5).
_LOST_CENTRE: Final = "cms_330"
_RESERVED_ROLES: Final = frozenset({Role.ADMINISTRATOR, Role.TECHNICIAN})
# Where a code may have been on the air; a definite no and a failure before Ctrl-Z used no network.
_ON_THE_AIR: Final = frozenset({TransmissionState.COMMITTED, TransmissionState.SENT, TransmissionState.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What only a dispatcher knows of the modems, by id of the modem's row; elsewhere it is left empty."""

    busy: Collection[str] = frozenset()
    resting: Collection[tuple[str, str]] = frozenset()
    """Pairs of message and modem: the modem failed at the message a moment ago."""
    refusing: Collection[tuple[str, str]] = frozenset()
    """Pairs of message and modem: the modem would fail at this message again."""
    failures_in_a_row: Mapping[str, int] = field(default_factory=dict)


def present_modems(database: Database, now: int) -> list[Modem]:
    """Return the modems of the newest dispatcher; all are DOWN when it has not been heard of for a minute.

    A modem that has been taken out of the configuration is not among them.
    """
    rows = database.modems.all()
    newest = max((row.seen_at for row in rows), default=now)
    present = [row for row in rows if row.seen_at > newest - SEEN_MS]
    if newest > now - SEEN_MS:
        return present
    return [dataclasses.replace(row, state=ModemState.DOWN, reason=NOT_SEEN) for row in present]


class Survey:
    """One look at all modems, or those with a name in `only`, for routing any number of messages at the same moment."""

    def __init__(self, database: Database, policy: SmsPolicy, now: int, *, only: Container[str] | None = None) -> None:
        self._database = database
        self._policy = policy
        self.now: Final = now
        self.modems: Final = [one for one in present_modems(database, now) if only is None or one.name in only]
        self._sent: dict[str, tuple[int, int]] = {}
        self._evidence: dict[str, Evidence] | None = None

    def candidates(self, message: Message, circumstances: Circumstances) -> list[Candidate]:
        """Return every modem as routing of `message` sees it."""
        tries = self._database.transmissions.of_message(message.id)
        failed = {one.modem_id for one in tries if one.state is TransmissionState.NOT_SENT}
        refused = {one.modem_id for one in tries if one.state is TransmissionState.FAILED and one.error != _LOST_CENTRE}
        # The service centre that a modem had lost was written back: once more it may try, since nothing went out.
        lost = Counter(one.modem_id for one in tries if one.error == _LOST_CENTRE)
        refused |= {modem_id for modem_id, times in lost.items() if times > 1}
        return [
            Candidate(
                modem=modem,
                busy=modem.id in circumstances.busy,
                resting=(message.id, modem.id) in circumstances.resting,
                failed=modem.id in failed,
                refused=modem.id in refused or (message.id, modem.id) in circumstances.refusing,
                failures_in_a_row=circumstances.failures_in_a_row.get(modem.id, 0),
                sent_hour=self.sent(modem)[0],
                sent_day=self.sent(modem)[1],
                evidence=self.evidence(modem.network_group or UNKNOWN_GROUP),
            )
            for modem in self.modems
        ]

    def for_people(self, *, reserved: bool) -> list[Modem]:
        """Return the modems; one whose SIM has sent what it may for such people is DOWN with reason SIM_GUARD."""
        return [
            dataclasses.replace(modem, state=ModemState.DOWN, reason=SIM_GUARD)
            if modem.state is ModemState.READY and self.guarded(modem, reserved=reserved)
            else modem
            for modem in self.modems
        ]

    def guarded(self, modem: Modem, *, reserved: bool) -> bool:
        """Whether this modem's SIM has sent what it may for now."""
        return guarded(*self.sent(modem), self._policy, reserved=reserved)

    def sent(self, modem: Modem) -> tuple[int, int]:
        """SMS of this modem's SIM in the last hour and day: a SIM brings its count along, a new one starts at nothing."""
        if modem.id not in self._sent:
            count = self._database.transmissions.per_sim
            self._sent[modem.id] = (
                count(modem.id, modem.iccid, self.now - HOUR_MS),
                count(modem.id, modem.iccid, self.now - DAY_MS),
            )
        return self._sent[modem.id]

    def evidence(self, group: str) -> Evidence:
        """How SMS over this group of networks fared in the last hour."""
        if self._evidence is None:
            self._evidence = {
                row.network_group or UNKNOWN_GROUP: Evidence(
                    arrived=row.sent - row.undelivered, lost=row.failed + row.undelivered + row.unknown
                )
                for row in self._database.transmissions.evidence(self.now - HOUR_MS)
            }
        return self._evidence.get(group, Evidence())


def is_reserved(database: Database, message: Message) -> bool:
    """Whether the message may use the reserve: those of administrators, technicians and the kiosk itself."""
    if message.user_id is None:
        return True
    user = database.users.get(message.user_id)
    return user is not None and user.role in _RESERVED_ROLES


def used_groups(database: Database, challenge_id: str) -> frozenset[str]:
    """Return the groups of networks over which this code may have gone out."""
    return frozenset(
        one.network_group or UNKNOWN_GROUP
        for message in database.messages.of_challenge(challenge_id)
        for one in database.transmissions.of_message(message.id)
        if one.state in _ON_THE_AIR
    )
