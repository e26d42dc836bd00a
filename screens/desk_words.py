"""What is said of this desk: before the password what does not work, and for the help desk how it stands."""

from kiosk.desk_status import DeskStatus, ModemHealth, SmsHealth
from kiosk.sign_in.outcomes import MethodKind, Sentence
from screens.words import Words


def missing_methods(status: DeskStatus) -> Sentence | None:
    """What is to be said before the password about what does not work, None when all does."""
    if status.clock_wrong:
        return Sentence("error.clock")
    # A modem that is just starting works in a moment: no alarm at every start.
    starting = any(modem.health is ModemHealth.STARTING for modem in status.modems)
    if status.sms is SmsHealth.READY or starting:
        return None
    working = status.methods_working
    if MethodKind.YUBIKEY in working:
        return Sentence("out.no_sms")
    return Sentence("sign_in.page.no_sms.app_backup" if MethodKind.TOTP in working else "sign_in.page.no_sms.backup")


def desk_state(words: Words, status: DeskStatus | None) -> list[str]:
    """Three sentences to read to the help desk."""
    text = words.text
    if status is None:
        return [text("out.starting")]
    names = ", ".join(text(f"page.method.{method}") for method in status.methods_working)
    sentences = [
        text(f"strip.modem.line.{status.sms}"),
        *([text("strip.clock.line.wrong")] if status.clock_wrong else []),
        text(f"strip.yubikey.line.{'present' if status.yubikey_present else 'none'}"),
    ]
    methods = words.say(Sentence("page.methods.some", {"methods": names})) if names else text("page.methods.none")
    return [*(f"{sentence}." for sentence in sentences), methods]
