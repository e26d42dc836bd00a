"""Whatever a program writes, the modem stays alive and in its senses."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.simulator import PROFILES, SimulatedModem, SimulatedNetwork
from hardware.simulator.script import known_commands
from tests.hardware.simulator.client import ESCAPE, PDU, Client

# Restarting takes a stick's port away, and waiting for that is no part of this.
HARMLESS = [command for command in known_commands() if command != "+CFUN"]

values = st.sampled_from(
    ["", "0", "1", "2", "9", "29", '"SM"', '"+31612345678"', '"', ",", "1,2,3", "-1", "²", "x" * 300]
)
commands = st.builds(
    lambda name, form, given: f"AT{name}{form}{given}\r".encode("latin-1"),
    st.sampled_from([*HARMLESS, "E", "V", "Q", "Z", "&F", "S0", "S99", "D", "I", "", "X", "+", ";", "?"]),
    st.sampled_from(["", "?", "=?", "=", "="]),
    values,
)
noise = st.binary(max_size=30)
writing = st.lists(
    st.one_of(commands, noise, st.sampled_from([PDU.encode(), b"\x1a", ESCAPE, b"\r", b";"])), max_size=20
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(PROFILES)), writing)
def test_after_anything_at_all_the_modem_answers_ok(profile: str, written: list[bytes]) -> None:
    with SimulatedModem(profile, air=SimulatedNetwork()) as modem, Client(modem.port, quiet=False) as client:
        client.write(b"".join(written))
        client.write(ESCAPE + b"\r")
        client.write(b"ATZ\rATE0V1Q0\r")
        client.within(0.005)

        client.write(b"AT+CGSN\r")

        assert modem.imei.encode() in client.expect(modem.imei.encode() + rb"\r\n\r\nOK\r\n")
