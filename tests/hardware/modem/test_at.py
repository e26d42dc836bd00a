import dataclasses
import time
from collections.abc import Iterator

import pytest

from hardware.modem.at import AtChannel, Unsolicited
from hardware.modem.errors import AtTimeout, ModemRestarted, Stopped
from hardware.serial_line import PortGone, SerialLine
from tests.hardware.modem.harness import QUICK
from tests.hardware.modem.scripted import ERROR, OK, PROMPT, Chatter, ScriptedModem, after, once

REPORT = "0006D60B911326880736F4111011719551401110117195714000"


class Dialogue:
    """A channel on a scripted modem, with what it hands on."""

    def __init__(self, line: SerialLine) -> None:
        self.unasked: list[Unsolicited] = []
        self.stopping = False
        self.channel = AtChannel(
            line, name="noord", pace=QUICK, on_unsolicited=self.unasked.append, stopping=lambda: self.stopping
        )

    @property
    def lines(self) -> list[str]:
        return [each.line for each in self.unasked]


@pytest.fixture
def dialogue(scripted: ScriptedModem) -> Iterator[Dialogue]:
    with SerialLine(scripted.port) as line:
        yield Dialogue(line)


def test_answer_has_its_information_and_its_result(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    answer = dialogue.channel.command("AT+CSQ", prefixes=("+CSQ",))
    assert (answer.lines, answer.ok, scripted.heard) == (["+CSQ: 20,99"], True, ["AT+CSQ"])


def test_refusal_is_an_answer(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    scripted.answers["AT+CSQ"] = b"\r\n+CME ERROR: 14\r\n"
    answer = dialogue.channel.command("AT+CSQ", prefixes=("+CSQ",))
    assert (answer.ok, answer.is_error(("cme", 14))) == (False, True)


@pytest.mark.parametrize("name", ["whole", "byte by byte", "with echo"])
def test_pieces_and_echo_make_no_difference(scripted: ScriptedModem, dialogue: Dialogue, name: str) -> None:
    scripted.seconds_per_byte = 0.0005 if name == "byte by byte" else 0.0
    scripted.echo = name == "with echo"
    assert dialogue.channel.command("AT+CGMM", free=True).lines == ["M1"]


def test_unasked_lines_inside_an_answer_are_handed_on(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    scripted.answers["AT+CSQ"] = b"\r\n^RSSI:17\r\n\r\n+CSQ: 20,99\r\n\r\nRING\r\n\r\nOK\r\n"
    assert dialogue.channel.command("AT+CSQ", prefixes=("+CSQ",)).lines == ["+CSQ: 20,99"]
    assert dialogue.lines == ["^RSSI:17", "RING"]


def test_information_after_its_ok_still_counts(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    scripted.answers["AT+CREG?"] = b"\r\nOK\r\n\r\n+CREG: 0,1\r\n"
    assert dialogue.channel.command("AT+CREG?", prefixes=("+CREG",)).lines == ["+CREG: 0,1"]


def test_an_answer_without_result_counts_where_that_is_allowed(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    scripted.answers["AT+CPIN?"] = b"\r\n+CPIN: READY\r\n"
    answer = dialogue.channel.command("AT+CPIN?", prefixes=("+CPIN",), final_optional=True)
    assert (answer.lines, answer.ok) == (["+CPIN: READY"], True)


def test_silence_is_a_time_out_that_names_the_command_without_its_values(
    scripted: ScriptedModem, dialogue: Dialogue
) -> None:
    scripted.answers["AT+CPIN"] = b""
    with pytest.raises(AtTimeout, match=r"^AT\+CPIN$"):
        dialogue.channel.command('AT+CPIN="1234"', timeout=0.05)


@pytest.mark.parametrize("seconds", [0.005, 0.0])
def test_a_flood_of_unknown_lines_never_lengthens_a_wait(
    scripted: ScriptedModem, dialogue: Dialogue, seconds: float
) -> None:
    scripted.answers["AT+CSQ"] = b""
    with Chatter(scripted, b"\r\n+UNKNOWN: 1\r\n" * 50, seconds):
        started = time.monotonic()
        with pytest.raises(AtTimeout):
            dialogue.channel.command("AT+CSQ", timeout=0.2)
        assert time.monotonic() - started < 1


def test_a_flood_of_unknown_lines_never_hides_an_answer(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    scripted.answers["AT+CSQ"] = after(0.1, b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n")
    with Chatter(scripted, b"\r\n+UNKNOWN: 1\r\n", 0.005):
        assert dialogue.channel.command("AT+CSQ", prefixes=("+CSQ",)).lines == ["+CSQ: 20,99"]


def test_late_answer_is_not_taken_for_the_next_one(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    scripted.answers["AT+CSQ"] = after(0.1, b"\r\n+CSQ: 20,99\r\n\r\nERROR\r\n")
    with pytest.raises(AtTimeout):
        dialogue.channel.command("AT+CSQ", prefixes=("+CSQ",), timeout=0.05)
    assert dialogue.channel.resync()
    assert dialogue.channel.command("AT+CGMM", free=True).lines == ["M1"]


def test_resync_leaves_a_prompt_that_was_left_behind(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    scripted.in_prompt()
    assert dialogue.channel.resync()
    assert scripted.committed == []


def test_resync_gives_up_on_a_modem_that_is_silent(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    dialogue.channel.pace = dataclasses.replace(QUICK, basic=0.05)
    scripted.answers |= {"AT": b"", "AT+CMGF?": b""}
    assert not dialogue.channel.resync()


def test_resync_is_not_fooled_by_a_modem_that_is_one_answer_behind(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    scripted.answers["AT+CSQ"] = b""
    scripted.answers["AT"] = once(b"\r\nERROR\r\n\r\nOK\r\n", OK)
    with pytest.raises(AtTimeout):
        dialogue.channel.command("AT+CSQ", timeout=0.05)
    assert dialogue.channel.resync()
    assert dialogue.channel.command("AT+CREG?", prefixes=("+CREG",)).lines == ["+CREG: 0,1"]


def test_a_prompt_where_an_answer_is_due_ends_the_command(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    scripted.answers["AT+CSQ"] = b"\r\n>\r\n"
    with pytest.raises(AtTimeout):
        dialogue.channel.command("AT+CSQ")


def test_a_delivery_report_comes_with_its_pdu(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    scripted.say(f"\r\n+CDS: 25\r\n{REPORT}\r\n".encode())
    dialogue.channel.drain(0.1)
    assert dialogue.unasked == [Unsolicited("+CDS: 25", REPORT)]


def test_a_delivery_report_inside_an_answer_is_no_answer(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    scripted.answers["AT+CGMM"] = f"\r\n+CDS: 25\r\n{REPORT}\r\n\r\nM1\r\n\r\nOK\r\n".encode()
    assert dialogue.channel.command("AT+CGMM", free=True).lines == ["M1"]
    assert dialogue.unasked == [Unsolicited("+CDS: 25", REPORT)]


def test_a_line_between_a_report_and_its_pdu_separates_nothing(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    scripted.say(f"\r\n+CDS: 25\r\n^RSSI:17\r\n{REPORT}\r\n".encode())
    dialogue.channel.drain(0.1)
    assert dialogue.unasked == [Unsolicited("^RSSI:17"), Unsolicited("+CDS: 25", REPORT)]


def test_a_report_whose_pdu_never_comes_takes_no_later_line(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    scripted.say(b"\r\n+CDS: 25\r\na\r\nb\r\nc\r\n" + REPORT.encode() + b"\r\n")
    dialogue.channel.drain(0.1)
    assert dialogue.lines == ["a", "b", "c", REPORT]


def test_a_start_up_banner_ends_the_command(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    scripted.answers["AT+CSQ"] = b"\r\nRDY\r\n"
    with pytest.raises(ModemRestarted):
        dialogue.channel.command("AT+CSQ")


def test_waiting_ends_when_the_owner_stops(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    scripted.answers["AT+CSQ"] = b""
    dialogue.stopping = True
    with pytest.raises(Stopped):
        dialogue.channel.command("AT+CSQ")


def test_an_unplugged_modem_ends_the_command(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    def unplug(modem: ScriptedModem) -> bytes:
        modem.unplug()
        return b""

    scripted.answers["AT+CSQ"] = unplug
    with pytest.raises(PortGone):
        dialogue.channel.command("AT+CSQ")


def test_escape_leaves_the_prompt_and_takes_its_answer(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    dialogue.channel.begin("AT+CMGS=20")
    dialogue.channel.expect_prompt()
    assert dialogue.channel.next_event(time.monotonic() + 2) is not None
    dialogue.channel.escape()
    assert dialogue.channel.command("AT+CGMM", free=True).lines == ["M1"]
    assert (scripted.committed, scripted.escapes) == ([], 1)


def test_results_that_nobody_waits_for_are_dropped(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    scripted.say(ERROR + OK + PROMPT + b"\r\n")
    dialogue.channel.drain(0.1)
    assert dialogue.unasked == []


def test_what_came_with_an_answer_is_handed_on_before_listening(scripted: ScriptedModem, dialogue: Dialogue) -> None:
    scripted.answers["AT+CSQ"] = b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n\r\n^RSSI:17\r\n"
    dialogue.channel.command("AT+CSQ", prefixes=("+CSQ",))
    started = time.monotonic()
    dialogue.channel.listen(started + 5)
    assert dialogue.lines == ["^RSSI:17"]
    assert time.monotonic() - started < 2
