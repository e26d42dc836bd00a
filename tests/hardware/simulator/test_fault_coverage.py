from pathlib import Path

from hardware.simulator import Fault

HERE = Path(__file__).parent


def test_every_fault_has_a_test_of_its_effect() -> None:
    tests = "".join(path.read_text() for path in HERE.glob("test_fault_[as]*.py"))

    assert [
        fault.value for fault in Fault if f"Fault.{fault.name}" not in tests and f'"{fault.value}' not in tests
    ] == []
