"""gammu, which we did not write, as client of every family through the real command line."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from hardware.simulator import PROFILES, SimulatedModem, SimulatedNetwork
from tests.hardware.simulator.client import NUMBER

pytestmark = pytest.mark.skipif(shutil.which("gammu") is None, reason="apt-get install gammu")

# Letters that Dutch needs and GSM 7 has, and its extension.
TEXT = "Hallo één café, à la scène: €5 [test] üäöñß 482913"

SECONDS = 60

# Other texts, each in one call: plain, all of the extension, one that needs UCS-2, a full part, two parts.
TEXTS = (
    "Uw code voor Hoofdkantoor: 482913",
    "^{}\\[~]|€ @£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ",
    "Geïnstalleerd: coördinatie, ëêâç",
    "x" * 159 + "!",
    "0123456789" * 20,
)


@dataclass(frozen=True)
class Conversation:
    identify: subprocess.CompletedProcess[str]
    send: subprocess.CompletedProcess[str]
    printed: list[str]


def gammu(port: str, configuration: Path, *arguments: str) -> subprocess.Popen[str]:
    configuration.write_text(f"[gammu]\nconnection = at\ndevice = {port}\n")
    return subprocess.Popen(
        ["gammu", "-c", str(configuration), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    with process:
        try:
            output, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, output)


@pytest.fixture(scope="module")
def conversations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Conversation]]:
    """Identify, then send, with every family at the same time: gammu spends its time waiting."""
    directory = tmp_path_factory.mktemp("gammu")
    with ExitStack() as stack:
        simulators, ports = {}, {}
        for name in PROFILES:
            simulator = subprocess.Popen(
                [sys.executable, "-m", "kiosk", "simulate", "modem", "--profile", name, "--network", "20404"],
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(simulator)
            stack.callback(simulator.terminate)
            assert simulator.stdout is not None
            simulators[name], ports[name] = simulator, simulator.stdout.readline().strip()
        identifying = {name: gammu(port, directory / name, "identify") for name, port in ports.items()}
        identified = {name: ended(process) for name, process in identifying.items()}
        arguments = ("sendsms", "TEXT", NUMBER, "-text", TEXT)
        sending = {name: gammu(port, directory / name, *arguments) for name, port in ports.items()}
        sent = {name: ended(process) for name, process in sending.items()}
        printed = {}
        for name, simulator in simulators.items():
            simulator.terminate()
            printed[name] = simulator.communicate(timeout=SECONDS)[0].splitlines()
        yield {name: Conversation(identified[name], sent[name], printed[name]) for name in PROFILES}


@pytest.mark.parametrize("profile", PROFILES)
def test_gammu_identifies_every_family(conversations: dict[str, Conversation], profile: str) -> None:
    identify = conversations[profile].identify

    assert identify.returncode == 0, identify.stdout
    assert PROFILES[profile].model in identify.stdout
    # It says no more than "ZTE" of ZTE CORPORATION.
    assert PROFILES[profile].manufacturer.split()[0].lower() in identify.stdout.lower()


@pytest.mark.parametrize("profile", PROFILES)
def test_gammu_sends_through_every_family_and_the_text_arrives_exactly(
    conversations: dict[str, Conversation], profile: str
) -> None:
    conversation = conversations[profile]

    assert conversation.send.returncode == 0, conversation.send.stdout
    assert conversation.printed == [f"SMS 0 to {NUMBER} over vodafone NL (20404): {TEXT}"]


def test_every_text_that_gammu_encodes_arrives_as_it_was(tmp_path: Path) -> None:
    air = SimulatedNetwork()
    arrived = {}
    with ExitStack() as stack:
        sending = []
        for index, text in enumerate(TEXTS):
            modem = stack.enter_context(SimulatedModem(air=air, name=f"modem{index}", directory=tmp_path))
            long = ("-autolen", str(len(text))) if len(text) > 160 else ()
            unicode = ("-unicode",) if "ë" in text else ()
            number = f"+3161234567{index}"
            air.phone(number)
            arguments = ("sendsms", "TEXT", number, *unicode, *long, "-text", text)
            sending.append((number, gammu(modem.port, tmp_path / f"rc{index}", *arguments)))
        for number, process in sending:
            result = ended(process)
            assert result.returncode == 0, result.stdout
            arrived[number] = air.phone(number).texts

    assert list(arrived.values()) == [(text,) for text in TEXTS]
