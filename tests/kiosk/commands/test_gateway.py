"""`kiosk gateway` as processes of their own, on simulated modems in other processes."""

import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from data.database import Database
from data.messages import Message, MessageKind, MessageState
from data.modems import ModemState
from kiosk.commands import logs
from kiosk.commands.backstage import Backstage, modem_settings
from kiosk.commands.driving import make_dispatcher
from kiosk.commands.site import Premises, enter
from kiosk.commands.terminal import Terminal, facts_of
from kiosk.config import Config, ModemConfig, example_configuration
from kiosk.delivery import dispatcher
from kiosk.delivery.doorbell import Doorbell, Waker
from kiosk.delivery.outbox import Outbox
from kiosk.keys import MasterKey
from kiosk.passwords import HashCost

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 20.0
NUMBER = "+31612345678"
GATEWAY = "from kiosk.commands.gateway import gateway; gateway()"
FINAL = frozenset({MessageState.SENT, MessageState.DELIVERED, MessageState.UNKNOWN})
CHEAP = HashCost(passes=1, memory_kib=8, lanes=1)


class Process:
    """A program of the kiosk; `line` waits for its next line."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=ROOT,
        )

    def line(self, seconds: float = SECONDS) -> str:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        assert ready, "it said nothing"
        return self.process.stdout.readline().decode().rstrip("\n")

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Tell it to end; exit code and what it wrote to stderr."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, errors.decode()


@dataclass(slots=True)
class Place:
    """A site with modems, seen through a database connection of the test's own."""

    premises: Premises
    database: Database
    outbox: Outbox
    doorbell: Doorbell
    modems: Sequence[Process]

    @property
    def config(self) -> Config:
        return self.premises.config

    def queue(self, text: str) -> Message:
        now = self.premises.clock.now()
        with self.database.transaction(write=True):
            return self.outbox.queue(
                kind=MessageKind.TEST,
                user_id=None,
                desk_id=None,
                sign_in_id=None,
                challenge_id=None,
                number=NUMBER,
                text=text,
                priority=0,
                not_after=now + 300_000,
                report=False,
                language="nl",
                now=now,
            )

    def state(self, message: Message) -> MessageState:
        found = self.database.messages.get(message.id)
        assert found is not None
        return found.state

    def until(self, holds: Callable[[], bool], what: str = "") -> None:
        deadline = time.monotonic() + SECONDS
        while not holds():
            left = deadline - time.monotonic()
            assert left > 0, what or "waited in vain"
            self.doorbell.wait(min(left, 0.1))

    def until_state(self, message: Message, *states: MessageState) -> None:
        self.until(lambda: self.state(message) in states, f"{states}, but it is {self.state(message)}")

    def modem_states(self) -> set[ModemState]:
        return {modem.state for modem in self.outbox.modems(self.premises.clock.now())}


class Accepted:
    """What the network took from the modems, read from their lines as they come."""

    def __init__(self, modems: Sequence[Process]) -> None:
        self._changed = threading.Condition()
        self._lines: list[str] = []
        for modem in modems:
            threading.Thread(target=self._read, args=(modem,), daemon=True).start()

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._lines) >= count, SECONDS), self._lines

    @property
    def texts(self) -> Counter[str]:
        with self._changed:
            return Counter(line.rpartition(": ")[2] for line in self._lines)

    def _read(self, modem: Process) -> None:
        assert modem.process.stdout is not None
        for line in modem.process.stdout:
            with self._changed:
                self._lines.append(line.decode().rstrip("\n"))
                self._changed.notify_all()


Make = Callable[..., Place]
Start = Callable[[Place], Process]


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    started: list[Process] = []
    yield started
    for process in started:
        process.process.kill()
        process.process.communicate(timeout=SECONDS)


@pytest.fixture
def make(tmp_path: Path, processes: list[Process]) -> Iterator[Make]:
    """Makes a site whose modems are simulated in processes of their own; each has its own options."""
    places: list[Place] = []

    def place(*modems: Sequence[str], mode: str = "service") -> Place:
        ports = {f"modem{number}": tmp_path / f"tty{number}" for number in range(len(modems))}
        simulated = [
            Process("-m", "kiosk", "simulate", "modem", "--path", str(port), *options)
            for port, options in zip(ports.values(), modems, strict=True)
        ]
        processes.extend(simulated)
        text = example_configuration(
            site="Noord", modems=[ModemConfig(name=name, port=str(port)) for name, port in ports.items()]
        )
        path = tmp_path / "kiosk.toml"
        path.write_text(text.replace('#[gateway]\n#mode = "auto"', f'[gateway]\nmode = "{mode}"'))
        config = Config.load(path)
        MasterKey.create(config.keys.path)
        premises = enter(config, create=True, hash_cost=CHEAP)
        for each in simulated:
            each.line()
        doorbell = Doorbell(premises.doorbell_directory)
        database = premises.open_database()
        places.append(Place(premises, database, Outbox(database, config.policy, doorbell), doorbell, simulated))
        return places[-1]

    yield place
    for one in places:
        one.database.close()
        one.doorbell.close()


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Hears what programs tell systemd that are started from here on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(SECONDS)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "600000000")
        yield manager


@pytest.fixture
def start(processes: list[Process]) -> Start:
    """Starts a gateway; nothing has been read of what it says."""

    def one(place: Place) -> Process:
        processes.append(Process("-c", GATEWAY, "--config", str(place.config.source)))
        return processes[-1]

    return one


