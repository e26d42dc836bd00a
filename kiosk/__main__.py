"""The program `kiosk`, also as `python -m kiosk`."""

from kiosk.commands.cli import main

if __name__ == "__main__":
    main()
