"""The status as a file for node_exporter's textfile collector (Prometheus text format 0.0.4), written every minute."""

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from kiosk.desk_status import SmsHealth
from kiosk.doctor.found import EXIT_CODES as NUMBER_OF
from kiosk.doctor.found import worst
from kiosk.doctor.status import EXIT_CODES, Status

log = logging.getLogger("kiosk.monitoring")

EVERY_SECONDS: Final = 60.0
# The collector runs as another account.
_MODE: Final = 0o644

_Samples: TypeAlias = Sequence[tuple[Mapping[str, str], float]]


def render(status: Status) -> str:
    """The whole file; no name of a person and no number of a phone is in it."""
    return "".join(_metric(name, words, samples) for name, words, samples in _metrics(status) if samples)


def _metrics(status: Status) -> Iterator[tuple[str, str, _Samples]]:
    yield "state", "The kiosk as a whole: 0 good, 1 attention, 2 out of service.", _one(EXIT_CODES[status.state])
    checks = {found.check: [one for one in status.found if one.check == found.check] for found in status.found}
    yield (
        "check",
        "The worst of each check: 0 good, 1 attention, 2 fault, 3 unknown.",
        [({"check": name}, NUMBER_OF[worst(found)]) for name, found in checks.items()],
    )
    known, numbers = status.facts.known, status.numbers
    if numbers is not None:
        yield "sms_ready", "Whether staff can get a code by SMS.", _one(numbers.sms is SmsHealth.READY)
        yield "sms_waiting", "SMS in the outbox that are still to be sent.", _one(numbers.waiting)
        yield "sessions", "People who are signed in.", _one(numbers.sessions)
        modems = [({"modem": one.name}, one) for one in numbers.modems]
        yield "modem_ready", "Whether the modem can send.", [(label, one.ready) for label, one in modems]
        yield (
            "modem_used_up",
            "Whether its SIM has sent what staff may send for now.",
            [(label, one.used_up) for label, one in modems],
        )
        yield (
            "modem_signal_dbm",
            "Signal; absent where the modem hears nothing.",
            [(label, one.signal_dbm) for label, one in modems if one.signal_dbm is not None],
        )
        yield (
            "modem_sms",
            "SMS of its SIM in the last hour and day.",
            [
                ({**label, "period": period}, sent)
                for label, one in modems
                for period, sent in (("hour", one.sent_hour), ("day", one.sent_day))
            ],
        )
        yield (
            "modem_sms_allowed",
            "SMS that staff may send over its SIM in an hour and a day.",
            [
                ({**label, "period": period}, allowed)
                for label, one in modems
                for period, allowed in (("hour", one.allowed_hour), ("day", one.allowed_day))
            ],
        )
    if known is not None:
        yield "backup_timestamp_seconds", "When the last back-up was made.", _time(known.kept.backup_at)
        yield "audit_checked_timestamp_seconds", "When the audit log was last found whole.", _time(known.checked_at)
        network = known.times.network
        yield (
            "clock_offset_seconds",
            "Clock of the mobile network minus that of this machine.",
            [] if network is None else _one(network.seconds),
        )
        yield "written_timestamp_seconds", "When this file was written, by the kiosk's own time.", _time(known.now)


def _one(value: float) -> _Samples:
    return [({}, value)]


def _time(at: int | None) -> _Samples:
    return [] if at is None else _one(at / 1000)


def _metric(name: str, words: str, samples: _Samples) -> str:
    lines = [f"# HELP kiosk_{name} {words}", f"# TYPE kiosk_{name} gauge"]
    lines += [f"kiosk_{name}{_labels(labels)} {_number(value)}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.3f}"


def _labels(labels: Mapping[str, str]) -> str:
    written = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{written}}}" if written else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def write(path: Path, text: str) -> None:
    """Put it there at once, so that the collector never reads half of it; raises OSError.

    Of several processes of a machine each writes the same: the last one stands.
    """
    # The collector reads names that end in .prom.
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, _MODE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(descriptor, _MODE)
            file.write(text)
        unfinished.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise


class Reporter:
    """Writes it every minute, in a daemon thread of its own; without `path` (None) it does nothing."""

    def __init__(self, path: Path | None, look: Callable[[], Status]) -> None:
        self._path = path
        self._look = look
        self._stopping = threading.Event()
        self._failed = ""
        self._thread = threading.Thread(target=self._run, name="monitoring", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        if self._path is not None:
            self._thread.start()

    def stop(self, seconds: float) -> None:
        """End the thread within so many seconds."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        assert self._path is not None
        while True:
            self.report(self._path)
            if self._stopping.wait(EVERY_SECONDS):
                return

    def report(self, path: Path) -> None:
        """Write it now; what keeps it from that is logged once until it goes again."""
        try:
            write(path, render(self._look()))
        except OSError as error:
            failed = error.strerror or type(error).__name__
            if failed != self._failed:
                log.warning("the file for monitoring cannot be written: %s", failed)
            self._failed = failed
        except Exception:
            # A mistake of ours; what Python says of a thread that dies would stand across the page.
            log.exception("the file for monitoring cannot be made")
        else:
            self._failed = ""
