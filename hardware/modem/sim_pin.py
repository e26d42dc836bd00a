"""Making the SIM ready, and the guard that never lets a PIN be entered twice or the last tries be used."""

import time
from collections.abc import Callable

from hardware.modem.answers_sim import (
    ICCID_COMMANDS,
    PIN,
    PUK,
    TRIES_COMMANDS,
    USABLE,
    iccid,
    pin_tries,
    sim_state,
)
from hardware.modem.at import Answer, AtChannel
from hardware.modem.causes import CME_PUK_REQUIRED, CME_WRONG_PASSWORD, SIM_BUSY
from hardware.modem.errors import AtTimeout, SimProblem
from hardware.modem.reasons import Reason
from hardware.modem.refused_pins import read_pin
from hardware.modem.settings import ModemSettings, RefusedPins
from hardware.modem.status import ModemState, ModemStatus
from hardware.modem.status_board import StatusBoard
from hardware.modem.wire_log import LOGGER

# With one try left a mistake locks the SIM: those are for a person.
FEWEST_TRIES = 2
# What +CPIN? is refused with when waiting does not help (27.007 9.2).
_HOPELESS = {
    ("cme", 10): Reason.NO_SIM,
    ("cms", 310): Reason.NO_SIM,
    ("cme", 13): Reason.SIM_FAILURE,
    ("cms", 313): Reason.SIM_FAILURE,
    ("cme", 15): Reason.SIM_FAILURE,
    ("cms", 315): Reason.SIM_FAILURE,
    ("cme", CME_PUK_REQUIRED): Reason.PUK_REQUIRED,
    ("cms", 316): Reason.PUK_REQUIRED,
}


class SimGuard:
    """Brings one modem's SIM to READY, or says in a SimProblem why that cannot be."""

    def __init__(
        self, channel: AtChannel, settings: ModemSettings, board: StatusBoard, refused_pins: RefusedPins
    ) -> None:
        self._channel = channel
        self._settings = settings
        self._pace = settings.pace
        self._board = board
        self._refused_pins = refused_pins

    def make_ready(self) -> None:
        """Wait while the SIM is busy, enter the PIN when it asks and that is safe; SimProblem."""
        state = self._settled_state()
        if state == PIN:
            self._enter_pin()
            state = self._settled_state()
        if state in USABLE:
            return
        if state == PIN:
            raise SimProblem(Reason.PIN_REQUIRED)
        if state == PUK:
            raise SimProblem(Reason.PUK_REQUIRED, 0)
        raise SimProblem(Reason.DEVICE_LOCKED if state else Reason.SIM_UNREADABLE)

    def read_iccid(self) -> str:
        """The ICCID, empty when this modem does not tell; kept in the status."""
        found = ask_iccid(self._channel, self._maker())
        if found:
            self._board.update(iccid=found)
        return found

    def _settled_state(self) -> str:
        """The answer to +CPIN?, empty when it stays unreadable for `Pace.sim_busy`."""
        states: list[str] = []

        def settled(answer: Answer) -> bool:
            state = sim_state(answer.first)
            hopeless = _HOPELESS.get((answer.final.family or "", answer.final.code or 0))
            if hopeless or state == "NOT INSERTED":
                raise SimProblem(hopeless or Reason.NO_SIM)
            states.append("" if state == "NOT READY" else state)
            return bool(states[-1])

        patiently(self._channel, self._board, "AT+CPIN?", ("+CPIN",), settled, timeout=self._pace.sim_read)
        return states[-1] if states else ""

    def _enter_pin(self) -> None:
        """Every check of the guard, then one entry; SimProblem unless the SIM took it."""
        card = self.read_iccid()
        if self._settings.pin_file is None:
            raise SimProblem(Reason.PIN_REQUIRED, self._read_tries())
        pin = read_pin(self._settings.pin_file)
        if self._settings.expected_iccid and card != self._settings.expected_iccid:
            raise SimProblem(Reason.OTHER_SIM)
        tries = self._read_tries()
        if tries is None:
            raise SimProblem(Reason.PIN_TRIES_UNKNOWN)
        # A SIM that does not tell its number is known by the modem that it is in.
        card = card or f"in {self._board.status.imei}"
        try:
            if not self._refused_pins.may_enter(card, pin, tries_left=tries):
                raise SimProblem(Reason.PIN_REFUSED, tries)
            if tries < FEWEST_TRIES:
                raise SimProblem(Reason.PIN_LAST_TRY, tries)
            self._refused_pins.entering(card, pin, tries_left=tries)
        except OSError:
            raise SimProblem(Reason.PIN_MEMORY, tries) from None
        LOGGER.info("%s: entering the SIM PIN, %d tries left", self._settings.name, tries)
        self._type_pin(card, pin, tries)

    def _type_pin(self, card: str, pin: str, tries: int) -> None:
        try:
            answer = self._channel.command(f'AT+CPIN="{pin}"', timeout=self._pace.sim_enter)
        except AtTimeout:
            # The note stays: it decides at the next start, by the tries that are left then.
            self._channel.resync()
            return
        if answer.is_error(*SIM_BUSY):
            return
        wrong = answer.is_error(("cme", CME_WRONG_PASSWORD), ("cme", CME_PUK_REQUIRED))
        if answer.ok or (not wrong and self._settled_state() in USABLE):
            self._note(self._refused_pins.accepted, card, pin)
            self._board.update(pin_tries=None)
            return
        self._note(self._refused_pins.refused, card, pin)
        LOGGER.warning("%s: the SIM refused the PIN; it will not be entered again", self._settings.name)
        if answer.is_error(("cme", CME_PUK_REQUIRED)):
            raise SimProblem(Reason.PUK_REQUIRED, 0)
        raise SimProblem(Reason.PIN_REFUSED, tries - 1)

    def _note(self, write: Callable[[str, str], None], card: str, pin: str) -> None:
        """Write the outcome down; when that fails the note made before still guards the next start."""
        try:
            write(card, pin)
        except OSError as error:
            LOGGER.error("%s: the memory of refused PINs cannot be written: %s", self._settings.name, error.strerror)

    def _read_tries(self) -> int | None:
        tries = ask_pin_tries(self._channel, self._maker())
        if tries is not None:
            self._board.update(pin_tries=tries)
        return tries

    def _maker(self) -> str:
        return maker_words(self._board.status)


