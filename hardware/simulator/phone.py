"""A simulated mobile phone: it collects the SMS that arrive and may be switched off."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from hardware.simulator.tpdu import Concatenation, Submit


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMessage:
    """An SMS as its owner sees it, all parts put together.

    Attributes:
        text: what it says; empty when it carries 8-bit data.
        data: the octets of an 8-bit message.
        sender: E.164 number of the SIM that sent it.
        network: MCC-MNC of the network over which it was sent.
        network_name: that network's long name.
        at_ms: milliseconds UTC at which it arrived.
        message_class: 0 = shown at once and not kept (23.038 §4); None = no class.
    """

    text: str = field(repr=False)
    data: bytes = field(repr=False, default=b"")
    sender: str = field(repr=False)
    network: str
    network_name: str
    at_ms: int
    message_class: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a service centre hands to a phone or a modem.

    Attributes:
        sender: E.164 number of the sender.
        submit: the decoded SMS-SUBMIT.
        network: MCC-MNC over which it was sent; `network_name` its name.
        at_ms: milliseconds UTC of the delivery.
        accepted_ms: milliseconds UTC at which the service centre took it (TP-SCTS).
    """

    sender: str = field(repr=False)
    submit: Submit
    network: str
    network_name: str
    at_ms: int
    accepted_ms: int


class SimulatedPhone:
    """A phone with one number, made by `SimulatedNetwork.phone(number)`.

    Attributes:
        number: E.164.
        home_network: MCC-MNC whose outage makes the phone unreachable; None = reachable always.
    """

    def __init__(
        self,
        number: str,
        *,
        changed: threading.Condition,
        switched_on: Callable[[], None],
        home_network: str | None = None,
    ) -> None:
        self.number = number
        self.home_network = home_network
        self._changed = changed
        self._switched_on = switched_on
        self._is_on = True
        self._messages: list[ReceivedMessage] = []
        self._parts: dict[tuple[str, int, int], dict[int, Submit]] = {}
        self._callbacks: list[Callable[[ReceivedMessage], None]] = []

    def __repr__(self) -> str:
        return f"<SimulatedPhone …{self.number[-2:]} {'on' if self._is_on else 'off'}, {len(self._messages)} messages>"

    @property
    def is_on(self) -> bool:
        """Whether the phone is switched on."""
        return self._is_on

    @property
    def messages(self) -> tuple[ReceivedMessage, ...]:
        """All that arrived, in order of arrival."""
        with self._changed:
            return tuple(self._messages)

    @property
    def texts(self) -> tuple[str, ...]:
        """Texts of all that arrived, in order of arrival."""
        return tuple(message.text for message in self.messages)

    def on_message(self, callback: Callable[[ReceivedMessage], None]) -> Callable[[], None]:
        """Call `callback` for each SMS, in the thread that delivers it; the answer ends that."""
        with self._changed:
            self._callbacks.append(callback)

        def end() -> None:
            with self._changed:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)

        return end

    def off(self) -> None:
        """Switch off: messages wait at the service centre."""
        with self._changed:
            self._is_on = False
            self._changed.notify_all()

    def on(self) -> None:
        """Switch on: what waited arrives."""
        with self._changed:
            self._is_on = True
            self._changed.notify_all()
        self._switched_on()

    def clear(self) -> None:
        """Throw away what arrived."""
        with self._changed:
            self._messages.clear()
            self._changed.notify_all()

    def wait_for(self, count: int = 1, *, timeout: float = 5.0) -> tuple[ReceivedMessage, ...]:
        """Wait until at least `count` messages have arrived; all of them.

        Raises:
            TimeoutError: they did not arrive within `timeout` seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._messages) >= count, timeout):
                raise TimeoutError(len(self._messages), count)
            return tuple(self._messages)

    def receive(self, delivery: Delivery) -> None:
        """Take one SMS from the service centre; a part of a longer one waits for the others."""
        with self._changed:
            parts = self._complete(delivery)
            if parts is None:
                return
            message = ReceivedMessage(
                text="".join(part.text or "" for part in parts),
                data=b"".join(part.data for part in parts if part.text is None),
                sender=delivery.sender,
                network=delivery.network,
                network_name=delivery.network_name,
                at_ms=delivery.at_ms,
                message_class=delivery.submit.message_class,
            )
            self._messages.append(message)
            callbacks = tuple(self._callbacks)
            self._changed.notify_all()
        for callback in callbacks:
            callback(message)

    def _complete(self, delivery: Delivery) -> list[Submit] | None:
        concatenation: Concatenation | None = delivery.submit.concatenation
        if concatenation is None:
            return [delivery.submit]
        key = (delivery.sender, concatenation.reference, concatenation.parts)
        parts = self._parts.setdefault(key, {})
        parts[concatenation.part] = delivery.submit
        if len(parts) < concatenation.parts:
            return None
        del self._parts[key]
        return [parts[number] for number in sorted(parts)]
