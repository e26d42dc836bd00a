"""The ladder on which a modem is brought back: which rung is due, and a record of every one that was taken.

1 resynchronise, 2 close and open the port, 3 set up again, 4 network: automatic choice, other side for SMS, radio off and on,
5 leave it alone for a while and say why. What needs hands (unplugging it) is a technician's.
"""

import time

from hardware.modem.causes import ErrorClass
from hardware.modem.jobs import NotSent, Refused, SendResult, Sent, Unknown
from hardware.modem.known_modems import survives_radio_cycle
from hardware.modem.settings import Pace
from hardware.modem.status import ModemState, RecoveryStep, Rung
from hardware.modem.status_board import StatusBoard
from hardware.modem.wire_log import LOGGER

# Steps kept in the status.
_STEPS_KEPT = 8
# <mode> of +COPS with which a modem does not look for another network by itself (27.007 7.3).
_MANUAL = {1, 2}
# So many SMS in a row that the network did not take, before they are moved to its other side.
_FAILURES_IN_A_ROW = 2
# Reasons of Unknown that are the network's, not the port's.
_SILENCE = {"no_answer", "no_reference", "error"}
# <service> of +CGSMS to be tried, in turn: circuit switched preferred, circuit switched alone (27.007 10.1.21).
SMS_SERVICES = (3, 1)
# Whose SMS can take two ways.
_TWO_WAYS = {"4G", "5G"}


class Recovery:
    """What was tried with one modem; outlives its sessions, so that no rung is taken too often."""

    def __init__(self, board: StatusBoard, pace: Pace) -> None:
        self._board = board
        self._pace = pace
        self._lost_at: float | None = None
        self._last: dict[Rung, float] = {}
        self._failures = 0

    def climb(self, rung: Rung, reason: str) -> None:
        """Note a step that is about to be taken, in the log and in the status."""
        now = time.monotonic()
        self._last[rung] = now
        LOGGER.warning("%s: recovery %s: %s", self._board.status.name, rung.value, reason)
        step = RecoveryStep(rung=rung, reason=reason, at=now)
        self._board.update(recovery=(*self._board.status.recovery, step)[-_STEPS_KEPT:])

    def begin(self) -> None:
        """The modem is about to be set up: what it was without a SIM or a port was no search for a network."""
        if self._board.status.state is not ModemState.NO_NETWORK:
            self._lost_at = None

    def network(self, *, registered: bool) -> None:
        """Keep in mind since when there has been no network."""
        if registered:
            self._lost_at = None
        elif self._lost_at is None:
            self._lost_at = time.monotonic()

    def automatic_due(self) -> bool:
        """Whether the modem must be told to look for a network by itself: it has none, and was left on manual."""
        return (
            self._lost_at is not None
            and self._board.status.selection in _MANUAL
            and self._rested(Rung.AUTOMATIC, self._pace.radio_again)
        )

    def radio_due(self) -> bool:
        """Whether the radio should be switched off and on: no network for `Pace.no_network`, and not done lately."""
        return (
            self._lost_at is not None
            and time.monotonic() - self._lost_at >= self._pace.no_network
            and self._rested(Rung.RADIO, self._pace.radio_again)
            and survives_radio_cycle(f"{self._board.status.manufacturer} {self._board.status.model}")
        )

    def judge(self, result: SendResult) -> None:
        """Count SMS that the network did not take although it is there."""
        match result:
            case Sent():
                self._failures = 0
            case Unknown():
                self._failures += result.reason in _SILENCE or result.reason.startswith(("cms_", "cme_"))
            case Refused():
                self._failures += result.error_class is ErrorClass.OTHER_MODEM
            case NotSent():
                self._failures += result.reason == "refused" and result.error_class is ErrorClass.OTHER_MODEM

    def next_sms_service(self) -> int | None:
        """The side of the network to be tried, None while SMS go out or the modem knows one side only."""
        status = self._board.status
        if (
            self._failures < _FAILURES_IN_A_ROW
            or status.sms_service is None
            or status.technology not in _TWO_WAYS
            or not self._rested(Rung.SMS_SERVICE, self._pace.radio_again)
        ):
            return None
        self._failures = 0
        return next(service for service in SMS_SERVICES if service != status.sms_service)

    def _rested(self, rung: Rung, seconds: float) -> bool:
        last = self._last.get(rung)
        return last is None or time.monotonic() - last >= seconds
