"""One serial port: opened exclusively, read with deadlines, woken at once, errors classified."""

from collections.abc import Callable


class SerialLine:
    """An open port."""


PortOpener = Callable[[str], SerialLine]
