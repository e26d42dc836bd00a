"""What people can mend, in words: keys, database, back-ups, accounts."""

from typing import Final

from data.errors import (
    DatabaseInUse,
    DatabaseUnavailable,
    DataError,
    DuplicateAccount,
    SchemaTooNew,
    SealBroken,
    WrongKey,
)
from hardware.port_user import find_user
from kiosk.accounts import AccountError, NameTaken, NameUnusable, NeedsOtherFactor, NumberUnusable
from kiosk.administration.errors import (
    AdministrationError,
    ChangedMeanwhile,
    Contradiction,
    DateUnusable,
    Forbidden,
    MethodUnknown,
    MinutesUnusable,
    NothingToDo,
    NumberInText,
    PersonUnknown,
    TextUnusable,
)
from kiosk.administration.importing import StagedLost
from kiosk.administration.lists import HeaderUnusable, ListUnreadable
from kiosk.administration.proving import SmsLimited
from kiosk.audit.errors import AuditError, UnknownPlace, WrongReference, WrongTime, WrongValue
from kiosk.keeping.errors import (
    BackupBusy,
    BackupDamaged,
    BackupExists,
    BackupForeign,
    BackupUnsound,
    KeepingError,
    NotWritten,
    PlaceMissing,
)
from kiosk.keeping.recovery import LineWrong, PassphraseShort, PassphraseWrong, RecoveryError
from kiosk.keys import KeyExists, KeyFileError, KeyForeign, KeyHandedOver, KeyMalformed, KeyMissing, KeyTooOpen
from kiosk.language import Language

_KEYS: Final = {
    KeyExists: "exists",
    KeyMissing: "missing",
    KeyTooOpen: "too_open",
    KeyForeign: "foreign",
    KeyMalformed: "malformed",
    KeyHandedOver: "handed_over",
}

_KEEPING: Final = {
    BackupExists: "exists",
    BackupBusy: "busy",
    PlaceMissing: "place_missing",
    BackupDamaged: "damaged",
}


def sentence_of(error: Exception, language: Language) -> str | None:
    """What is the matter and what to do; None for what only we can mend."""
    match error:
        case KeyFileError():
            return key_sentence(error, language)
        case DataError():
            return database_sentence(error, language)
        case AccountError():
            return account_sentence(error, language)
        case AdministrationError():
            return administration_sentence(error, language)
        case AuditError():
            return audit_sentence(error, language)
        case KeepingError():
            return keeping_sentence(error, language)
        case RecoveryError():
            return recovery_sentence(error, language)
        case _:
            return None


def key_sentence(error: KeyFileError, language: Language) -> str:
    """What is the matter with the key file and what to do."""
    return language.text(f"command.error.key.{_KEYS.get(type(error), 'unreadable')}", path=str(error.path))


def account_sentence(error: AccountError, language: Language) -> str:
    """What is wrong with an account that was asked for."""
    match error:
        case NameTaken():
            return language.text("command.users.error.name_taken", name=error.name)
        case NameUnusable():
            return language.text("command.users.error.name_unusable", name=error.name)
        case NeedsOtherFactor():
            return language.text("command.users.error.needs_other_factor", role=error.role.value)
        case NumberUnusable():
            return language.text(f"command.users.error.number_{error.reason}")
        case _:
            raise error


_ADMINISTRATION: Final = {
    PersonUnknown: "person_unknown",
    MethodUnknown: "method_unknown",
    NothingToDo: "nothing_to_do",
    ChangedMeanwhile: "changed_meanwhile",
    Contradiction: "contradiction",
    DateUnusable: "date",
    SmsLimited: "sms_limited",
    StagedLost: "staged_lost",
}


def administration_sentence(error: AdministrationError, language: Language) -> str:
    """Why a change of a person was not made and what to do."""
    match error:
        case Forbidden():
            told = language.text(f"command.people.forbidden.{error.rule.value}")
            if error.reference is None:
                return told
            return f"{told}\n{language.text('command.people.logged', reference=error.reference)}"
        case TextUnusable():
            values = {"max": error.maximum} if error.what == "long" else {}
            return language.text(f"command.people.text.{error.what}", field=error.field, **values)
        case NumberInText():
            return language.text(f"command.people.number.{error.kind}", field=error.field)
        case MinutesUnusable():
            return language.text("command.people.error.minutes", max=error.maximum)
        case ListUnreadable():
            told = language.text(f"command.people.list.{error.why}")
            return (
                told if error.line is None else f"{told} {language.text('command.people.list.line', line=error.line)}"
            )
        case HeaderUnusable():
            told = language.text(f"command.people.header.{error.problem}", column=error.column)
            if error.nearest is None:
                return told
            return f"{told} {language.text('command.people.header.nearest', column=error.nearest)}"
        case _ if type(error) in _ADMINISTRATION:
            return language.text(f"command.people.error.{_ADMINISTRATION[type(error)]}")
        case _:
            raise error


def audit_sentence(error: AuditError, language: Language) -> str:
    """What is wrong with what was asked of the log."""
    match error:
        case WrongTime():
            return language.text("command.audit.error.time", given=error.given)
        case WrongReference():
            return language.text("command.audit.error.reference", given=error.given)
        case UnknownPlace():
            return language.text("command.audit.error.place", given=error.given)
        case WrongValue():
            return language.text("command.audit.error.value", given=error.given)
        case _:
            return language.text("command.audit.error.cancelled")


def keeping_sentence(error: KeepingError, language: Language) -> str:
    """What is the matter with a back-up, or with where it is kept."""
    path = str(error.path)
    match error:
        case BackupForeign():
            return language.text("command.error.backup.foreign", path=path, key=error.key_id)
        case NotWritten():
            return language.text("command.error.backup.not_written", path=path, detail=error.reason)
        case BackupUnsound():
            return language.text(f"command.error.backup.unsound_{error.what}", path=path, detail=error.detail)
        case _:
            return language.text(f"command.error.backup.{_KEEPING[type(error)]}", path=path)


def recovery_sentence(error: RecoveryError, language: Language) -> str:
    """What is wrong with a copy of a key."""
    match error:
        case LineWrong():
            return language.text("command.error.recovery.wrong_line", number=error.number)
        case PassphraseShort():
            return language.text("command.error.recovery.short", minimum=error.minimum)
        case PassphraseWrong():
            return language.text("command.error.recovery.passphrase")
        case _:
            return language.text("command.error.recovery.unreadable")


def database_sentence(error: DataError, language: Language) -> str:
    """What is the matter with the database and what to do."""
    match error:
        case DatabaseInUse():
            user = find_user(str(error.lock))
            who = "-" if user is None else f"{user.name} ({user.pid})"
            return language.text("command.error.database.in_use", path=str(error.path), program=who)
        case DatabaseUnavailable():
            return language.text(f"command.error.database.{error.reason}", path=str(error.path))
        case SchemaTooNew():
            return language.text("command.error.schema.too_new", found=error.found, known=error.known)
        case WrongKey():
            return language.text("command.error.wrong_key")
        case DuplicateAccount():
            return language.text("command.people.unix_account.taken", account=error.account)
        case SealBroken():
            return language.text("command.error.seal", detail=f"{error.table}.{error.column}")
        case _:
            return language.text("command.error.database.other", detail=str(error))
