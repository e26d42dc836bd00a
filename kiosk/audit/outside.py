"""Checking an export on another machine, with the public key alone; how it is made up is `kiosk.audit.proof`."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from hashlib import sha256
from typing import Any, BinaryIO, Final

from data.audit_chain import CHECKPOINT, RESTORED, body_of, checkpoint_message, digest_of, roll_on
from data.audit_check import never, silent
from kiosk.audit import proof
from kiosk.signatures import PublicKey

TELL_EVERY: Final = 2_000
# No row of ours comes near; more would be read for whoever wants to fill the memory.
LONGEST_LINE: Final = 4_000_000
# What reading a line that somebody else wrote can raise.
_MISREAD: Final = (ValueError, KeyError, TypeError, OverflowError, RecursionError, AttributeError)


@unique
class ExportFault(StrEnum):
    """What is wrong with an export."""

    NO_EXPORT = "no_export"
    """The file does not begin as one."""
    CUT_OFF = "cut_off"
    """It has no last line."""
    UNSEALED = "unsealed"
    """The log was not whole when it was exported, so it was not signed."""
    UNKNOWN_KEY = "unknown_key"
    """It was signed by a key that was not given."""
    ALTERED = "altered"
    MISSING = "missing"
    SWAPPED = "swapped"
    REPLACED = "replaced"
    """Rows up to a checkpoint are not those that the checkpoint signed."""
    NOT_AS_SIGNED = "not_as_signed"
    """Something else than what rows say was changed: the first line, a name, a space."""
    FORGED = "forged"
    """The last line was not signed by this key."""
    UNEXPECTED = "unexpected"
    """It has no row with the value that was noted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFinding:
    """How an export was found.

    Attributes:
        kind: What is wrong; None when nothing is.
        first: The first row that is wrong; None when no row can be named.
        last: The last one.
        line: The line of the file, counted from 1.
        rows: Rows that were checked.
        whole: Of these, how many say what happened.
        pruned: How many had lost their contents in time.
        checkpoints: How many checkpoints were signed by a key that was given.
        strange_checkpoints: How many by another.
        header: The first line: site, time and reason of the export.
        key: The name of the key that signed it.
        last_mac: The value of the last row that has one.
        last_mac_seq: The number of that row.
        cancelled: Whether the check was stopped before its end.
    """

    ok: bool
    kind: ExportFault | None = None
    first: int | None = None
    last: int | None = None
    line: int = 0
    rows: int = 0
    whole: int = 0
    pruned: int = 0
    checkpoints: int = 0
    strange_checkpoints: int = 0
    header: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None
    last_mac: bytes = b""
    last_mac_seq: int = 0
    expected_seq: int | None = None
    cancelled: bool = False


class _Bad(Exception):
    def __init__(self, kind: ExportFault, first: int | None = None, last: int | None = None) -> None:
        super().__init__(kind, first, last)
        self.kind = kind
        self.first = first
        self.last = first if last is None else last


