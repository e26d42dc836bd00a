"""A modem that talks rubbish: random, cut off, repeated, reordered, yet never a lie about what it has sent.

It knows which SMS it has handed on. What it says may be anything but a result that nobody could tell from a true one: no
reference for an SMS that did not go out, no clear refusal for one that did.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hardware.errors import HardwareError
from hardware.modem import pdu
from hardware.modem.errands import clock, console, dry_run, facts, inbox, operator, reselection, scan, sms_service, ussd
from hardware.modem.errors import PduError
from hardware.modem.jobs import Cancelled, NotSent, Refused, SendResult, Sent
from hardware.modem.session import ModemSession
from hardware.modem.settings import Pace
from hardware.modem.status import ModemState
from tests.hardware.modem.harness import Harness
from tests.hardware.modem.scripted import ERROR, OK, PROMPT, Reply, ScriptedModem

# Short waits: what is tested is that each is kept, not how long it is.
LIMITS = Pace(
    basic=0.04,
    first=0.04,
    attention=0.02,
    drain=0.005,
    quiet=0.004,
    sim_read=0.04,
    sim_enter=0.04,
    sim_busy=0.1,
    sim_busy_first=0.005,
    sim_busy_most=0.02,
    radio=0.04,
    prompt=0.04,
    final=0.05,
    slow_network=0.03,
    after_ok=0.01,
    late=30.0,
    missing_final=0.01,
    late_information=0.005,
    escape=0.01,
    job_read=0.005,
    idle_read=0.02,
    stop=1.0,
    reopen_first=0.005,
    reopen_most=0.02,
    sim_retry=0.02,
    busy_retry=0.02,
    out_of_service=0.02,
    operator_set=0.04,
    operator_scan=0.05,
    operator_arrive=0.02,
    list_messages=0.05,
    ussd=0.03,
    ussd_more=0.005,
    echo=0.02,
    empty_memory=0.04,
    no_network=0.05,
    radio_again=0.1,
)
# The longest that one SMS may take with these limits, on a machine that has other things to do.
DEADLINE_SECONDS = 10.0
# After so many SMS the modem behaves for a moment, and one must go out.
ROUND = 15

# And now and then a technician asks something.
ERRAND_EVERY = 4
ERRANDS: tuple[Callable[[ModemSession], object], ...] = (
    facts.identity,
    facts.sim_card,
    facts.registrations,
    facts.serving,
    facts.signal,
    facts.memories,
    clock.modem_clock,
    dry_run.dry_run,
    sms_service.prefer_circuit,
    operator.choose_automatic,
    scan.scan,
    lambda session: reselection.reselect(session, lambda network: network != "20408"),
    inbox.inbox,
    lambda session: ussd.ask_ussd(session, "*101#", ["1"]),
    lambda session: console.ask(session, "ATI", seconds=0.05),
)

# What modems say. None of it is a reference (+CMGS: and digits) or a clear refusal.
SAYINGS = (
    b"\r\n",
    b"\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b"\r\n> ",
    b"\r\n+CMS ERROR: ",
    b"\r\n+CMS ERROR: 500\r\n",
    b"\r\n+CMGS\r\n",
    b"\r\n+CMGS: x\r\n",
    b"\r\n+CDS: 25\r\n",
    b"\r\n+CDS: 25\r\n0006D60B911326880736F4111011719551401110117195714000\r\n",
    b'\r\n+CDSI: "SM",3\r\n',
    b'\r\n+CMTI: "SM",300000000000\r\n',
    b"\r\n+CREG: 1,\r\n",
    b'\r\n+CREG: 2,1,"00A8","0053",7\r\n',
    b"\r\n+CEREG: 0\r\n",
    b'\r\n+COPS: (((2,""\r\n',
    b'\r\n+CPMS: "SM",99999999999,1\r\n',
    b'\r\n+CUSD: 1,"',
    b"\r\n*PSUTTZ: 2026,99,99,99,99,99\r\n",
    b'\r\n+CTZE: "+99",9,"9999/99/99,99:99:99"\r\n',
    b"\r\n+CPIN: READY\r\n",
    b"\r\nRING\r\n",
    b"\r\nNO CARRIER\r\n",
    b"\r\nRDY\r\n",
    b"\x1a\x1b\x00",
    b"\xff" * 60,
    b"\x00" * 30,
)
# More than the longest line that is kept; rare, so that the octets are about more than this.
ENDLESS = b"A" * 9000


class HostileModem(ScriptedModem):
    """As the scripted one, and while `spoiling` with rubbish in every answer."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.spoiling = False
        self.sent: set[str] = set()
        self._owed: list[bytes] = []
        super().__init__()
        self.after_ctrl_z = _answer_to_ctrl_z
        self.prompt = _answer_to_cmgs

    def rubbish(self, most: int) -> bytes:
        """Up to `most` pieces: octets of any kind, sayings whole and cut off."""
        pieces = []
        for _ in range(self.chance.randrange(most + 1)):
            saying = ENDLESS if self.chance.random() < 0.002 else self.chance.choice(SAYINGS)
            match self.chance.randrange(4):
                case 0:
                    # No digits: they could make a reference of a prefix before them.
                    noise = self.chance.randbytes(self.chance.randrange(60))
                    pieces.append(noise.translate(None, b"0123456789"))
                case 1:
                    pieces.append(saying[: self.chance.randrange(len(saying))].replace(b"+CM", b"+CX") + b"\r\n")
                case _:
                    pieces.append(saying)
        return b"".join(pieces)

    def spoiled(self, answer: bytes) -> bytes:
        """The answer lost, cut off, doubled or turned round, with rubbish about it."""
        match self.chance.randrange(12):
            case 0:
                answer = b""
            case 1:
                answer = answer[: self.chance.randrange(len(answer) + 1)]
            case 2:
                answer += answer
            case 3:
                answer = b"\r\n".join(reversed(answer.split(b"\r\n")))
        return self.rubbish(3) + answer + self.rubbish(3)

    def owe(self, answer: bytes) -> None:
        """A result that comes late, with some later command."""
        self._owed.append(answer)

    def _reply(self, reply: Reply) -> None:
        data = reply(self) if callable(reply) else reply
        if self.spoiling and self.chance.random() < 0.5 and reply not in {self.prompt, self.after_ctrl_z}:
            data = self.spoiled(data)
            if self._owed and self.chance.random() < 0.3:
                data = self._owed.pop() + data
        super()._reply(data)


