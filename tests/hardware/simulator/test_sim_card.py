from hardware.simulator import SimulatedSim
from hardware.simulator.sim_card import PinAnswer, PinState, with_luhn_digit


def test_three_wrong_pins_block_the_card_and_the_puk_opens_it() -> None:
    sim = SimulatedSim(pin="1234", puk="87654321")

    answers = [sim.enter_pin("9999") for _ in range(3)]

    assert answers == [PinAnswer.WRONG] * 3
    assert sim.pin_state is PinState.PUK
    assert sim.enter_pin("1234") is PinAnswer.NOT_ASKED
    assert sim.enter_puk("87654321", "2468") is PinAnswer.ACCEPTED
    assert (sim.pin_state, sim.pin, sim.pin_tries) == (PinState.READY, "2468", 3)


def test_the_right_pin_gives_all_tries_back() -> None:
    sim = SimulatedSim(pin="1234")
    sim.enter_pin("9999")

    assert sim.enter_pin("1234") is PinAnswer.ACCEPTED
    assert sim.pin_tries == 3


def test_ten_wrong_puks_kill_the_card() -> None:
    sim = SimulatedSim(pin="1234", pin_tries=0, puk="87654321")

    for _ in range(10):
        sim.enter_puk("00000000", "2468")

    assert sim.pin_state is PinState.DEAD


def test_the_pin_is_asked_again_after_power_on() -> None:
    sim = SimulatedSim(pin="1234")
    sim.enter_pin("1234")

    sim.power_on()

    assert sim.pin_state is PinState.PIN


def test_message_references_count_upwards_and_start_again_after_255() -> None:
    sim = SimulatedSim()

    references = [sim.next_reference() for _ in range(258)]

    assert references == [*range(256), 0, 1]


def test_numbers_of_a_card_do_not_show_in_its_repr() -> None:
    shown = repr(SimulatedSim(number="+31699887766", pin="1234", puk="87654321"))

    assert not any(secret in shown for secret in ("1234", "87654321", "699887766"))


def test_the_check_digit_is_that_of_itu_t_e_118() -> None:
    assert with_luhn_digit("7992739871") == "79927398713"
