"""Every number of the sign-in that a site may set, each with its default and how far it may go.

A site may always be stricter. It may be laxer only up to the bound of the norm named beside the number; where no norm leaves room, the
default is the bound. `[policy.GROUP]` of the configuration sets them; what the ranges forbid is reported there, at once with all else.
"""

from dataclasses import Field, dataclass, field, fields
from typing import Any, cast

_RANGE = "range"


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the greatest value that a site may choose, both allowed."""

    low: int
    high: int

    def __contains__(self, value: int) -> bool:
        return self.low <= value <= self.high


def allowed_range(setting: Field[Any]) -> Range | None:
    """Return the range of a setting (of each item of a list), or None for switches and country codes."""
    return cast("Range | None", setting.metadata.get(_RANGE))


def _number(default: int, low: int, high: int) -> int:
    return field(default=default, metadata={_RANGE: Range(low, high)})


def _numbers(default: tuple[int, ...], low: int, high: int) -> tuple[int, ...]:
    return field(default=default, metadata={_RANGE: Range(low, high)})


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPolicy:
    """Passwords and what wrong ones cost (NIST SP 800-63B 3.1.1.2, 3.2.2; OWASP ASVS 2.1.1, 2.2.1)."""

    # In characters after NFKC; NIST wants at least 64 to be possible, so neither number may cross 64.
    minimum_length: int = _number(12, 12, 64)
    maximum_length: int = _number(256, 64, 256)
    # Failures in a row without any wait; then the first wait, doubled with each further failure up to the longest.
    free_failures: int = _number(3, 0, 3)
    first_wait_seconds: int = _number(15, 15, 900)
    maximum_wait_seconds: int = _number(900, 900, 3600)
    # Failures in a row after which only an administrator helps; NIST allows 100.
    lock_after: int = _number(100, 10, 100)
    # How long a one-time password of the administrator may be used.
    one_time_hours: int = _number(72, 1, 72)
    # argon2id with 19 MiB instead of 64 MiB, for machines with little memory.
    low_memory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsPolicy:
    """Codes by SMS and how many SMS may leave (NIST SP 800-63B 3.1.3.2; OWASP ASVS 2.7)."""

    # The pages have six boxes and their words say six.
    code_digits: int = _number(6, 6, 6)
    # From the last send, and at most from the first; NIST and ASVS allow ten minutes.
    code_minutes: int = _number(5, 1, 10)
    code_maximum_minutes: int = _number(10, 1, 10)
    # Wrong codes per sign-in.
    tries: int = _number(5, 1, 5)
    # Wait before the second, third … send; the last one counts for all further sends.
    cooldown_seconds: tuple[int, ...] = _numbers((30, 60, 120), 30, 600)
    sends_per_sign_in: int = _number(3, 1, 3)
    # These count only SMS that no sign-in has answered.
    per_user_hour: int = _number(5, 1, 5)
    per_user_day: int = _number(10, 1, 10)
    per_number_hour: int = _number(10, 1, 10)
    per_desk_hour: int = _number(20, 1, 20)
    per_site_hour: int = _number(120, 1, 120)
    # The SIM guard counts all. No norm speaks of it: a contract with the operator may allow more than the default.
    per_sim_hour: int = _number(60, 1, 120)
    per_sim_day: int = _number(200, 1, 1000)
    # Part of the site's and the SIM's SMS kept for administrators and technicians.
    reserve_percent: int = _number(20, 20, 80)
    # Country calling codes (ITU-T E.164) to which an SMS may go.
    countries: tuple[str, ...] = ("31",)


@dataclass(frozen=True, slots=True, kw_only=True)
class SprayingPolicy:
    """When one desk sees many failures over many names (OWASP ASVS 2.2.1): it pauses."""

    failures: int = _number(10, 3, 10)
    # Two at least: one person who forgot a password must not stop the desk for all.
    names: int = _number(3, 2, 3)
    window_minutes: int = _number(5, 5, 60)
    pause_seconds: int = _number(60, 60, 900)


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpPolicy:
    """Codes of an authenticator app (RFC 6238 5.2: at most one step for delay)."""

    # Steps of 30 seconds accepted before and after the present one.
    window_steps: int = _number(1, 0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class YubikeyPolicy:
    """Security keys (WebAuthn Level 3; NIST SP 800-63B 3.1.5 and 3.1.7)."""

    # How long a key may wait for its touch; keys themselves give up after about 30 seconds.
    touch_seconds: int = _number(30, 15, 60)
    # A PIN or a finger besides the password; without it a touch is enough, as the password came first.
    verify_user: bool = False
    # Only keys that prove to be Yubico's may be enrolled.
    only_yubico: bool = False
    # Keys with firmware that Yubico's advisory YSA-2024-03 names may not be enrolled.
    refuse_flawed_firmware: bool = False
    # New keys get a secret in slot 2 (HMAC-SHA1 challenge-response with a touch) in place of a FIDO2 credential.
    challenge_response: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupCodePolicy:
    """The back-up code of 8 digits (NIST SP 800-63B 3.1.2.2)."""

    tries_per_sign_in: int = _number(5, 1, 5)
    tries_per_day: int = _number(10, 1, 10)
    # Failures in a row after which the code is switched off: a guess succeeds with at most 2·10⁻⁷.
    disable_after: int = _number(20, 5, 20)
    # Whether a person may have the new code sent by SMS, and whether also when SMS is the only other factor (ASVS 2.5.1 advises not).
    by_sms: bool = True
    by_sms_when_only_sms: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorPolicy:
    """One counter of failures per person over all second factors."""

    failures_end_sign_in: int = _number(5, 1, 5)
    # In a row; then an administrator unlocks. Hard, because only who knows the password gets here.
    failures_lock: int = _number(20, 5, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdlePolicy:
    """How long a page waits for a person (WCAG 2.2.1; NIST SP 800-63B 2.2.3)."""

    # Seconds without a key; the warning is the last part of them. A minute at least leaves room for the longest warning.
    login_seconds: int = _number(90, 60, 90)
    sign_in_seconds: int = _number(180, 60, 180)
    success_seconds: int = _number(120, 60, 120)
    # Then the screen locks; NIST allows half an hour.
    session_seconds: int = _number(300, 60, 1800)
    absolute_hours: int = _number(12, 1, 12)
    # WCAG asks for at least 20 seconds of warning and at least ten times "more time".
    warning_seconds: int = _number(20, 20, 30)
    extensions: int = _number(10, 10, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporaryCodePolicy:
    """The code that an administrator hands out when nothing else works."""

    # What is offered first, and the longest that an administrator may choose.
    minutes: int = _number(10, 1, 24 * 60)
    maximum_hours: int = _number(24, 1, 24)
    tries: int = _number(5, 1, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministrationPolicy:
    """What an administrator needs before changing people, on the pages; commands are root's door."""

    # Own second factor shown at most so long ago.
    reauthentication_minutes: int = _number(10, 1, 10)
    # How long a request to a second administrator waits, and what was approved may be done.
    approval_hours: int = _number(24, 1, 24)
    # What a second administrator must approve.
    four_eyes_password: bool = False
    four_eyes_temporary_code: bool = False
    four_eyes_methods: bool = False
    four_eyes_role: bool = False
    four_eyes_delete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPolicy:
    """How many months the log keeps what its rows say; the controller decides (NEN 7513:2018 8.5; AVG art. 5 (1)(e))."""

    # Staatscourant 2019, 38007: five years for the log of patient files, which that of signing in supports.
    sign_in_months: int = _number(60, 6, 120)
    # SMS, modems and the technician's bench; BIO2 8.18.02 wants six months of the use of tools.
    message_months: int = _number(12, 6, 60)
    # Who read, checked and exported the log.
    reading_months: int = _number(60, 6, 120)
    # What administrators changed, keys, clock and all else.
    other_months: int = _number(60, 12, 120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All groups; `Policy()` is what holds when a site sets nothing."""

    password: PasswordPolicy = PasswordPolicy()
    sms: SmsPolicy = SmsPolicy()
    spraying: SprayingPolicy = SprayingPolicy()
    totp: TotpPolicy = TotpPolicy()
    yubikey: YubikeyPolicy = YubikeyPolicy()
    backup_code: BackupCodePolicy = BackupCodePolicy()
    second_factor: SecondFactorPolicy = SecondFactorPolicy()
    idle: IdlePolicy = IdlePolicy()
    temporary_code: TemporaryCodePolicy = TemporaryCodePolicy()
    administration: AdministrationPolicy = AdministrationPolicy()
    audit: AuditPolicy = AuditPolicy()


@dataclass(frozen=True, slots=True)
class Excess:
    """A setting that is within its own range but above what another one leaves: both as `group.name`."""

    setting: str
    value: int
    limit: int
    limited_by: str


def excesses(policy: Policy) -> list[Excess]:
    """Return the settings that contradict each other; empty for a policy that can be used."""
    pairs = [
        Excess(
            "sms.code_minutes", policy.sms.code_minutes, policy.sms.code_maximum_minutes, "sms.code_maximum_minutes"
        ),
        Excess(
            "temporary_code.minutes",
            policy.temporary_code.minutes,
            policy.temporary_code.maximum_hours * 60,
            "temporary_code.maximum_hours",
        ),
    ]
    return [pair for pair in pairs if pair.value > pair.limit]


def contradictions(policy: Policy) -> list[tuple[str, str]]:
    """Return the settings that cannot both be on, each with the other one; empty for a policy that can be used."""
    # An answer of a slot tells nothing of who touched the key.
    both = policy.yubikey.challenge_response and policy.yubikey.verify_user
    return [("yubikey.challenge_response", "yubikey.verify_user")] if both else []


def groups() -> dict[str, type[Any]]:
    """Return the class of each group by the name of its table in the configuration."""
    return {group.name: type(group.default) for group in fields(Policy)}