class ExportCheck:
    """One pass over the file, a line at a time; `keys` by name, `expected` begins the mac of some row."""

    def __init__(self, file: BinaryIO, keys: Mapping[str, PublicKey], *, expected: bytes | None = None) -> None:
        self._file = file
        self._keys = keys
        self._expected = expected
        self._expected_seq: int | None = None
        self._digest = sha256()
        self._size = 0
        self._line = self._rows = self._whole = self._pruned = 0
        self._checkpoints = self._strange = 0
        # The last row that a checkpoint vouches for.
        self._vouched = 0
        self._seq = 0
        self._roll = b""
        self._header: dict[str, Any] = {}
        self._key: str | None = None
        self._mac, self._mac_seq = b"", 0

    def run(
        self, progress: Callable[[int, int], None] = silent, cancelled: Callable[[], bool] = never
    ) -> ExportFinding:
        """Check line by line; `progress(bytes done, bytes there are)` and `cancelled()` per 2 000 lines. Raises OSError."""
        self._size = self._file.seek(0, 2)
        self._file.seek(0)
        try:
            self._read_header()
            if self._read_rows(progress, cancelled):
                return self._finding(None, cancelled=True)
        except _Bad as bad:
            return self._finding(bad)
        progress(self._size, self._size)
        if self._expected is not None and self._expected_seq is None:
            return self._finding(_Bad(ExportFault.UNEXPECTED))
        return self._finding(None)

    def _read_rows(self, progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> bool:
        """All rows and the seal; whether it was stopped."""
        while not self._is_end(content := self._read()):
            if self._line % TELL_EVERY == 0:
                if cancelled():
                    return True
                progress(self._file.tell(), self._size)
            self._read_row(content)
        self._read_seal(content)
        return False

    def _finding(self, bad: _Bad | None, *, cancelled: bool = False) -> ExportFinding:
        return ExportFinding(
            ok=bad is None and not cancelled,
            kind=None if bad is None else bad.kind,
            first=None if bad is None else bad.first,
            last=None if bad is None else bad.last,
            line=self._line,
            rows=self._rows,
            whole=self._whole,
            pruned=self._pruned,
            checkpoints=self._checkpoints,
            strange_checkpoints=self._strange,
            header=self._header,
            key=self._key,
            last_mac=self._mac,
            last_mac_seq=self._mac_seq,
            expected_seq=self._expected_seq,
            cancelled=cancelled,
        )

    def _read(self) -> dict[str, Any]:
        text = self._file.readline(LONGEST_LINE)
        self._line += 1
        if not text:
            raise _Bad(ExportFault.CUT_OFF, self._seq + 1 if self._seq else None)
        if not text.endswith(b"\n"):
            # Half a line is the end of a file that was cut; a whole one without its end was changed.
            cut = not text.rstrip().endswith(b"}")
            raise _Bad(ExportFault.CUT_OFF if cut else ExportFault.NOT_AS_SIGNED, self._seq + 1 if cut else None)
        try:
            content = json.loads(text)
        except _MISREAD:
            content = None
        if not isinstance(content, dict):
            raise _Bad(ExportFault.NO_EXPORT if self._line == 1 else ExportFault.ALTERED, self._next_row())
        if "seal" in content or "unsealed" in content:
            return content
        self._digest.update(text)
        return content

    def _next_row(self) -> int | None:
        return None if self._line == 1 else (self._seq + 1 if self._seq else self._header.get("first"))

    @staticmethod
    def _is_end(content: dict[str, Any]) -> bool:
        return "seal" in content or "unsealed" in content

    def _read_header(self) -> None:
        content = self._read()
        if content.get("kiosk_audit_export") != proof.FORM:
            raise _Bad(ExportFault.NO_EXPORT)
        try:
            self._seq = _whole_number(content["first"]) - 1 if content["first"] else 0
            self._roll = bytes.fromhex(content["roll"])
        except _MISREAD:
            raise _Bad(ExportFault.NOT_AS_SIGNED) from None
        self._header = content
        self._vouched = self._seq

    def _read_row(self, content: dict[str, Any]) -> None:
        try:
            seq, digest = _whole_number(content["seq"]), bytes.fromhex(content["digest"])
        except _MISREAD:
            raise _Bad(ExportFault.ALTERED, self._next_row()) from None
        if seq != self._seq + 1 and not self._goes_on_after_restore(content):
            raise self._hole(seq)
        if "event" in content:
            self._read_event(content, seq, digest)
        elif content.get("pruned") is True:
            self._pruned += 1
        try:
            self._roll = roll_on(self._roll, seq, digest)
            if "mac" in content:
                self._mac, self._mac_seq = bytes.fromhex(content["mac"]), seq
        except _MISREAD:
            raise _Bad(ExportFault.ALTERED, seq) from None
        if self._expected is not None and self._mac_seq == seq and self._mac.startswith(self._expected):
            self._expected_seq = seq
        self._seq = seq
        self._rows += 1

    def _read_event(self, content: dict[str, Any], seq: int, digest: bytes) -> None:
        try:
            body = body_of(content["at"], content["at_wall"], content["event"])
            fits = digest_of(bytes.fromhex(content["salt"]), body.encode("ascii")) == digest
        except _MISREAD:
            fits = False
        if not fits:
            raise _Bad(ExportFault.ALTERED, seq)
        self._whole += 1
        if proof.action_of(content) == CHECKPOINT:
            self._read_checkpoint(content, seq)

    def _read_checkpoint(self, content: dict[str, Any], seq: int) -> None:
        try:
            parameters = content["event"]["parameters"]
            key = self._keys.get(parameters["key"])
            roll, signature = bytes.fromhex(parameters["roll"]), bytes.fromhex(parameters["signature"])
            signed = key is not None and key.has_signed(checkpoint_message(seq, content["at"], roll), signature)
        except _MISREAD:
            raise _Bad(ExportFault.ALTERED, seq) from None
        if key is None:
            self._strange += 1
            return
        if not signed:
            raise _Bad(ExportFault.ALTERED, seq)
        if roll != self._roll:
            raise _Bad(ExportFault.REPLACED, self._vouched + 1, self._seq)
        self._checkpoints += 1
        self._vouched = self._seq

    def _goes_on_after_restore(self, content: dict[str, Any]) -> bool:
        try:
            return bool(
                proof.action_of(content) == RESTORED and content["event"]["parameters"]["last_seq"] == self._seq
            )
        except _MISREAD:
            return False

    def _hole(self, seq: int) -> _Bad:
        """Whether what belongs here stands further on."""
        wanted = self._seq + 1
        if seq <= self._seq:
            return _Bad(ExportFault.SWAPPED, seq, self._seq)
        for text in iter(lambda: self._file.readline(LONGEST_LINE), b""):
            try:
                if json.loads(text).get("seq") == wanted:
                    return _Bad(ExportFault.SWAPPED, wanted, seq)
            except _MISREAD:
                continue
        return _Bad(ExportFault.MISSING, wanted, seq - 1)

    def _read_seal(self, content: dict[str, Any]) -> None:
        if "unsealed" in content:
            raise _Bad(ExportFault.UNSEALED)
        try:
            seal, signature = content["seal"], bytes.fromhex(content["signature"])
            self._key = str(seal["key"])
            message, last, roll, digest = proof.seal_message(seal), seal["last"], seal["roll"], seal["sha256"]
            written = proof.line({"seal": seal, "signature": content["signature"]})
        except _MISREAD:
            raise _Bad(ExportFault.FORGED) from None
        key = self._keys.get(self._key)
        if key is None:
            raise _Bad(ExportFault.UNKNOWN_KEY)
        if not key.has_signed(message, signature):
            raise _Bad(ExportFault.FORGED)
        if last > self._seq:
            raise _Bad(ExportFault.MISSING, self._seq + 1, last)
        if self._roll.hex() != roll:
            raise _Bad(ExportFault.REPLACED, self._vouched + 1, self._seq)
        if self._digest.hexdigest() != digest or not self._ends_with(written):
            raise _Bad(ExportFault.NOT_AS_SIGNED)

    def _ends_with(self, written: bytes) -> bool:
        """Whether the last line is byte for byte as it was written, and nothing follows."""
        if self._file.tell() != self._size:
            return False
        self._file.seek(-len(written), 2)
        return self._file.read() == written


def _whole_number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError
    return value
