"""What a technician keeps of a page: whole, in words, without whole numbers and without markup from outside."""

from zoneinfo import ZoneInfo

from kiosk.language import Language
from kiosk.technician.key_test import KeyRun, KeyStep, KeyStepResult
from kiosk.technician.scanning import NetworkState, ScannedNetwork
from kiosk.technician.small_reports import Kept, of_dialogue, of_key, of_networks
from kiosk.technician.steps import Mark

DUTCH = Language.load("nl")
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
KEPT = Kept("noord", 1_762_167_780_000, simulated=False)


def test_networks_are_kept_with_whether_this_sim_may_use_them() -> None:
    own = ScannedNetwork(name="KPN", code="204-08", technologies="4G 2G", state=NetworkState.CURRENT)
    other = ScannedNetwork(name="Evil | *Net*", code="204-99", technologies="4G", state=NetworkState.FORBIDDEN)
    text = of_networks(KEPT, [own, other], DUTCH, AMSTERDAM)

    assert "# Operators: noord" in text
    assert "- Wanneer: 2025-11-03 12:03:00 CET" in text
    assert "| KPN | 204-08 | 4G 2G | in gebruik | ja, dit is het |" in text
    assert r"| Evil \| \*Net\* | 204-99 | 4G | verboden | nee, geweigerd |" in text
    assert "SIMULATIE" not in text


def test_a_dialogue_is_kept_with_what_it_means_and_without_whole_numbers() -> None:
    lines = [
        ("0.000", "->", "AT+CREG?"),
        ("0.011", "<-", "+CREG: 0,1"),
        ("0.000", "->", "AT+CSCA?"),
        ("0.010", "<-", '+CSCA: "+31653131313",145'),
        ("0.000", "->", 'AT+CPIN="7391"'),
        ("0.100", "<-", "# no heading \x1b[31m"),
    ]
    text = of_dialogue(KEPT, lines, DUTCH, AMSTERDAM)

    assert "       0.011 <- +CREG: 0,1\n                ingeschreven op het eigen netwerk" in text
    assert "31653131313" not in text
    assert "7391" not in text
    assert "\x1b" not in text
    assert [line for line in text.splitlines() if line.startswith("#")] == ["# AT-console: noord"]


def test_the_test_of_a_key_is_kept_with_its_verdict_and_what_to_do() -> None:
    good = KeyStepResult(
        step=KeyStep.FIRMWARE, mark=Mark.GOOD, seconds=0.2, variant="plain", shown={"version": "5.7.1"}
    )
    typing = KeyStepResult(step=KeyStep.SLOTS, mark=Mark.NOT_DONE, do="typing")
    run = KeyRun(key="usb-1", steps=(good, typing), facts=None, simulated=True)
    text = of_key(Kept("", KEPT.at, simulated=True), run, DUTCH, AMSTERDAM)

    assert "# YubiKey testen\n\n**SIMULATIE: dit is geen echte sleutel.**" in text
    assert "| Firmware zonder bekende fout | versie 5.7.1 | 0.2 s | GOED |" in text
    assert "- Een aanraking op het verkeerde moment typt 44 letters." in text
