"""What one SMS costs on the line and beyond the modem's own time, and how soon an opened port can send."""

import dataclasses
import re
import shutil
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import serial

from data.database import Database
from data.messages import MessageKind, MessageState
from hardware.modem.jobs import Sent, SmsJob
from hardware.modem.owner import ModemOwner
from hardware.modem.refused_pins import RefusedPinsFile
from hardware.modem.settings import ModemSettings
from hardware.modem.status import ModemState, ModemStatus
from hardware.serial_line import SerialLine
from kiosk.commands.backstage import modem_settings
from kiosk.commands.driving import make_dispatcher
from kiosk.commands.site import Premises
from kiosk.delivery.doorbell import Doorbell, Waker
from kiosk.delivery.outbox import Outbox
from tests.bench.daemons import measure_daemons
from tests.bench.measurement import Baseline, Measurement, Of, Target, milliseconds
from tests.bench.modem import CTRL_Z, ModemProcess, Traffic, answers, commands, each_sms, modem_seconds, octets_to_modem
from tests.bench.place import Place, phone_of, temporary_directory

NUMBER: Final = phone_of(0)
TEXT: Final = "Receptie Noord: uw code is 482913"
SMS: Final = 60
OPENINGS: Final = 5
DEADLINE: Final = 30.0
GAMMU: Final = "gammu"
GAMMU_SMS: Final = 2
_PDU: Final = re.compile(rb"AT\+CMGS=([0-9]+)\r([0-9A-F]+)\x1a")


@dataclasses.dataclass(frozen=True, slots=True)
class Cost:
    """Of some SMS that one program sent: octets and commands in all, and seconds above the modem's own time of each."""

    commands: int
    octets: int
    above: list[float]


def measure() -> Iterator[Measurement]:
    """The engine alone, the way through the outbox, opening a port."""
    with temporary_directory() as directory, ModemProcess(directory) as modem:
        ours, traffic = _by_owner(modem, directory)
        length, pdu = _pdu_of(traffic)
        least = _by_bare_pyserial(modem, length, pdu)
        yield from _on_the_line(ours, least)
        yield from _gammu(modem, directory)
        yield from measure_daemons(NUMBER, TEXT)
        yield _time("time above the modem's own, per SMS: engine", ours, least)
        through = _through_outbox(modem, directory)
        yield _time("time above the modem's own, per SMS: outbox, journal and engine", through, least)
        yield Measurement(
            what="… longest",
            value=milliseconds(max(through.above)),
            unit="ms",
            target=Target(60),
            baseline=Baseline(milliseconds(max(least.above)), "bare pyserial"),
        )
    with temporary_directory() as directory:
        yield from _openings(directory)


def _on_the_line(ours: Cost, least: Cost) -> Iterator[Measurement]:
    yield Measurement(
        what="commands per SMS, warm modem",
        value=ours.commands / SMS,
        unit="",
        target=Target(2),
        baseline=Baseline(least.commands / SMS, "bare pyserial"),
    )
    yield Measurement(
        what="octets to the modem per SMS, warm modem",
        value=ours.octets / SMS,
        unit="B",
        target=Target(38, Of.EXCESS),
        baseline=Baseline(least.octets / SMS, "bare pyserial, same PDU"),
    )


def _time(what: str, ours: Cost, least: Cost) -> Measurement:
    return Measurement(
        what=what,
        value=milliseconds(statistics.median(ours.above)),
        unit="ms",
        target=Target(25),
        baseline=Baseline(milliseconds(statistics.median(least.above)), "bare pyserial"),
        note=f"median of {len(ours.above)}",
    )


# Our engine


@contextmanager
def _owner(port: str, directory: Path, opened: list[float]) -> Iterator[tuple[ModemOwner, threading.Event]]:
    ready = threading.Event()

    def open_port(path: str) -> SerialLine:
        line = SerialLine(path)
        opened.append(time.monotonic())
        return line

    def on_status(status: ModemStatus) -> None:
        if status.state is ModemState.READY:
            ready.set()

    owner = ModemOwner(
        ModemSettings(name="noord", port=port),
        opener=open_port,
        on_status=on_status,
        on_report=lambda _name, _report: None,
        on_late=lambda _name, _reference: None,
        refused_pins=RefusedPinsFile(directory / "pins"),
    )
    owner.start()
    try:
        yield owner, ready
    finally:
        owner.stop(5.0)


def _by_owner(modem: ModemProcess, directory: Path) -> tuple[Cost, list[Traffic]]:
    with _owner(modem.port, directory, []) as (owner, ready):
        if not ready.wait(DEADLINE):
            raise TimeoutError("the modem did not become ready")
        since = time.monotonic()
        spans = [_one_by_owner(owner) for _ in range(SMS)]
        return _cost(modem, since, spans), modem.traffic(since)


def _one_by_owner(owner: ModemOwner) -> tuple[float, float]:
    job = SmsJob(
        number=NUMBER,
        text=TEXT,
        validity_minutes=5,
        report=False,
        journal=lambda _status: True,
        deadline=time.monotonic() + DEADLINE,
        cancelled=threading.Event(),
    )
    before = time.monotonic()
    result = owner.submit(job).result(DEADLINE)
    after = time.monotonic()
    if not isinstance(result, Sent):
        raise TypeError(result)
    return before, after