def maker_words(status: ModemStatus) -> str:
    """Maker and model in small letters, to look words up in."""
    return f"{status.manufacturer} {status.model}".lower()


def ask_iccid(channel: AtChannel, maker: str) -> str:
    """The ICCID by whichever command this modem knows, empty when by none."""
    for command, prefix, only in _for_maker(ICCID_COMMANDS, maker):
        if only and only not in maker:
            continue
        try:
            answer = channel.command(command, prefixes=(prefix,), free=True)
        except AtTimeout:
            channel.resync()
            continue
        found = iccid(answer.lines, prefix)
        if found:
            return found
    return ""


def ask_pin_tries(channel: AtChannel, maker: str) -> int | None:
    """The SIM PIN tries left, None when no command of this modem tells; no try is used up."""
    for command, prefix, only in TRIES_COMMANDS:
        if only and only not in maker:
            continue
        try:
            tries = pin_tries(channel.command(command, prefixes=(prefix,)).lines, prefix)
        except AtTimeout:
            channel.resync()
            continue
        if tries is not None:
            return tries
    return None


def _for_maker(commands: tuple[tuple[str, str, str], ...], maker: str) -> list[tuple[str, str, str]]:
    """The maker's own command first, so that no try is wasted."""
    return sorted(commands, key=lambda entry: not (entry[2] and entry[2] in maker))


def patiently(
    channel: AtChannel,
    board: StatusBoard,
    command: str,
    prefixes: tuple[str, ...],
    settled: Callable[[Answer], bool],
    *,
    timeout: float,
) -> Answer | None:
    """Repeat a command with growing pauses until `settled` says so, for `Pace.sim_busy` seconds; None when it never does.

    The banners ("SMS Ready") are only a hint: they never come on some modems, and before we listen on others.
    """
    pace = channel.pace
    give_up = time.monotonic() + pace.sim_busy
    pause = pace.sim_busy_first
    while True:
        try:
            answer = channel.command(command, prefixes=prefixes, timeout=timeout, final_optional=True)
            if settled(answer):
                return answer
        except AtTimeout:
            if not channel.resync():
                raise
        if time.monotonic() + pause > give_up:
            return None
        if board.status.state is ModemState.STARTING:
            board.set_state(ModemState.STARTING, Reason.SIM_BUSY)
        channel.drain(pause)
        pause = min(pause * 2, pace.sim_busy_most)
