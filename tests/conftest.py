"""What holds for every test: an environment that says nothing, and nothing that waits or works for nothing.

A machine under load is slow, not wrong: hypothesis never fails for that.
"""

import os

import hypothesis
from textual import _wait

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

# A pilot looks twice per key whether the app rests; at every 20 ms typing a password would take a second.
_wait.SLEEP_GRANULARITY = 1 / 250
_wait.SLEEP_IDLE = _wait.SLEEP_GRANULARITY / 20

hypothesis.settings.register_profile("kiosk", deadline=None)
hypothesis.settings.load_profile("kiosk")
