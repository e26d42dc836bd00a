"""What holds for every test: an environment that says nothing, and hypothesis that never fails for being slow."""

import os

import hypothesis

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
):
    os.environ.pop(variable, None)

# A machine under load is slow, not wrong.
hypothesis.settings.register_profile("kiosk", deadline=None)
hypothesis.settings.load_profile("kiosk")