def _answer_to_cmgs(modem: ScriptedModem) -> bytes:
    """A prompt, or anything else; then the modem waits for a PDU all the same."""
    assert isinstance(modem, HostileModem)
    if not modem.spoiling:
        return PROMPT
    return (
        modem.rubbish(2) + modem.chance.choice([PROMPT, PROMPT, PROMPT, b"\r\n>\r\n", b"\r\n>", b""]) + modem.rubbish(1)
    )


def _answer_to_ctrl_z(modem: ScriptedModem) -> bytes:
    """Hand the SMS on or not, and say something of it."""
    assert isinstance(modem, HostileModem)
    text = text_of(modem.committed[-1])
    chance = modem.chance
    if not modem.spoiling:
        modem.sent.add(text)
        return b"\r\n+CMGS: 7\r\n\r\nOK\r\n"
    reference = b"\r\n+CMGS: %d\r\n\r\nOK\r\n" % chance.randrange(256)
    if text and chance.random() < 0.6:
        modem.sent.add(text)
        match chance.randrange(6):
            case 0:
                modem.owe(reference)
                answer = b""
            case 1:
                answer = chance.choice([OK, ERROR, b""])
            case 2:
                answer = reference[: chance.randrange(len(reference))]
            case _:
                answer = reference
    else:
        refusals = [OK, ERROR, b"\r\n+CMS ERROR: 42\r\n", b"\r\n+CMS ERROR: 304\r\n", b"\r\n+CMS ERROR: 500\r\n", b""]
        answer = chance.choice(refusals)
    return modem.rubbish(3) + answer + modem.rubbish(3)


