"""What holds for every test: an environment that says nothing, and hypothesis that never fails for being slow."""

import os
from collections.abc import Iterable
from typing import Any

import hypothesis
from textual import _wait
from textual.app import App

# Each of these changes what a terminal program draws or where it looks.
for variable in (
    "NO_COLOR",
    "COLORTERM",
    "TEXTUAL_ALLOW_SIGNALS",
    "TEXTUAL_ANIMATIONS",
    "KIOSK_CONFIG",
    "KIOSK_LANGUAGE",
    "KIOSK_STATE",
    "CREDENTIALS_DIRECTORY",
    # Each process that a test starts would compile the whole kiosk anew.
    "PYTHONDONTWRITEBYTECODE",
):
    os.environ.pop(variable, None)

# A machine under load is slow, not wrong.
hypothesis.settings.register_profile("kiosk", deadline=None)
hypothesis.settings.load_profile("kiosk")

# A pilot looks twice per key whether the app rests. At every 20 ms typing a password takes a second; only after the
# last key must it be that long, because a page is drawn 60 times a second.
BETWEEN_KEYS_SECONDS = 0.004
_press_keys = App._press_keys


async def _press_quickly(app: App[Any], keys: Iterable[str]) -> None:
    whole = _wait.SLEEP_GRANULARITY, _wait.SLEEP_IDLE
    _wait.SLEEP_GRANULARITY, _wait.SLEEP_IDLE = BETWEEN_KEYS_SECONDS, BETWEEN_KEYS_SECONDS / 20
    try:
        await _press_keys(app, keys)
    finally:
        _wait.SLEEP_GRANULARITY, _wait.SLEEP_IDLE = whole
    # Twice, as after every key before: what the first drawing asks for is drawn too.
    await _wait.wait_for_idle(0)
    await _wait.wait_for_idle(0)


App._press_keys = _press_quickly  # type: ignore[assignment, method-assign]