def _cost(modem: ModemProcess, since: float, spans: list[tuple[float, float]]) -> Cost:
    modem.wait_for(lambda traffic: since if answers(traffic) == len(spans) else None, since)
    traffic = modem.traffic(since)
    above = [
        after - before - modem_seconds(part) for (before, after), part in zip(spans, each_sms(traffic), strict=True)
    ]
    return Cost(commands(traffic), octets_to_modem(traffic), above)


def _pdu_of(traffic: list[Traffic]) -> tuple[int, bytes]:
    written = b"".join(entry.octets for entry in traffic if entry.to_modem)
    found = _PDU.search(written)
    if found is None:
        raise ValueError("no SMS on the line")
    return int(found[1]), found[2]


# The least that any program can do


def _by_bare_pyserial(modem: ModemProcess, length: int, pdu: bytes) -> Cost:
    with serial.Serial(modem.port, 115200, timeout=DEADLINE) as port:
        for command in (b"ATE0", b"AT+CMGF=0"):
            port.write(command + b"\r")
            port.read_until(b"OK\r\n")
        since = time.monotonic()
        spans = []
        for _ in range(SMS):
            before = time.monotonic()
            port.write(b"AT+CMGS=%d\r" % length)
            port.read_until(b"> ")
            port.write(pdu + CTRL_Z)
            port.read_until(b"OK\r\n")
            spans.append((before, time.monotonic()))
        return _cost(modem, since, spans)


# Another program, when it is installed


def _gammu(modem: ModemProcess, directory: Path) -> Iterator[Measurement]:
    if shutil.which(GAMMU) is None:
        return
    file = directory / "gammurc"
    file.write_text(f"[gammu]\ndevice = {modem.port}\nconnection = at115200\n", encoding="utf-8")
    since = time.monotonic()
    for _ in range(GAMMU_SMS):
        command = [GAMMU, "--config", str(file), "sendsms", "TEXT", NUMBER, "-text", TEXT]
        subprocess.run(command, check=True, capture_output=True, timeout=DEADLINE)
    seconds, traffic = (time.monotonic() - since) / GAMMU_SMS, modem.traffic(since)
    yield Measurement(
        what="gammu sendsms, one-shot: commands per SMS",
        value=commands(traffic) / GAMMU_SMS,
        unit="",
        note="for comparison",
    )
    yield Measurement(
        what="gammu sendsms, one-shot: time per SMS",
        value=milliseconds(seconds),
        unit="ms",
        note="for comparison; opens the port each time",
    )


# The whole way that a code takes


def _through_outbox(modem: ModemProcess, directory: Path) -> Cost:
    place = Place.make(directory, {"noord": modem.port}, people=0)
    premises = place.premises
    waker = Waker(Doorbell(premises.doorbell_directory))
    rung = threading.Event()
    waker.add(rung.set)
    waker.start()
    dispatcher = make_dispatcher(premises, modem_settings(premises.config), waker)
    dispatcher.start()
    try:
        with premises.open_database() as database:
            outbox = Outbox(database, premises.config.policy, waker.doorbell)
            _wait(rung, lambda: any(row.state == ModemState.READY.value for row in database.modems.all()))
            since = time.monotonic()
            spans = [_one_through_outbox(premises, database, outbox, rung) for _ in range(SMS)]
        return _cost(modem, since, spans)
    finally:
        dispatcher.stop()
        waker.stop()


def _one_through_outbox(
    premises: Premises, database: Database, outbox: Outbox, rung: threading.Event
) -> tuple[float, float]:
    before, now = time.monotonic(), premises.clock.now()
    with database.transaction(write=True):
        message = outbox.queue(
            kind=MessageKind.TEST,
            user_id=None,
            desk_id=None,
            sign_in_id=None,
            challenge_id=None,
            number=NUMBER,
            text=TEXT,
            priority=0,
            not_after=now + 300_000,
            report=False,
            language="nl",
            now=now,
        )

    def sent() -> bool:
        found = database.messages.get(message.id)
        return found is not None and found.state is MessageState.SENT

    _wait(rung, sent)
    return before, time.monotonic()


def _wait(rung: threading.Event, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while True:
        rung.clear()
        if done():
            return
        if not rung.wait(deadline - time.monotonic()):
            raise TimeoutError("nobody rang")


# Opening a port


def _openings(directory: Path) -> Iterator[Measurement]:
    with ModemProcess(directory, pace="real") as modem:
        opened: list[float] = []
        taken, since = [], time.monotonic()
        for _ in range(OPENINGS):
            with _owner(modem.port, directory, opened) as (_owner_of_modem, ready):
                if not ready.wait(DEADLINE):
                    raise TimeoutError("the modem did not become ready")
                taken.append(time.monotonic() - opened[-1])
        traffic = modem.traffic(since)
    yield Measurement(
        what="port opened → ready to send, 20 ms per command",
        value=milliseconds(statistics.median(taken)),
        unit="ms",
        target=Target(1000),
        note=f"median of {OPENINGS}",
    )
    yield Measurement(
        what="commands to set a modem up",
        value=commands(traffic) / OPENINGS,
        unit="",
        baseline=Baseline(40, "gammu-smsd, measured before"),
    )
