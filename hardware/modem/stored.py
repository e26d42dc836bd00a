"""The memory for messages as the engine uses it: reports that a modem stores instead of passing on, and room for more."""

from collections import deque
from collections.abc import Callable

from hardware.modem import pdu
from hardware.modem.answers import StoredAt
from hardware.modem.answers_storage import Storage, storages, stored_messages
from hardware.modem.at import AtChannel
from hardware.modem.errors import PduError
from hardware.modem.reports import StatusReport
from hardware.modem.status_board import StatusBoard
from hardware.modem.wire_log import LOGGER

# More announced reports than this, and the oldest are forgotten: a report only adds certainty.
_REPORTS_KEPT = 20
# The memory of reports (27.005 3.2.2); where many modems keep them whatever they announce.
_REPORT_MEMORY = "SR"
# <delflag> 3 of +CMGD: what was read, stored and sent, never what is unread (27.005 3.5.4).
_DELETE_ALL_BUT_UNREAD = 3
# So few places left, and it is emptied.
_NEARLY_FULL = 2
_CMGR_PREFIX = ("+CMGR",)
# With which modems say that the memory is full, each time that a message could not be stored.
_FULL = ("^SMMEMFULL", '+QIND: "SMS', "#SMSFULL", "SMS FULL", "*SMSFULL")


class MessageMemory:
    """Keeps the memory of one modem usable; its methods talk to the modem, `announced` only notes."""

    def __init__(self, channel: AtChannel, board: StatusBoard, on_report: Callable[[StatusReport], None]) -> None:
        self._channel = channel
        self._board = board
        self._on_report = on_report
        self._announced: deque[StoredAt] = deque(maxlen=_REPORTS_KEPT)
        self._full = False

    @property
    def waiting(self) -> bool:
        """Whether a stored report was announced (+CDSI) and not read yet."""
        return bool(self._announced)

    @property
    def full(self) -> bool:
        """Whether the modem has said that nothing more fits in, and nobody has looked since."""
        return self._full

    def heard(self, line: str) -> bool:
        """Take a line that says that the memory is full; whether it was one."""
        if not line.startswith(_FULL):
            return False
        self._full = True
        return True

    def announced(self, place: StoredAt) -> None:
        """Note a stored report."""
        self._announced.append(place)

    def read_report(self) -> None:
        """Read the first announced report where it is said to lie, else in the memory of reports; then delete it there.

        Some modems announce `"SM",0` whatever the truth; a report that is not found is forgotten.
        """
        place = self._announced.popleft()
        if self._take_report(place.index):
            return
        before = self._read_memory()
        if before and self._choose(_REPORT_MEMORY):
            try:
                if self._take_report(place.index):
                    return
            finally:
                self._choose(before[0].memory)
        LOGGER.warning("%s: no delivery report at %s %d", self._board.status.name, place.memory, place.index)

    def check(self) -> None:
        """How full the memory is that receives messages; nearly full, what was read and sent is deleted."""
        self._full = False
        memories = self._read_memory()
        if not memories:
            return
        receiving = memories[-1]
        if receiving.total and receiving.total - receiving.used <= min(_NEARLY_FULL, receiving.total // 2):
            self._empty(memories)

    def _empty(self, memories: list[Storage]) -> None:
        receiving = memories[-1]
        name = self._board.status.name
        if memories[0].memory != receiving.memory and not self._choose(receiving.memory):
            return
        answer = self._channel.command(f"AT+CMGD=1,{_DELETE_ALL_BUT_UNREAD}", timeout=self._channel.pace.empty_memory)
        after = self._read_memory()
        left = after[-1].used if after else receiving.used
        LOGGER.warning(
            "%s: memory %s held %d of %d messages, now %d%s",
            name,
            receiving.memory,
            receiving.used,
            receiving.total,
            left,
            "" if answer.ok else "; deleting was refused",
        )

    def _read_memory(self) -> list[Storage]:
        found = storages(self._channel.command("AT+CPMS?", prefixes=("+CPMS",)).first)
        if found:
            self._board.update(storage_used=found[-1].used, storage_total=found[-1].total)
        return found

    def _choose(self, memory: str) -> bool:
        """Let reading and deleting mean this memory."""
        return memory.isalnum() and self._channel.command(f'AT+CPMS="{memory}"', prefixes=("+CPMS",)).ok

    def _take_report(self, index: int) -> bool:
        answer = self._channel.command(f"AT+CMGR={index}", prefixes=_CMGR_PREFIX, free=True)
        # Some firmwares show a report as +CDS or as the PDU alone.
        found = [stored.pdu for stored in stored_messages("\n".join(answer.lines))]
        found += [line for line in answer.lines if not line.startswith("+")][:1]
        for text in found:
            try:
                report = pdu.decode_status_report(text)
            except PduError:
                continue
            self._board.call("on_report", self._on_report, report)
            self._channel.command(f"AT+CMGD={index}")
            return True
        return False
