"""What Mijn account says of an SMS with a code: how it goes, until when the code is good, its last minute."""

import math
from collections.abc import Iterator

from kiosk.sign_in.views import SmsView
from screens.plain.factor_pages import LITTLE_LEFT_SECONDS
from screens.plain.page import MS_PER_SECOND
from screens.words import Words


class AwaitedSms:
    """Each thing once."""

    def __init__(self) -> None:
        self._last_minute_said = False

    def introduce(self, words: Words, sms: SmsView) -> Iterator[str]:
        """As it stands now."""
        self._last_minute_said = False
        yield words.say(sms.status_line)
        yield words.text("sms.valid.line", {"until": sms.valid_until})

    def news(self, words: Words, before: SmsView, now: SmsView, now_ms: int) -> Iterator[str]:
        """What is new."""
        if now.status_line != before.status_line:
            yield words.say(now.status_line)
        if now.valid_until != before.valid_until:
            self._last_minute_said = False
            yield words.text("sms.valid.line", {"until": now.valid_until})
        left = (now.valid_until - now_ms) / MS_PER_SECOND
        if 0 < left <= LITTLE_LEFT_SECONDS and not self._last_minute_said:
            self._last_minute_said = True
            yield words.text("plain.code.little_left", {"seconds": math.ceil(left)})
