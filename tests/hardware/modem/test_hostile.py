"""A short run of the million octets of `python -m tests.bench rubbish`; and all parsers on the same rubbish."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from hardware.modem import answers, answers_network, answers_sim, answers_storage, network_time, pdu
from hardware.modem.errors import PduError
from hardware.modem.lines import LONGEST_LINE, PROMPT, LineAssembler
from tests.hardware.modem.hostile import HostileModem, run

PARSERS: tuple[Callable[[str], object], ...] = (
    answers.final_result,
    answers.message_reference,
    answers.functionality,
    answers.stored_at,
    answers.report_length,
    answers.clock,
    answers.fields,
    answers.from_ucs2,
    answers_network.registration,
    answers_network.operators,
    answers_network.serving_operator,
    answers_network.signal_dbm,
    answers_network.extended_signal,
    answers_sim.sim_state,
    answers_sim.service_centre,
    answers_storage.storages,
    answers_storage.possible_values,
    answers_storage.stored_messages,
    answers_storage.ussd,
    network_time.network_time,
)


@pytest.mark.parametrize("seed", [1, 2])
def test_thirty_thousand_hostile_octets_make_no_mistake(seed: int, tmp_path: Path) -> None:
    outcome = run(seed, 30_000, tmp_path / "state")
    assert outcome.wrong == []
    assert outcome.octets >= 30_000
    assert outcome.ends["Sent"]


def test_no_rubbish_breaks_a_parser_or_fills_the_memory() -> None:
    chance = random.Random(7)
    with HostileModem(chance) as modem:
        rubbish = b"".join(modem.rubbish(5) for _ in range(300))
    assembler = LineAssembler()
    lines = 0
    place = 0
    while place < len(rubbish):
        size = chance.randrange(1, 400)
        assembler.prompt_expected = chance.random() < 0.3
        for event in assembler.feed(rubbish[place : place + size]):
            if event is PROMPT:
                continue
            lines += 1
            assert isinstance(event, str)
            assert len(event) <= LONGEST_LINE + 400
            for parser in PARSERS:
                parser(event)
            try:
                pdu.decode(event)
            except PduError:
                continue
        place += size
    assert lines > 300
