"""HID devices that a program makes in the kernel through /dev/uhid; hidraw nodes and keyboards of their own follow.

Source: the kernel's include/uapi/linux/uhid.h and Documentation/hid/uhid.rst.
"""

import errno
import os
import select
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

UHID = Path("/dev/uhid")
BUS_USB = 3

# struct uhid_event: its type, and a union of which create2 is the longest member.
_DATA = 4096
_CREATE2 = struct.Struct(f"<I128s64s64sHHIIII{_DATA}s")
_EVENT_SIZE = _CREATE2.size
_INPUT2 = struct.Struct("<IH")
_OUTPUT = struct.Struct(f"<I{_DATA}sHB")
_GET_REPORT = struct.Struct("<IIBB")
_GET_REPORT_REPLY = struct.Struct("<IIHH")
_SET_REPORT = struct.Struct("<IIBBH")
_SET_REPORT_REPLY = struct.Struct("<IIH")

_TYPE = struct.Struct("<I")
_EVENT_DESTROY = 1
_EVENT_OUTPUT = 6
_EVENT_GET_REPORT = 9
_EVENT_GET_REPORT_REPLY = 10
_EVENT_CREATE2 = 11
_EVENT_INPUT2 = 12
_EVENT_SET_REPORT = 13
_EVENT_SET_REPORT_REPLY = 14

_REPORT_FEATURE = 0
_REPORT_OUTPUT = 1

# FIDO: CTAP 2.1 §11.2.8.1; 64 bytes each way, no report ids.
FIDO_DESCRIPTOR = bytes.fromhex(
    "06d0f1 0901 a101 0920 1500 26ff00 7508 9540 8102 0921 1500 26ff00 7508 9540 9102 c0".replace(" ", "")
)
# A boot keyboard with a feature report of 8 bytes, as YubiKeys announce it.
OTP_DESCRIPTOR = bytes.fromhex(
    "0501 0906 a101 0507 19e0 29e7 1500 2501 7501 9508 8102 9501 7508 8101 9505 7501 0508 1901 2905 9102"
    "9501 7503 9101 9506 7508 1500 2565 0507 1900 2965 8100 0903 7508 9508 b102 c0".replace(" ", "")
)


class NoAnswer(Exception):
    """The device says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HidIdentity:
    """What the kernel tells of a device.

    Attributes:
        name: manufacturer and product.
        place: where it is plugged in, as the kernel writes it for USB.
        vendor, product: numbers of USB.
        descriptor: report descriptor; reports without ids.
    """

    name: str
    place: str
    vendor: int
    product: int
    descriptor: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HidReports:
    """What a device does with the host's reports; called in the device's thread, none of them may wait.

    NoAnswer from a feature report leaves the host's ioctl waiting until the kernel gives up.
    """

    output: Callable[[bytes], None]
    get_feature: Callable[[], bytes] | None = None
    set_feature: Callable[[bytes], None] | None = None


class UhidDevice:
    """One HID device, from the constructor until `close`."""

    def __init__(self, identity: HidIdentity, reports: HidReports) -> None:
        """Plug it in.

        Raises:
            OSError: no /dev/uhid, or no right to it.
        """
        self._reports = reports
        self._file = os.open(UHID, os.O_RDWR | os.O_CLOEXEC)
        self._stop = os.eventfd(0, os.EFD_CLOEXEC)
        self._writing = threading.Lock()
        self._closed = False
        created = _CREATE2.pack(
            _EVENT_CREATE2,
            identity.name.encode(),
            identity.place.encode(),
            b"",
            len(identity.descriptor),
            BUS_USB,
            identity.vendor,
            identity.product,
            0,
            0,
            identity.descriptor,
        )
        try:
            os.write(self._file, created)
        except OSError:
            os.close(self._file)
            os.close(self._stop)
            raise
        self._thread = threading.Thread(target=self._serve, name=f"uhid {identity.place}", daemon=True)
        self._thread.start()

    def send(self, report: bytes) -> None:
        """Send an input report to the host; nothing when the device is gone."""
        self._write(_INPUT2.pack(_EVENT_INPUT2, len(report)) + report)

    def close(self) -> None:
        """Pull it out: programs that have it open get EIO."""
        with self._writing:
            if self._closed:
                return
            self._closed = True
            os.write(self._file, _TYPE.pack(_EVENT_DESTROY))
        os.eventfd_write(self._stop, 1)
        self._thread.join()
        os.close(self._file)
        os.close(self._stop)

    def _write(self, event: bytes) -> None:
        with self._writing:
            if not self._closed:
                os.write(self._file, event)

    def _serve(self) -> None:
        poll = select.poll()
        poll.register(self._file, select.POLLIN)
        poll.register(self._stop, select.POLLIN)
        while not any(descriptor == self._stop for descriptor, _ in poll.poll()):
            self._handle(os.read(self._file, _EVENT_SIZE))

    def _handle(self, event: bytes) -> None:
        [kind] = _TYPE.unpack_from(event)
        if kind == _EVENT_OUTPUT:
            _, report, size, rtype = _OUTPUT.unpack_from(event)
            # The report number comes first, as in a write to hidraw; ours have none, so it is 0.
            if rtype == _REPORT_OUTPUT:
                self._reports.output(report[1:size])
        elif kind == _EVENT_GET_REPORT:
            _, request, _, rtype = _GET_REPORT.unpack_from(event)
            self._answer_get(request, rtype)
        elif kind == _EVENT_SET_REPORT:
            _, request, _, rtype, size = _SET_REPORT.unpack_from(event)
            self._answer_set(request, rtype, event[_SET_REPORT.size : _SET_REPORT.size + size])

    def _answer_get(self, request: int, rtype: int) -> None:
        error, report = errno.EIO, b""
        if rtype == _REPORT_FEATURE and self._reports.get_feature is not None:
            try:
                error, report = 0, b"\0" + self._reports.get_feature()
            except NoAnswer:
                return
        self._write(_GET_REPORT_REPLY.pack(_EVENT_GET_REPORT_REPLY, request, error, len(report)) + report)

    def _answer_set(self, request: int, rtype: int, report: bytes) -> None:
        error = errno.EIO
        if rtype == _REPORT_FEATURE and self._reports.set_feature is not None:
            try:
                self._reports.set_feature(report[1:])
            except NoAnswer:
                return
            error = 0
        self._write(_SET_REPORT_REPLY.pack(_EVENT_SET_REPORT_REPLY, request, error))
