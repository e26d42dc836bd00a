"""Which sentences tell to ask the administrator: each of them has `contact.line` under it, wherever it stands."""

from typing import TYPE_CHECKING, Final

from kiosk.sign_in.outcomes import Refused, Sentence

if TYPE_CHECKING:
    # The plain mode knows these sentences too, and must do without Textual.
    from screens.widgets.message import Message

# A test holds this against the catalogue.
ASK_THE_ADMINISTRATOR: Final = frozenset(
    {
        "account.proof.none",
        "account.proof.not_now",
        "app.desk_clock",
        "app.kiosk_clock",
        "backup.disabled",
        "backup.limit_day",
        "backup.temporary_expired",
        "backup.used_before",
        "error.clock",
        "error.clock_stop",
        "error.database",
        "error.disk_full",
        "error.not_saved",
        "error.unexpected",
        "first.no_way",
        "first.one_time.expired",
        "first.phone.wrong_number",
        "home.change.other",
        "no_sms.backup_none",
        "no_sms.try_nothing",
        "no_sms.yubikey_none",
        "out.closed",
        "out.database.busy",
        "out.database.corrupt",
        "out.database.disk_full",
        "out.database.io",
        "out.database.missing",
        "out.database.read_only",
        "out.files",
        "out.key_missing",
        "out.key",
        "out.not_set_up",
        "out.key_wrong",
        "out.schema",
        "resend.limit.day",
        "sign_in.login.disabled",
        "sign_in.login.factor_locked",
        "sign_in.login.locked",
        "sign_in.login.no_factor",
        "signed_out.administrator",
        "success.not_made",
        "yubikey.no_permission",
        "yubikey.pin.blocked",
        "yubikey.suspect",
    }
)


def asks_administrator(sentence: Sentence) -> bool:
    """Whether the person is told to ask the administrator."""
    return sentence.text_id in ASK_THE_ADMINISTRATOR


def say_failure(message: "Message", sentence: Sentence) -> None:
    """A failure, with whom to call where the sentence tells to."""
    message.failure(sentence, contact=asks_administrator(sentence))


def say_refused(message: "Message", refused: Refused) -> None:
    """A failure as the domain tells it, with its reference."""
    contact = refused.names_contact or asks_administrator(refused.why)
    message.failure(refused.why, reference=refused.reference, contact=contact)
