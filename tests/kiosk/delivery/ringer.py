"""A process of its own with a doorbell: `python -m tests.kiosk.delivery.ringer DIRECTORY` obeys one word per line."""

import sys
from pathlib import Path

from kiosk.delivery.doorbell import Doorbell


def say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def main() -> None:
    bell = Doorbell(Path(sys.argv[1]))
    say("hung")
    for line in sys.stdin:
        match line.strip():
            case "ring":
                bell.ring()
            case "wait":
                say("rung" if bell.wait(10) else "silence")
            case _:
                break
    bell.close()


if __name__ == "__main__":
    main()
