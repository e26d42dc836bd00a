"""From a port that was just opened to a modem that can send, in at most 22 commands.

Every step may be refused unless it is said otherwise: makers differ, and an SMS needs few of them.
"""

from hardware.modem.answers import functionality, identity, imei, imsi
from hardware.modem.answers_sim import service_centre
from hardware.modem.at import ESCAPE, NO_ANSWER, Answer, AtChannel
from hardware.modem.causes import CMS_NO_SERVICE_CENTRE
from hardware.modem.errors import AtTimeout, ModemUnfit, SimProblem
from hardware.modem.network_state import NetworkState
from hardware.modem.reasons import Reason
from hardware.modem.settings import ModemSettings, RefusedPins
from hardware.modem.sim_pin import SimGuard, patiently
from hardware.modem.status_board import StatusBoard

# Answers switched off or in digits (ATQ1, ATV0), and echo, are left behind by other programs (V.250 6.2.4 to 6.2.6).
_PLAIN_DIALOGUE = "ATQ0V1E0"
_NO_ECHO = "ATE0"
# After so many unanswered AT the modem is told to answer.
_TRIES_BEFORE_DIALOGUE = 3
# <fun> 0 minimum, 4 radio off, 1 full (27.007 8.2).
_RADIO_OFF = {0, 4}
_FULL = 1
# Reports straight to us (+CDS), new messages stored and announced; then what older firmwares take (27.005 3.4.1).
_INDICATIONS = ("AT+CNMI=2,1,0,1,0", "AT+CNMI=2,1,0,2,0", "AT+CNMI=1,1,0,1,0")
_CHATTY_MAKER = "huawei"


