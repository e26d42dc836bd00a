"""One SMS over AT+CMGS in PDU mode (27.005 4.3), with its point of no return.

AT+CMGS → `>` → PDU → the journal says yes → Ctrl-Z → +CMGS. Up to the journal ESC undoes everything. Ctrl-Z is written in one
place; whatever happens after it, the message is never sent again from here, with one exception: a modem that says that the PDU
itself was wrong (304, 549, 553) has sent nothing and has lost characters on the line, since our PDUs are right. It gets the PDU
once more, slowly, with every character compared to its echo.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from hardware.modem import pdu
from hardware.modem.answers import Final, final_result, message_reference
from hardware.modem.at import CTRL_Z, AtChannel
from hardware.modem.causes import CMS_DUPLICATE, GARBLED, ErrorClass, certainly_not_sent, classify
from hardware.modem.echo import Echo, write_with_echo
from hardware.modem.errors import AtTimeout, ModemRestarted, PduError, Stopped
from hardware.modem.jobs import (
    Cancelled,
    NotSent,
    Refused,
    SendProgress,
    SendResult,
    Sent,
    SmsJob,
    Unknown,
)
from hardware.modem.late import LateAnswer
from hardware.modem.lines import PROMPT
from hardware.modem.status_board import StatusBoard, where
from hardware.modem.wire_log import LOGGER
from hardware.serial_line import PortError, PortGone, WriteStuck

# Which text or number to mend, and whose mistake it is.
_PDU_REASONS = {"bad_number": ("bad_number", ErrorClass.PERMANENT_NUMBER)}
_BAD_TEXT = ("bad_text", ErrorClass.OUR_BUG)
# Why a transaction ended before Ctrl-Z, when it is not the modem that failed.
_BROKEN_OFF = {
    "stopping": ErrorClass.TEMPORARY,
    "modem_restarted": ErrorClass.TEMPORARY,
    "internal": ErrorClass.OUR_BUG,
}
# Lines looked at between PDU and Ctrl-Z: enough for what a modem says to a PDU, and an end when it never stops talking.
_LINES_OVERHEARD = 20


class Transmission:
    """Sends one job; use it once.

    `on_late` is told the reference of a +CMGS that belongs to the message before, `stop_at` tells until when a committed
    message may be waited for, None while nobody stops.
    """

    def __init__(
        self,
        job: SmsJob,
        channel: AtChannel,
        board: StatusBoard,
        late: LateAnswer,
        *,
        on_late: Callable[[int], None],
        stop_at: Callable[[], float | None],
    ) -> None:
        self.job = job
        self._channel = channel
        self._pace = channel.pace
        self._board = board
        self._late = late
        self._on_late = on_late
        self._stop_at = stop_at
        self._one_before = False  # the message before is still without an answer
        self._held: int | None = None  # a reference that may be the answer to that one
        self._accepted = False  # an OK came, without a reference
        self._garbled: Refused | NotSent | None = None  # how the first try ended when its PDU was garbled
        self._told: set[SendProgress] = set()
        self._committed_at: float | None = None
        self._deadline = 0.0
        self.in_doubt = False  # the dialogue needs a resynchronisation
        self.echo_left_on = False
        self.lost: PortError | ModemRestarted | None = None  # the port or the modem's set-up is gone

    def run(self) -> SendResult:
        """The whole transaction; never raises because of the modem or the port."""
        try:
            submit = pdu.encode_submit(
                self.job.number,
                self.job.text,
                validity_minutes=self.job.validity_minutes,
                report=self.job.report,
            )
        except PduError as error:
            reason, error_class = _PDU_REASONS.get(error.reason, _BAD_TEXT)
            return NotSent(reason=reason, error_class=error_class)
        try:
            return self._send(submit)
        except PortGone as gone:
            self.lost = gone
            return self._broken_off("port_gone")
        except WriteStuck as stuck:
            self.lost = stuck
            return self._broken_off("write_stuck")
        except ModemRestarted as restarted:
            self.lost = restarted
            return self._broken_off("modem_restarted")
        except Stopped:
            # Only before Ctrl-Z; ESC is out, its answer was not waited for.
            return self._broken_off("stopping")
        except Exception as error:  # noqa: BLE001  a mistake of ours must not leave a message without a result
            LOGGER.error("%s: mistake in the program: %s", self._board.status.name, where(error))
            self.in_doubt = True
            return self._broken_off("internal")

    def _send(self, submit: pdu.SubmitPdu) -> SendResult:
        result = self._ask_for_prompt(submit) or self._hand_over(submit) or self._wait_for_answer()
        if isinstance(result, Refused | NotSent) and (result.kind, result.code) in GARBLED:
            return self._once_more(submit, result)
        return result

    def _broken_off(self, reason: str) -> SendResult:
        if self._committed_at is not None:
            return self._unknown(reason)
        if self._garbled is not None:
            # It was refused, and nothing more was sent.
            return self._garbled
        return NotSent(reason=reason, error_class=_BROKEN_OFF.get(reason, ErrorClass.MODEM_DOWN))

    def _ask_for_prompt(self, submit: pdu.SubmitPdu) -> SendResult | None:
        """AT+CMGS until `>`; None when it came."""
        if early := self._undone():
            return early
        self._tell(SendProgress.WAITING)
        deadline = self._channel.begin(f"AT+CMGS={submit.length}", self._pace.prompt)
        self._channel.expect_prompt()
        while not (undone := self._undone()):
            if time.monotonic() >= deadline:
                self.in_doubt = True
                undone = NotSent(reason="no_prompt", error_class=ErrorClass.OTHER_MODEM)
                break
            event = self._channel.event_soon(deadline)
            if event is PROMPT:
                # From here on no +CMGS should belong to the message before; of some modems one still does.
                self._one_before = self._late.waiting
                self._late.give_up()
                self._tell(SendProgress.PROMPT)
                return None
            if event is not None and (refusal := self._early_refusal(event)):
                self._channel.expect_prompt(expected=False)
                # It may have answered something older, and a prompt may still come.
                self.in_doubt = True
                return refusal
        self._channel.escape()
        return undone

    def _hand_over(self, submit: pdu.SubmitPdu) -> SendResult | None:
        """PDU, journal, Ctrl-Z; None when Ctrl-Z is out."""
        self._channel.echo_of(submit.hexadecimal)
        self._channel.write(submit.hexadecimal.encode("ascii"), shown=submit.hexadecimal)
        refusal = self._undone() or self._overheard() or self._ask_journal()
        if refusal:
            self._channel.escape()
            return refusal
        self._commit()
        return None

    def _commit(self) -> None:
        """The point of no return."""
        self._committed_at = time.monotonic()
        self._channel.write(CTRL_Z, shown="Ctrl-Z")
        self._tell(SendProgress.COMMITTED)

    def _once_more(self, submit: pdu.SubmitPdu, first: Refused | NotSent) -> SendResult:
        """The second try after the PDU was refused as such; `first` when its echo shows that characters get lost again."""
        LOGGER.warning("%s: the PDU was garbled on the line; once more with its echo", self._board.status.name)
        self._garbled = first
        journal_said_yes = self._committed_at is not None
        self._committed_at, self._accepted, self._held = None, False, None
        try:
            if self.in_doubt and not self._channel.resync():
                return first
            self.echo_left_on = True
            self._channel.command("ATE1")
        except AtTimeout:
            self.in_doubt = True
            return first
        self.in_doubt = False
        if self._ask_for_prompt(submit):
            return first
        echo = write_with_echo(self._channel, submit.hexadecimal)
        if echo is Echo.GARBLED:
            # Seen on the line itself: no mistake of ours.
            first = self._garbled = replace(first, error_class=ErrorClass.BAD_LINE)
        if echo is not Echo.WHOLE or self._undone() or (not journal_said_yes and self._ask_journal()):
            self._channel.escape()
            return first
        self._commit()
        return self._wait_for_answer()

    def _undone(self) -> SendResult | None:
        """Whether the job was cancelled or the owner stops."""
        if self.job.cancelled.is_set():
            return Cancelled()
        if self._stop_at() is not None:
            return NotSent(reason="stopping", error_class=ErrorClass.TEMPORARY)
        return None

    def _overheard(self) -> SendResult | None:
        """What came in while the PDU went out: an error means that the modem has left the prompt."""
        for _ in range(_LINES_OVERHEARD):
            event = self._channel.event_soon(0.0)
            if event is None:
                break
            if event is not PROMPT and (refusal := self._early_refusal(event)):
                return refusal
        return None

    def _early_refusal(self, line: str) -> NotSent | None:
        """The refusal in a line before Ctrl-Z; other results belong to something older, other lines are handed on."""
        final = final_result(line)
        if final is None:
            self._channel.unsolicited(line)
        elif not final.ok and not final.of_call:
            return self._refused_early(final)
        return None

    def _refused_early(self, final: Final) -> NotSent:
        error_class = classify(final.family, final.code) if final.family else ErrorClass.OTHER_MODEM
        if error_class is ErrorClass.UNKNOWN:
            error_class = ErrorClass.OTHER_MODEM
        return NotSent(reason="refused", error_class=error_class, kind=final.family, code=final.code)

    def _ask_journal(self) -> SendResult | None:
        try:
            if self.job.journal(self._board.status) is True:
                return None
        except Exception as error:  # noqa: BLE001  whatever it is, nothing is sent without a yes
            LOGGER.error("%s: the journal failed: %s", self._board.status.name, where(error))
            return NotSent(reason="journal_failed", error_class=ErrorClass.OUR_BUG)
        return Cancelled()

    def _wait_for_answer(self) -> SendResult:
        """+CMGS, a clear refusal, or what makes it unknown; `Pace.final` seconds and not one more, whatever else comes."""
        assert self._committed_at is not None
        self._deadline = self._committed_at + self._pace.final
        slow_at = self._committed_at + self._pace.slow_network
        while (now := time.monotonic()) < self._deadline:
            stop_at = self._stop_at()
            if stop_at is not None and now >= stop_at:
                return self._unknown("stopped")
            if now >= slow_at:
                self._tell(SendProgress.WAITING_FOR_NETWORK)
                slow_at = self._deadline
            event = self._channel.event_soon(self._deadline)
            if event is not None and event is not PROMPT and (result := self._judge(event)):
                return result
        if self._held is not None:
            return Sent(reference=self._held, seconds=self._seconds())
        self.in_doubt = True
        return self._unknown("no_reference" if self._accepted else "no_answer")

    def _judge(self, line: str) -> SendResult | None:
        """What a line after Ctrl-Z makes of the message; None when it decides nothing."""
        reference = message_reference(line)
        if reference is not None and self._one_before and self._held is None:
            # Whose answer is it? A second one, or an error, would be ours.
            self._held = reference
            self._wait_a_little()
            return None
        final = final_result(line)
        if reference is not None:
            self._settle_one_before()
            return self._sent(reference)
        if final is None:
            self._channel.unsolicited(line)
        elif final.ok:
            # The answer to something before, or one whose +CMGS was lost: a moment's patience tells.
            self._accepted = True
            self._wait_a_little()
        elif not final.of_call:
            self._settle_one_before()
            return self._refused(final)
        return None

    def _wait_a_little(self) -> None:
        self._deadline = min(self._deadline, time.monotonic() + self._pace.after_ok)

    def _settle_one_before(self) -> None:
        """The +CMGS that was put aside, if any, belongs to the message before."""
        if self._held is not None:
            self._board.call("on_late", self._on_late, self._held)

    def _sent(self, reference: int) -> Sent:
        """The network has it, whatever comes now; the OK that belongs to it is taken off the line."""
        sent = Sent(reference=reference, seconds=self._seconds())
        deadline = time.monotonic() + self._pace.missing_final
        self.in_doubt = True
        try:
            while time.monotonic() < deadline:
                event = self._channel.event_soon(deadline)
                if event is None or event is PROMPT:
                    continue
                if final_result(event):
                    self.in_doubt = False
                    break
                self._channel.unsolicited(event)
        except (PortError, ModemRestarted) as lost:
            self.lost = lost
        return sent

    def _refused(self, final: Final) -> SendResult:
        family, code = final.family, final.code
        if family is None or code is None:
            return self._unknown("error")
        if (family, code) == ("cms", CMS_DUPLICATE):
            return Sent(reference=None, seconds=self._seconds())
        if not certainly_not_sent(family, code):
            return self._unknown(f"{family}_{code}")
        return Refused(kind=family, code=code, error_class=classify(family, code), seconds=self._seconds())

    def _unknown(self, reason: str) -> Unknown:
        if reason != "modem_restarted":
            self._late.wait_for(self._pace.late)
        return Unknown(reason=reason, seconds=self._seconds())

    def _seconds(self) -> float:
        assert self._committed_at is not None
        return time.monotonic() - self._committed_at

    def _tell(self, progress: SendProgress) -> None:
        if progress not in self._told:
            self._told.add(progress)
            self._board.call("progress", self.job.progress, progress)
