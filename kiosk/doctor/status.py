"""How the kiosk does right now, for monitoring: the checks of what runs, and numbers; fit to be asked every minute."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from data.database import Database
from data.modems import Modem, ModemState
from kiosk.clock import Clock
from kiosk.delivery.candidates import Survey
from kiosk.delivery.routing import allowance
from kiosk.desk import sms_health
from kiosk.desk_status import SmsHealth
from kiosk.doctor import files, house, ports
from kiosk.doctor.facts import Facts
from kiosk.doctor.found import Found, Sign, attention, fault, good, worst
from kiosk.policy import SmsPolicy

# How a machine was set up does not change by itself: that is for `doctor`.
_CHECKS: Final[tuple[Callable[[Facts], Iterator[Found]], ...]] = (
    files.troubles,
    files.database,
    house.audit,
    house.roles,
    files.disk,
    house.last_backup,
    house.clock,
    ports.dispatcher,
    ports.modems,
)


@unique
class State(StrEnum):
    """The whole in one word; the values are the last part of `status.state.*`."""

    GOOD = "good"
    ATTENTION = "attention"
    OUT_OF_SERVICE = "out_of_service"
    """Nobody can sign in, or nobody by SMS where that is offered."""


# Exit codes of `kiosk status`, as monitoring knows them: well, warning, critical.
EXIT_CODES: Final = {State.GOOD: 0, State.ATTENTION: 1, State.OUT_OF_SERVICE: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModemNumbers:
    """One modem; SMS of its SIM in the last hour and day, and how many staff may have sent of each."""

    name: str
    ready: bool
    used_up: bool
    signal_dbm: int | None
    sent_hour: int
    sent_day: int
    allowed_hour: int
    allowed_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What the database counts; `waiting` are SMS in the outbox, `sessions` people who are signed in."""

    sms: SmsHealth
    modems: tuple[ModemNumbers, ...]
    waiting: int
    sessions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """`numbers` is None when the database cannot be read."""

    facts: Facts
    found: tuple[Found, ...]
    numbers: Numbers | None

    @property
    def state(self) -> State:
        """OUT_OF_SERVICE for what keeps people out; a fault elsewhere wants somebody, and the desks work."""
        if self.facts.troubles or any(one.sign is Sign.FAULT and _keeps_people_out(one) for one in self.found):
            return State.OUT_OF_SERVICE
        return State.GOOD if worst(list(self.found)) is Sign.GOOD else State.ATTENTION


def count(database: Database, policy: SmsPolicy, clock: Clock) -> Numbers:
    """Count, as staff are served; raises DataError."""
    now = clock.now()
    survey = Survey(database, policy, now)
    return Numbers(
        sms=sms_health(survey.for_people(reserved=False)),
        modems=tuple(_numbers(survey, modem, policy) for modem in survey.modems),
        waiting=database.messages.waiting(now),
        sessions=len(database.sessions.live()),
    )


def _numbers(survey: Survey, modem: Modem, policy: SmsPolicy) -> ModemNumbers:
    hour, day = survey.sent(modem)
    return ModemNumbers(
        name=modem.name,
        ready=modem.state is ModemState.READY,
        used_up=survey.guarded(modem, reserved=False),
        signal_dbm=modem.signal_dbm,
        sent_hour=hour,
        sent_day=day,
        allowed_hour=allowance(policy.per_sim_hour, policy, reserved=False),
        allowed_day=allowance(policy.per_sim_day, policy, reserved=False),
    )


def _keeps_people_out(found: Found) -> bool:
    # Every sign-in writes a row.
    full = found.check == "disk" and found.values["place"] == "database"
    return full or found.check in {"database", "sms"}


def judge(facts: Facts, numbers: Numbers | None) -> Status:
    """Put it together."""
    found = [one for check in _CHECKS for one in check(facts)]
    if numbers is not None:
        found += _sms(numbers)
    return Status(facts=facts, found=tuple(found), numbers=numbers)


def _sms(numbers: Numbers) -> Iterator[Found]:
    match numbers.sms:
        case SmsHealth.NONE:
            return
        case SmsHealth.READY:
            late = [one.name for one in numbers.modems if one.used_up]
            yield attention("sms", "nearly_used_up", modems=", ".join(late)) if late else good("sms")
        case _:
            yield fault("sms", numbers.sms.value)