class Initialiser:
    """Sets one modem up and fills its status; raises SimProblem, ModemUnfit, AtTimeout when it cannot serve."""

    def __init__(
        self,
        channel: AtChannel,
        settings: ModemSettings,
        board: StatusBoard,
        refused_pins: RefusedPins,
        network: NetworkState,
    ) -> None:
        self._channel = channel
        self._settings = settings
        self._pace = settings.pace
        self._board = board
        self._guard = SimGuard(channel, settings, board, refused_pins)
        self._network = network

    def run(self) -> None:
        """All steps; afterwards the state is READY or NO_NETWORK. Until then a modem that was down stays down."""
        self._board.update(iccid="", imsi_network="", service_centre="", pin_tries=None)
        self._wake_up()
        self._identify()
        self._switch_radio_on()
        self._heed_adoption()
        self._guard.make_ready()
        self._identify_sim()
        self._prepare_sms()
        self._network.read_all()

    def restore_dialogue(self) -> None:
        """What every SMS relies on: words, no echo, coded errors, PDU mode; ModemUnfit when it refuses PDU mode."""
        self._speak_plainly()
        if not self._ask("AT+CMGF=0").ok:
            raise ModemUnfit(Reason.NO_PDU_MODE)

    def _wake_up(self) -> None:
        """Leave a prompt that somebody left behind, wake a sleeping modem, make it answer in words without echo."""
        self._channel.expect_prompt(expected=False)
        self._channel.write(ESCAPE + b"\r", shown="ESC")
        self._channel.drain(self._pace.drain)
        if not self._channel.attention(self._pace.attention_tries, _PLAIN_DIALOGUE, plain_after=_TRIES_BEFORE_DIALOGUE):
            raise ModemUnfit(Reason.SILENT)
        self._speak_plainly()

    def _speak_plainly(self) -> None:
        if not self._channel.command(_PLAIN_DIALOGUE, timeout=self._pace.first, numeric=True).ok:
            self._ask(_NO_ECHO)
        self._ask("AT+CMEE=1")

    def _identify(self) -> None:
        maker = identity(self._ask("AT+CGMI", "+CGMI", free=True).lines, "+CGMI")
        model = identity(self._ask("AT+CGMM", "+CGMM", free=True).lines, "+CGMM")
        revision = identity(self._ask("AT+CGMR", "+CGMR", free=True).lines, "+CGMR")
        number = imei(self._ask("AT+CGSN", "+CGSN", free=True).lines)
        self._board.update(manufacturer=maker, model=model, revision=revision, imei=number)
        if self._settings.imei and number != self._settings.imei:
            raise ModemUnfit(Reason.OTHER_MODEM)
        self._heed_adopted_modem(number)
        if _CHATTY_MAKER in maker.lower():
            self._ask("AT^CURC=0")

    def _heed_adopted_modem(self, number: str) -> None:
        """Anyone can claim an IMEI; in another socket a technician looks again (DESIGN §5)."""
        adopted, socket = self._settings.adopted, self._board.status.socket
        if adopted is None:
            return
        moved = adopted.socket and socket and socket != adopted.socket and not self._settings.anywhere
        if number == adopted.imei and not moved:
            return
        # Only read, so that a technician sees what would be adopted; without it nobody could adopt the replacement.
        self._guard.read_iccid()
        raise ModemUnfit(Reason.OTHER_SOCKET if number == adopted.imei else Reason.OTHER_MODEM)

    def _heed_adoption(self) -> None:
        """Before anything is entered: a SIM that nobody confirmed gets no PIN; its number is shown."""
        adopted = self._settings.adopted
        if adopted is None and not self._settings.must_be_adopted:
            return
        card = self._guard.read_iccid()
        if adopted is None:
            raise SimProblem(Reason.NOT_ADOPTED)
        if card and card != adopted.iccid:
            raise SimProblem(Reason.OTHER_SIM)

    def _switch_radio_on(self) -> None:
        if functionality(self._ask("AT+CFUN?", "+CFUN").first) not in _RADIO_OFF:
            return
        # Never ",1": a restart makes many sticks come back as another device.
        switched = self._ask("AT+CFUN=1", timeout=self._pace.radio)
        if not switched.ok and functionality(self._ask("AT+CFUN?", "+CFUN").first) != _FULL:
            raise ModemUnfit(Reason.RADIO_OFF)

    def _identify_sim(self) -> None:
        card = self._board.status.iccid or self._guard.read_iccid()
        if self._settings.expected_iccid and card != self._settings.expected_iccid:
            raise SimProblem(Reason.OTHER_SIM)
        # MCC and MNC; in the Netherlands and most of Europe the MNC has two digits.
        self._board.update(imsi_network=imsi(self._ask("AT+CIMI", "+CIMI", free=True).lines)[:5])

    def _prepare_sms(self) -> None:
        """PDU mode, which must work; a service centre; reports; no acknowledgement of each report (+CSMS=0)."""
        answer = patiently(
            self._channel, self._board, "AT+CMGF=0", (), lambda answer: answer.ok, timeout=self._pace.basic
        )
        if answer is None:
            raise ModemUnfit(Reason.NO_PDU_MODE)
        self._find_service_centre()
        for indication in _INDICATIONS:
            if self._ask(indication).ok:
                break
        self._ask("AT+CSMS=0")

    def _find_service_centre(self) -> None:
        """What the SIM has, else what is configured; a modem that does not tell is believed."""
        answer = self._ask("AT+CSCA?", "+CSCA")
        known = service_centre(answer.first)
        if known and known.number:
            self._board.update(service_centre=known.number)
        elif known or answer.is_error(("cms", CMS_NO_SERVICE_CENTRE)):
            if not self._settings.smsc:
                raise SimProblem(Reason.NO_SERVICE_CENTRE)
            write_service_centre(self._channel, self._settings.smsc)
            self._board.update(service_centre=self._settings.smsc)

    def _ask(self, command: str, prefix: str = "", *, free: bool = False, timeout: float | None = None) -> Answer:
        """One command whose refusal is tolerated; a time-out is tolerated when the modem can be brought back in step."""
        try:
            return self._channel.command(command, prefixes=(prefix,) if prefix else (), free=free, timeout=timeout)
        except AtTimeout:
            if not self._channel.resync():
                raise
            return NO_ANSWER


def write_service_centre(channel: AtChannel, number: str) -> bool:
    """Put a service centre (E.164) on the SIM; whether the modem took it (27.005 3.3.1)."""
    # 145 is 91 hexadecimal, international; 129 is 81, unknown (23.040 9.1.2.5).
    kind = 145 if number.startswith("+") else 129
    return channel.command(f'AT+CSCA="{number}",{kind}').ok
