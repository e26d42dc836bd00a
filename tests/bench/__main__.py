"""`make bench`: measures, prints a table, writes JSON; it judges nothing, the targets stand beside the numbers."""

import argparse
import importlib
import time
import traceback
from pathlib import Path
from typing import Final

from tests.bench.measurement import Measurement, table, write

# Name → module of `tests.bench` with `measure()`.
MODULES: Final = {
    "start": "process start, imports, idle processor, memory",
    "sms": "commands, octets and time per SMS; opening a port",
    "ctrl_z": "INLOGGEN to Ctrl-Z on the wire",
    "users": "a sign-in among a thousand and a million people",
    "people": "importing 100 000 people and finding one",
    "keys": "key press to painted while the kiosk works",
    "audit": "verification of the audit log",
    "rubbish": "a million hostile octets from a modem",
    "races": "eight processes for the same codes",
    "soak": "10 000 sign-ins; memory, threads, handles, database",
    "storm": "200 sign-ins while drivers are killed and modems pulled out",
}
REPORT: Final = Path("bench.json")


def main() -> int:
    """Measure what was asked for; 1 when something could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MODULES)}; all when left out")
    parser.add_argument("--json", type=Path, default=REPORT, help="where the report goes (default: %(default)s)")
    chosen = parser.parse_args()
    names = chosen.names or list(MODULES)
    if unknown := set(names) - set(MODULES):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    found: list[Measurement] = []
    failures: list[str] = []
    for name in names:
        before = time.monotonic()
        print(f"measuring {MODULES[name]} …", flush=True)
        try:
            found.extend(importlib.import_module(f"tests.bench.{name}").measure())
        except Exception as error:  # noqa: BLE001  the other measurements are worth having; this one is reported
            traceback.print_exc()
            failures.append(f"{name}: {type(error).__name__}: {error}")
        print(f"  {time.monotonic() - before:.0f} s", flush=True)
    print(f"\n{table(found)}")
    for failure in failures:
        print(f"NOT MEASURED {failure}")
    write(chosen.json, found, failures)
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
