"""What is said to one key in its own thread, for a sign-in: is it the one, then the answer to the challenge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hardware.yubikey import challenge_response, fido
from hardware.yubikey.bus import KeyBus, PluggedKey
from hardware.yubikey.conversation import Conversation, Matched
from hardware.yubikey.errors import Cancelled, KeyForbidden, KeyGone, NotThisKey


@dataclass(frozen=True, slots=True)
class SignedAnswer:
    """A FIDO2 assertion in the JSON form of WebAuthn §5.10.5."""

    response: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class HmacAnswer:
    """The HMAC-SHA1 of the challenge, by the key with this serial number."""

    serial: int
    answer: bytes = field(repr=False)


KeyAnswer = SignedAnswer | HmacAnswer

_NO_SERIALS: Final[frozenset[int]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyQuestion:
    """Which keys will do for one sign-in, and what they are asked."""

    relying_party: str
    origin: str
    challenge: bytes = field(repr=False)
    credentials: Sequence[bytes] = ()
    serials: frozenset[int] = _NO_SERIALS
    verify_user: bool = False


def ask(bus: KeyBus, key: PluggedKey, question: KeyQuestion, conversation: Conversation) -> KeyAnswer:
    """Ask silently, wait for the word, then for the touch; raises KeyTrouble, NotThisKey after telling so."""
    if question.credentials and key.fido is not None and key.fido.may_open:
        try:
            return _over_fido(bus, key, question, conversation)
        except NotThisKey:
            if not _may_be_hmac(key, question):
                conversation.tell(Matched(holds=False))
                raise
    if _may_be_hmac(key, question):
        return _over_otp(bus, key, question, conversation)
    conversation.tell(Matched(holds=False))
    raise NotThisKey


def _may_be_hmac(key: PluggedKey, question: KeyQuestion) -> bool:
    return bool(question.serials) and key.otp is not None and key.otp.may_open


def _over_fido(bus: KeyBus, key: PluggedKey, question: KeyQuestion, conversation: Conversation) -> SignedAnswer:
    assert key.fido is not None
    with fido.opened(bus, key.fido) as device:
        held = fido.holds_one_of(device, question.relying_party, question.credentials)
        if not held:
            raise NotThisKey
        _wait(conversation)
        request = fido.AssertionRequest(
            relying_party=question.relying_party,
            origin=question.origin,
            challenge=question.challenge,
            credentials=held,
            verify_user=question.verify_user,
        )
        return SignedAnswer(fido.assertion(device, request, conversation))


def _over_otp(bus: KeyBus, key: PluggedKey, question: KeyQuestion, conversation: Conversation) -> HmacAnswer:
    from yubikit.core import CommandError  # noqa: PLC0415  72 ms that a start without a key does not pay

    assert key.otp is not None
    try:
        connection = bus.open_otp(key.otp)
    except PermissionError:
        raise KeyForbidden from None
    except (OSError, CommandError):
        raise KeyGone from None
    try:
        serial = challenge_response.serial_of(connection)
        if serial not in question.serials:
            conversation.tell(Matched(holds=False))
            raise NotThisKey
        _wait(conversation)
        return HmacAnswer(serial, challenge_response.answer(connection, question.challenge, conversation))
    finally:
        connection.close()


def _wait(conversation: Conversation) -> None:
    conversation.tell(Matched(holds=True))
    if not conversation.wait_for_word():
        raise Cancelled