def text_of(hexadecimal: str) -> str:
    """The text of a PDU that came whole, else nothing."""
    try:
        return pdu.decode_submit(hexadecimal).user_data.text or ""
    except PduError:
        return ""


@dataclass(slots=True)
class Outcome:
    """What came of it: octets that the modem said, ends by their kind, seconds of the slowest SMS, and what was wrong."""

    octets: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)


def run(seed: int, octets: int, state: Path) -> Outcome:
    """Send SMS over a hostile modem until it has said so many octets."""
    outcome = Outcome()
    with (
        HostileModem(random.Random(seed)) as modem,
        Harness(modem.port, state, pace=LIMITS, health_seconds=0.05) as harness,
    ):
        place = 0
        while modem.said < octets and len(outcome.wrong) < 10:
            place += 1
            if place % ROUND == 0:
                _must_go_out(modem, harness, f"Uw code is {place:08}", outcome)
                continue
            modem.spoiling = True
            if place % ERRAND_EVERY == 0:
                _ask(harness, modem.chance.choice(ERRANDS), outcome)
            _send(modem, harness, f"Uw code is {place:08}", outcome)
        modem.spoiling = False
        outcome.octets = modem.said
        late = harness.late
    if len(late) > len(modem.sent):
        outcome.wrong.append(f"{len(late)} late answers for {len(modem.sent)} SMS")
    twice = [text for text, count in Counter(map(text_of, modem.committed)).items() if text and count > 2]
    if twice:
        outcome.wrong.append(f"Ctrl-Z more than twice for {twice}")
    return outcome


def _send(modem: HostileModem, harness: Harness, text: str, outcome: Outcome) -> None:
    begun = time.monotonic()
    deadline = begun + 2.0
    try:
        result = harness.submit(text=text, deadline=deadline).result(DEADLINE_SECONDS)
    except TimeoutError:
        outcome.wrong.append(f"{text}: no end within {DEADLINE_SECONDS:.0f} s, {harness.status.state}")
        return
    outcome.slowest = max(outcome.slowest, time.monotonic() - begun)
    outcome.ends[type(result).__name__] += 1
    if mistake := _mistake(result, text, modem):
        outcome.wrong.append(mistake)


def _ask(harness: Harness, errand: Callable[[ModemSession], object], outcome: Outcome) -> None:
    """An errand ends with its answer or an ordinary error, in its time."""
    begun = time.monotonic()
    try:
        harness.ask(errand, deadline=begun + 1.0).result(DEADLINE_SECONDS)
        outcome.ends["errand answered"] += 1
    except HardwareError:
        outcome.ends["errand failed"] += 1
    except Exception as error:  # noqa: BLE001  whatever it is, it is what we look for
        outcome.wrong.append(f"errand: {error!r}")


def _mistake(result: SendResult, text: str, modem: HostileModem) -> str:
    went_out = text in modem.sent
    if isinstance(result, Sent) and not went_out:
        return f"{text}: called sent, and was not"
    if isinstance(result, NotSent | Cancelled | Refused) and went_out:
        return f"{text}: called not sent ({result}), and was"
    return f"{text}: a mistake in the program" if getattr(result, "reason", "") == "internal" else ""


def _must_go_out(modem: HostileModem, harness: Harness, text: str, outcome: Outcome) -> None:
    """Left alone, the modem serves again; a message may still be held up by what was said before."""
    modem.spoiling = False
    end = time.monotonic() + DEADLINE_SECONDS
    tries = 0
    while time.monotonic() < end:
        harness.wait_for(lambda: harness.status.state is ModemState.READY, DEADLINE_SECONDS)
        tries += 1
        result = harness.send(text=f"{text} {tries}")
        if isinstance(result, Sent):
            outcome.ends["Sent"] += 1
            return
    outcome.wrong.append(f"{text}: never went out although the modem behaves, {harness.status.state}")