def test_it_says_that_it_drives_sends_what_is_queued_and_ends_in_good_order(
    make: Make, start: Start, systemd: socket.socket
) -> None:
    place = make([], ["--network", "20404"])
    message = place.queue("Uw code is 482913")
    gateway = start(place)

    assert gateway.line() == "Deze gateway bedient nu de modems: modem0, modem1."
    place.until_state(message, MessageState.SENT)
    assert gateway.end() == (0, "")
    assert place.modem_states() == {ModemState.DOWN}
    told = [systemd.recv(4096).decode() for _ in range(4)]
    assert set(told[:3]) == {"READY=1", "WATCHDOG=1", "STATUS=Deze gateway bedient nu de modems: modem0, modem1."}
    assert told[3] == "STOPPING=1"


def test_a_driver_that_is_stuck_is_noticed(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    place = make([])
    waker = Waker(place.doorbell)
    driver = make_dispatcher(place.premises, modem_settings(place.config), waker)
    assert not driver.moves
    driver.start()
    place.until(lambda: driver.drives)
    moved = driver.moves
    monkeypatch.setattr(dispatcher, "STUCK", 0.0)
    assert (moved, driver.moves) == (True, False)
    assert driver.stop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_other_signals_end_it_in_good_order_too(make: Make, start: Start, number: signal.Signals) -> None:
    place = make([])
    gateway = start(place)
    gateway.line()

    assert gateway.end(number) == (0, "")


def test_a_second_one_waits_and_says_for_whom(make: Make, start: Start) -> None:
    place = make([])
    first = start(place)
    first.line()
    second = start(place)

    assert f"(proces {first.process.pid}) bedient de modems al. Deze gateway wacht" in second.line()
    assert second.end() == (0, "")
    assert first.end() == (0, "")


def test_killed_in_the_middle_another_takes_over_within_a_second_and_nothing_is_sent_twice(
    make: Make, start: Start
) -> None:
    place = make([], ["--network", "20404"])
    accepted = Accepted(place.modems)
    first = start(place)
    first.line()
    second = start(place)
    second.line()
    messages = {f"code {number}": place.queue(f"code {number}") for number in range(12)}
    accepted.wait_for(3)

    first.process.kill()
    killed = time.monotonic()
    said = second.line()
    took = time.monotonic() - killed

    assert (said, took < 1.0) == ("Deze gateway bedient nu de modems: modem0, modem1.", True), took
    for message in messages.values():
        place.until_state(message, *FINAL)
    states = {text: place.state(message) for text, message in messages.items()}
    times = accepted.texts
    assert {text: times[text] for text in messages if times[text] > 1} == {}
    assert [text for text, state in states.items() if state is not MessageState.UNKNOWN and not times[text]] == []
    assert second.end() == (0, "")


def test_told_to_end_it_waits_for_the_answer_to_what_was_committed(make: Make, start: Start) -> None:
    place = make(["--fault", "cmgs_takes=1"])
    gateway = start(place)
    gateway.line()
    message, waiting = place.queue("Uw code is 482913"), place.queue("later")
    place.until_state(message, MessageState.COMMITTED)

    assert gateway.end() == (0, "")
    assert (place.state(message), place.state(waiting)) == (MessageState.SENT, MessageState.QUEUED)


def test_told_twice_it_ends_at_once_and_the_next_one_says_that_it_does_not_know(make: Make, start: Start) -> None:
    place = make(["--fault", "answer_lost"])
    gateway = start(place)
    gateway.line()
    message = place.queue("Uw code is 482913")
    place.until_state(message, MessageState.COMMITTED)
    began = time.monotonic()
    while gateway.process.poll() is None:
        # Until the first has been taken, a second one of the same kind is not another.
        gateway.process.send_signal(signal.SIGTERM)
        place.doorbell.wait(0.02)

    assert (gateway.process.returncode, time.monotonic() - began < 5.0) == (-signal.SIGTERM, True)
    assert start(place).line() == "Deze gateway bedient nu de modems: modem0."
    place.until_state(message, MessageState.UNKNOWN)


def test_where_the_gateway_is_a_service_a_terminal_leaves_the_modems_to_it(make: Make, start: Start) -> None:
    place = make([])
    terminal = Terminal(
        facts_of(place.config, "balie"), lambda: Backstage(place.premises, modem_settings(place.config))
    )
    terminal.start()
    try:
        assert start(place).line() == "Deze gateway bedient nu de modems: modem0."
        message = place.queue("Uw code is 482913")
        place.until_state(message, MessageState.SENT)
    finally:
        terminal.stop()


def test_what_it_logs_goes_to_a_file_where_there_is_no_journal(make: Make, start: Start) -> None:
    if logs.SYSTEM_LOG.exists():
        pytest.skip("this machine has a journal")
    place = make([])
    gateway = start(place)
    gateway.line()
    gateway.end()

    log = (place.config.state.path / logs.FILE_NAME).read_text()
    assert "this process drives the modems now" in log
    assert "the gateway ends: SIGTERM" in log


def test_without_a_modem_it_does_not_start_and_says_how_to_find_one(make: Make, start: Start) -> None:
    code, errors = start(make()).end(signal.SIGCONT)

    assert (code, 'Typ "kiosk modem list"' in errors) == (2, True)


def test_a_mistake_in_the_configuration_is_wrong_use(make: Make, start: Start) -> None:
    place = make([])
    place.config.source.write_text("[site]\n")

    code, errors = start(place).end(signal.SIGCONT)

    assert (code, "site.name" in errors) == (2, True)


def test_a_missing_key_is_told_in_a_sentence(make: Make, start: Start) -> None:
    place = make([])
    place.config.keys.path.unlink()

    code, errors = start(place).end(signal.SIGCONT)

    assert (code, str(place.config.keys.path) in errors, "Traceback" in errors) == (1, True, False)


def test_neither_textual_nor_a_page_is_imported() -> None:
    program = "import sys, kiosk.commands.gateway; print([m for m in ('textual', 'screens') if m in sys.modules])"

    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout

    assert output == "[]\n"
