"""Audit log, clock, back-ups and the people who must be able to mend things."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from data.audit_check import HeadState
from kiosk.clock import ClockHealth
from kiosk.doctor.facts import ENOUGH_ADMINISTRATORS, Facts, Known
from kiosk.doctor.found import Found, attention, fault, good
from kiosk.methods.totp import STEP_SECONDS
from kiosk.technician.setting_clock import SOCKET

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS
# The log is checked every night; a machine that was off makes up for it.
_CHECKED_WITHIN_MS: Final = 2 * _DAY_MS
# A restore that nobody has tried for half a year is a hope.
_REHEARSED_WITHIN_MS: Final = 183 * _DAY_MS
# An authenticator app is accepted up to one step of the clock beside its own.
_NEARLY_OFF_SECONDS: Final = STEP_SECONDS / 2
# Written by `kiosk install`; without it whoever started the kiosk has rights of their own, or none.
_INSTALLED: Final = Path("/etc/systemd/system/kiosk-terminal@.service")
_HEADS: Final = {HeadState.NO_HEAD: "no_head", HeadState.OLD_COPY: "old_copy", HeadState.MISSING_LAST: "missing_last"}


def audit(facts: Facts) -> Iterator[Found]:
    """The log fits the head beside the key, and was found whole lately."""
    known = facts.known
    if known is None:
        return
    if known.head is None:
        yield fault("audit", "head_unreadable")
    elif known.head in _HEADS:
        yield fault("audit", _HEADS[known.head])
    elif known.checked_at is None:
        yield attention("audit", "never_checked")
    elif known.now - known.checked_at > _CHECKED_WITHIN_MS:
        yield attention("audit", "not_checked", days=(known.now - known.checked_at) // _DAY_MS)
    else:
        yield good("audit", hours=(known.now - known.checked_at) // _HOUR_MS)


def clock(facts: Facts) -> Iterator[Found]:
    """The clock of this machine is believed, and others agree with it; without a network nothing sets it, which is normal."""
    known = facts.known
    if known is None:
        return
    if known.health is not ClockHealth.OK:
        yield fault("clock", known.health.value)
    elif known.times.machine_off is not None:
        yield fault("clock", "network", seconds=f"{known.times.machine_off.seconds:+.0f}")
    elif known.phones.desk_is_off:
        yield fault("clock", "phones", people=known.phones.people, seconds=(known.phones.steps or 0) * STEP_SECONDS)
    elif (network := known.times.network) is not None and abs(network.seconds) > _NEARLY_OFF_SECONDS:
        yield attention("clock", "drifts", seconds=f"{network.seconds:+.0f}")
    elif known.thorough and "NTPSynchronized=yes" in facts.machine.answer(
        "timedatectl", "show", "-p", "NTPSynchronized"
    ):
        yield good("clock", "ntp")
    elif network is not None:
        yield good("clock", "agrees", seconds=f"{network.seconds:+.1f}")
    else:
        yield good("clock", "alone")


def clock_right(facts: Facts) -> Iterator[Found]:
    """On a machine that `kiosk install` set up, the technician's page can put the clock right."""
    if facts.machine.file(_INSTALLED) is None:
        return
    yield good("clock_right") if facts.machine.file(SOCKET) is not None else attention("clock_right", "none")


def last_backup(facts: Facts) -> Iterator[Found]:
    """One was made lately."""
    if facts.config is not None and facts.known is not None:
        yield _last_backup(facts, facts.known)


def rehearsal(facts: Facts) -> Iterator[Found]:
    """Somebody tried to put one back, and the key lies on paper."""
    if facts.config is None or facts.known is None:
        return
    kept, now = facts.known.kept, facts.known.now
    if kept.backup_at is not None:
        if kept.rehearsed_at is None:
            yield attention("rehearsal", "never")
        elif now - kept.rehearsed_at > _REHEARSED_WITHIN_MS:
            yield attention("rehearsal", "old", days=(now - kept.rehearsed_at) // _DAY_MS)
        else:
            yield good("rehearsal", days=(now - kept.rehearsed_at) // _DAY_MS)
    yield good("key_on_paper") if kept.key_on_paper else attention("key_on_paper", "none")


def _last_backup(facts: Facts, known: Known) -> Found:
    assert facts.config is not None
    settings, made_at = facts.config.backup, known.kept.backup_at
    age_ms = None if made_at is None else known.now - made_at
    overdue_ms = settings.overdue_hours * _HOUR_MS
    if settings.directory is None:
        if age_ms is None:
            return attention("backup", "none")
        return (
            attention("backup", "by_hand", days=age_ms // _DAY_MS)
            if age_ms > overdue_ms
            else good("backup", hours=age_ms // _HOUR_MS)
        )
    if facts.machine.file(settings.directory) is None:
        return fault("backup", "place_missing", path=str(settings.directory))
    if age_ms is None:
        waits = known.expected_since is None or known.now - known.expected_since < overdue_ms
        return attention("backup", "not_yet") if waits else fault("backup", "never")
    if age_ms > overdue_ms:
        return fault("backup", "overdue", hours=age_ms // _HOUR_MS)
    return good("backup", hours=age_ms // _HOUR_MS)


def roles(facts: Facts) -> Iterator[Found]:
    """Nobody waits for a role that was taken away because an older database was put in; that nobody may have noticed."""
    known = facts.known
    if known is not None and known.suspended:
        yield attention("roles", "suspended", number=len(known.suspended), names=", ".join(known.suspended))


def people(facts: Facts) -> Iterator[Found]:
    """Whoever mends a dead modem can sign in without it, and there are two of those, or one and a sealed code (DESIGN §6)."""
    known = facts.known
    if known is None:
        return
    if known.only_sms:
        yield fault("only_sms", "some", number=len(known.only_sms), names=", ".join(known.only_sms))
    else:
        yield good("only_sms")
    if known.administrators == 0:
        yield fault("administrators", "none")
    elif known.administrators < ENOUGH_ADMINISTRATORS:
        yield good("administrators", "break_glass") if known.break_glass else attention("administrators", "one")
    else:
        yield good("administrators", number=known.administrators)
