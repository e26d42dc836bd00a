"""A question to the operator by USSD (+CUSD, 27.007 7.15): credit, own number, menus; closed again whatever happens."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from hardware.modem import gsm7
from hardware.modem.answers import after_prefix, fields
from hardware.modem.answers_storage import Ussd, ussd
from hardware.modem.at import Answer
from hardware.modem.errands.waiting import Progress, Refusal, Teller, refusal, untold
from hardware.modem.errors import AtTimeout, ModemError, Stopped
from hardware.modem.session import ModemSession
from hardware.modem.sim_pin import maker_words

# <dcs> 15: the default alphabet, language not told (23.038 5).
_DEFAULT_ALPHABET = 15
# <m> of +CUSD: the network waits for an answer.
_ASKS = 1
# How long a turn of the wait is; so soon a cancellation is seen.
_TURN_SECONDS = 0.1
# What a phone's keys can type.
_CODE = re.compile(r"[0-9*#]{1,32}")
_REPLY = re.compile(r"[0-9A-Za-z*#+ ]{1,32}")
# Makers whose modems want the packed octets in hexadecimal instead of the characters.
_PACKING_MAKERS = ("huawei",)


class UssdEnd(StrEnum):
    """How a dialogue by USSD ended."""

    ANSWERED = "answered"
    MENU_CLOSED = "menu_closed"  # the network still asked; we ended it, so that nothing waits
    ENDED_BY_NETWORK = "ended_by_network"  # without a word
    NOT_SUPPORTED = "not_supported"
    NO_ANSWER = "no_answer"  # the modem took it, the network said nothing in time
    REFUSED = "refused"  # by the modem: `refused` has its code


# <m> of +CUSD that ends it with nothing more to come (27.007 7.15): 2 terminated, 3 other client, 4 not supported, 5 time-out.
_ENDS = {2: UssdEnd.ENDED_BY_NETWORK, 3: UssdEnd.ENDED_BY_NETWORK, 4: UssdEnd.NOT_SUPPORTED, 5: UssdEnd.NO_ANSWER}


@dataclass(frozen=True, slots=True, kw_only=True)
class UssdDialogue:
    """What the network said, in order: some send a word of patience first. `texts` leaves out what cannot be read."""

    end: UssdEnd
    texts: tuple[str, ...] = field(repr=False)
    seconds: float
    refused: Refusal | None = None


class BadUssdCode(ModemError):
    """What was to be asked holds something that no phone can type."""


class UssdLines:
    """Makes +CUSD answers of lines: their text may run over several, with a quote at its end."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._heard: list[Ussd] = []

    def hear(self, line: str) -> None:
        """One line that nobody asked for."""
        if line.startswith("+CUSD:"):
            self._open = [line]
        elif self._open:
            self._open.append(line)
        else:
            return
        text = "\n".join(self._open)
        if text.count('"') % 2 == 0:
            self._open = []
            found = ussd(text)
            if found:
                self._heard.append(found)

    def take(self) -> Iterator[Ussd]:
        """The answers that are whole, each once."""
        while self._heard:
            yield self._heard.pop(0)


def ask_ussd(
    session: ModemSession, code: str, replies: Sequence[str] = (), progress: Progress = untold
) -> UssdDialogue:
    """Ask `code` ("*101#") and answer the menus that come with `replies` in turn; BadUssdCode.

    Each answer may take `Pace.ussd` seconds. Afterwards, also when it was cancelled, no dialogue is open any more, so that
    nothing stands in the way of an SMS or of the next question.
    """
    if not _CODE.fullmatch(code) or not all(_REPLY.fullmatch(reply) for reply in replies):
        raise BadUssdCode
    channel = session.channel
    charset = after_prefix(channel.command("AT+CSCS?", prefixes=("+CSCS",)).first, "+CSCS") or ""
    before = fields(charset)[0]
    if before != "GSM":
        channel.command('AT+CSCS="GSM"')
    try:
        return _Dialogue(session, progress).run([code, *replies])
    finally:
        if re.fullmatch(r"[0-9A-Z-]{2,12}", before) and before != "GSM":
            channel.command(f'AT+CSCS="{before}"')


class _Dialogue:
    def __init__(self, session: ModemSession, progress: Progress) -> None:
        self._session = session
        self._channel = session.channel
        self._clock = Teller(progress)
        self._lines = UssdLines()
        self._texts: list[str] = []
        self._open = True

    def run(self, words: list[str]) -> UssdDialogue:
        try:
            with self._session.overheard(self._lines.hear):
                for word in words:
                    refused = self._ask(word)
                    if refused:
                        return self._ended(UssdEnd.REFUSED, refused)
                    end = self._wait()
                    if end is not UssdEnd.MENU_CLOSED:
                        return self._ended(end)
                return self._ended(UssdEnd.MENU_CLOSED)
        finally:
            self._close()

    def _ask(self, word: str) -> Refusal | None:
        packs = any(maker in maker_words(self._session.status) for maker in _PACKING_MAKERS)
        answer = self._write(word, packed=packs)
        if not answer.ok and answer.final.code in {None, 50, 100}:
            # Refused for its form alone: newer ones of these makers take characters, some others want octets.
            answer = self._write(word, packed=not packs)
        return refusal(answer)

    def _write(self, word: str, *, packed: bool) -> Answer:
        text = packed_hexadecimal(word) if packed else word
        return self._channel.command(
            f'AT+CUSD=1,"{text}",{_DEFAULT_ALPHABET}', timeout=self._channel.pace.ussd, waiting=self._clock.turn
        )

    def _wait(self) -> UssdEnd:
        """Until an answer that ends it or asks back, and a moment longer, since a second one may follow the first."""
        pace = self._channel.pace
        deadline = self._clock.seconds + pace.ussd
        end = UssdEnd.NO_ANSWER
        while self._clock.seconds < deadline:
            for heard in self._lines.take():
                if heard.text:
                    self._texts.append(heard.text)
                if heard.mode == _ASKS:
                    return UssdEnd.MENU_CLOSED
                self._open = False
                end = _ENDS.get(heard.mode, UssdEnd.ANSWERED)
                if heard.text:
                    end = UssdEnd.ANSWERED
                deadline = min(deadline, self._clock.seconds + pace.ussd_more)
            self._channel.drain(min(_TURN_SECONDS, pace.ussd))
            self._clock.turn()
        return UssdEnd.ANSWERED if end is not UssdEnd.NOT_SUPPORTED and self._texts else end

    def _ended(self, end: UssdEnd, refused: Refusal | None = None) -> UssdDialogue:
        return UssdDialogue(end=end, texts=tuple(self._texts), seconds=self._clock.seconds, refused=refused)

    def _close(self) -> None:
        """End the dialogue in the network, unless that has done so (<n> 2 of +CUSD)."""
        if not self._open:
            return
        try:
            self._channel.command("AT+CUSD=2")
        except (AtTimeout, Stopped):
            # The order is out; what is said to it is put aside when the owner gets into step.
            return


def packed_hexadecimal(word: str) -> str:
    """The word as packed octets in hexadecimal; seven spare bits are filled with a CR (23.038 6.1.2.3.1)."""
    septets = gsm7.encode(word)
    filled = septets + bytes([gsm7.CARRIAGE_RETURN]) if len(septets) % 8 == 7 else septets
    return gsm7.pack(filled).hex().upper()
