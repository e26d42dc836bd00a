"""Adding a key to somebody's account: the key makes a credential, proves at once that it works, and gets a name.

REGISTER ─ TEST ─ NAME, and from NAME to SILENCE and back; nothing is kept before `keep`, so that a key that does not work is never somebody's way in.
"""

import contextlib
import hmac
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Any, Final

from data.factors import Factor, FactorKind, FactorState
from hardware.yubikey import challenge_response, fido
from hardware.yubikey.bus import KeyBus, PluggedKey
from hardware.yubikey.conversation import Conversation, Matched
from hardware.yubikey.errors import Cancelled, KeyForbidden, KeyGone, KeyUnfit, NotThisKey, SlotInUse
from hardware.yubikey.facts import KeyFacts, read_facts
from kiosk.audit import AuditTrail
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from kiosk.site import Site
from kiosk.yubikey import relying_party as rp
from kiosk.yubikey.asking import HmacAnswer, KeyQuestion, SignedAnswer, ask
from kiosk.yubikey.ceremony import Ceremony, Phase, Progress
from kiosk.yubikey.kept import Attested, KeptKey, KeyPapers, is_key, kept_key
from kiosk.yubikey.means import KeyMeans
from kiosk.yubikey.owners import note_marks, note_older_keys, other_owner, owner_has

if TYPE_CHECKING:
    from yubikit.core.otp import OtpConnection

# As long as a label may be on the cards and pages.
LONGEST_NAME: Final = 30
# What ends the wish to silence a key: somebody pulled it out, or its slot is guarded.
_NOT_SILENCED: Final = frozenset(Phase) - {Phase.LOOKING, Phase.ANSWERED}
_META_ACCESS: Final = "yubikey slot access"


@unique
class EnrolStage(StrEnum):
    """Where the enrolment stands."""

    REGISTER = "register"
    TEST = "test"
    NAME = "name"
    SILENCE = "silence"
    """The slot that types at a stray touch is being emptied."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolState:
    """What the page shows."""

    stage: EnrolStage
    progress: Progress | None
    """How it stands with the key, in REGISTER and TEST."""
    one_touch: bool
    """Slot 2 is written without a touch; the proof alone asks for one."""
    facts: KeyFacts | None
    attested: Attested | None
    why: Sentence | None
    """In REFUSED: why this key may not be added."""


@dataclass(frozen=True, slots=True)
class _Made:
    """What the key gave in REGISTER."""

    facts: KeyFacts
    response: Any = field(default=None, repr=False)
    secret: bytes = field(default=b"", repr=False)


class Enrolment:
    """One key for one person; lives in the domain thread and is moved by `look`."""

    def __init__(
        self,
        site: Site,
        trail: AuditTrail,
        *,
        user_id: str,
        actor: str,
    ) -> None:
        assert site.keys is not None, "offered where there are USB ports only"
        self._site = site
        self._means: KeyMeans = site.keys
        self._trail = trail
        self._user_id = user_id
        self._actor = actor
        by_slot = site.policy.yubikey.challenge_response
        self._kind = FactorKind.YUBIKEY_HMAC if by_slot else FactorKind.YUBIKEY_FIDO2
        self._stage = EnrolStage.REGISTER
        self._why: Sentence | None = None
        self._facts: KeyFacts | None = None
        self._kept: KeptKey | None = None
        self._counter: int | None = None
        with site.database.transaction(write=True):
            self._party = rp.relying_party(site.database, site.name)
        note_older_keys(site)
        self._challenge = secrets.token_bytes(rp.CHALLENGE_BYTES)
        self._ceremony = self._begin(self._first)

    def state(self) -> EnrolState:
        """What to show now."""
        busy = self._stage in {EnrolStage.REGISTER, EnrolStage.TEST, EnrolStage.SILENCE}
        return EnrolState(
            stage=self._stage,
            progress=self._ceremony.progress() if busy else None,
            one_touch=self._kind is FactorKind.YUBIKEY_HMAC,
            facts=self._facts,
            attested=None if self._kept is None else self._kept.papers.attested,
            why=self._why,
        )

    def look(self) -> None:
        """Take in what the key said; goes on to the next stage by itself."""
        self._ceremony.look()
        if (given := self._ceremony.result) is None:
            if self._stage is EnrolStage.SILENCE and self._ceremony.progress().phase in _NOT_SILENCED:
                # It goes on typing, which does no harm; the key itself is as good as before.
                self._ceremony.close()
                self._stage = EnrolStage.NAME
            return
        if self._stage is EnrolStage.SILENCE:
            assert self._facts is not None
            self._facts = replace(self._facts, types_letters=False)
            self._stage = EnrolStage.NAME
        if self._stage is EnrolStage.REGISTER:
            assert isinstance(given, _Made)
            self._registered(given)
        elif self._stage is EnrolStage.TEST:
            assert isinstance(given, SignedAnswer | HmacAnswer)
            self._tested(given)

    def give_pin(self, pin: str) -> bool:
        """The PIN for the key, and for nothing else."""
        return self._ceremony.give_pin(pin)

    def again(self) -> None:
        """Begin anew with whatever key is in."""
        if self._stage in {EnrolStage.REGISTER, EnrolStage.TEST, EnrolStage.REFUSED}:
            self.close()
            self._stage, self._why, self._kept, self._facts = EnrolStage.REGISTER, None, None, None
            self._challenge = secrets.token_bytes(rp.CHALLENGE_BYTES)
            self._ceremony = self._begin(self._first)

    def silence(self) -> None:
        """Empty the slot that types letters at each stray touch; the key that is in must be this one."""
        if self._stage is not EnrolStage.NAME or self._facts is None or not self._facts.types_letters:
            return
        serial, bus = self._facts.serial, self._means.bus

        def talk(key: PluggedKey, conversation: Conversation) -> bool:
            return silence(bus, key, serial, conversation)

        self._stage = EnrolStage.SILENCE
        self._ceremony = self._begin(talk)

    def keep(self, name: str) -> Factor | None:
        """Make it a method of the person under this name; None before it was tested. Raises DataError.

        The caller holds the write transaction, and tells the person and the log what was added.
        """
        if self._stage is not EnrolStage.NAME or self._kept is None:
            return None
        if self._refused_to_another(self._kept):
            return None
        now = self._site.clock.now()
        factor = self._site.database.factors.add(
            self._user_id,
            kind=self._kind,
            label=name.strip()[:LONGEST_NAME] or self._kept.papers.model,
            state=FactorState.ACTIVE,
            secret=self._kept.to_bytes(),
            index=None,
            now=now,
        )
        note_marks(self._site, factor.id, self._kept, self._kind)
        if self._counter is not None:
            self._site.database.factors.raise_counter(factor.id, self._counter)
        papers = self._kept.papers
        self._trail.record(
            "factor.added",
            "ok",
            actor=self._actor,
            about=factor.id,
            parameters={
                "kind": self._kind.value,
                "user": self._user_id,
                "model": papers.model,
                "serial": papers.serial,
                "firmware": papers.firmware,
                "aaguid": papers.aaguid,
                "attested": papers.attested.value,
            },
        )
        return factor

    def expire(self) -> None:
        """It stood there too long: what the key made counts for nothing, and `again` begins anew."""
        if self._stage is not EnrolStage.REFUSED:
            self._refuse("yubikey.enrol.expired")

    def close(self) -> None:
        """Let go of every key; at any time, more than once."""
        self._ceremony.close()

    # ── in the conversation's thread ──────────────────────────────────────────────────────────────────────────────

    @property
    def _first(self) -> Callable[[PluggedKey, Conversation], _Made]:
        return self._identify if self._kind is FactorKind.YUBIKEY_HMAC else self._register

    def _facts_of(self, key: PluggedKey, conversation: Conversation) -> KeyFacts:
        facts = read_facts(self._means.bus, key)
        conversation.tell(Matched(holds=True))
        if not conversation.wait_for_word():
            raise Cancelled
        return facts

    def _identify(self, key: PluggedKey, conversation: Conversation) -> _Made:
        """Which key it is, before anything is written: whether it may be is known in the other thread alone."""
        facts = self._facts_of(key, conversation)
        if key.otp is None or facts.serial is None:
            raise KeyUnfit
        return _Made(facts)

    def _register(self, key: PluggedKey, conversation: Conversation) -> _Made:
        facts = self._facts_of(key, conversation)
        if key.fido is None or not key.fido.may_open:
            raise KeyForbidden if key.fido is not None else KeyUnfit
        with fido.opened(self._means.bus, key.fido) as device:
            request = fido.RegistrationRequest(
                relying_party=self._party.id,
                relying_party_name=self._party.name,
                origin=self._party.origin,
                challenge=self._challenge,
                user_handle=rp.user_handle(self._user_id),
                exclude=self._excluded,
                verify_user=self._site.policy.yubikey.verify_user,
                attestation=True,
            )
            return _Made(facts, response=fido.registration(device, request, conversation))

    def _program(self, key: PluggedKey, conversation: Conversation) -> _Made:
        """Give the key that was identified a secret; what another enrolment of this site left in its slot goes."""
        facts = self._facts_of(key, conversation)
        secret = secrets.token_bytes(challenge_response.SECRET_BYTES)
        with _slots(self._means.bus, key) as connection:
            if self._facts is None or challenge_response.serial_of(connection) != self._facts.serial:
                raise NotThisKey
            try:
                challenge_response.program(connection, secret, self._access_code)
            except SlotInUse:
                # Nobody here has this key: behind our own access code lies what was never kept, or was revoked.
                challenge_response.erase(connection, self._access_code)
                challenge_response.program(connection, secret, self._access_code)
        return _Made(facts, secret=secret)

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, talk: Callable[[PluggedKey, Conversation], object]) -> Ceremony:
        # Read here, in the domain thread: the thread of the key has no database.
        self._excluded = self._credentials_of_person()
        self._access_code = self._site.vault.mac(self._party.id.encode(), purpose=_META_ACCESS)[
            : challenge_response.ACCESS_CODE_BYTES
        ]
        ceremony = Ceremony(self._means, talk, touch_seconds=self._site.policy.yubikey.touch_seconds, one_key_only=True)
        ceremony.look()
        return ceremony

    def _registered(self, made: _Made) -> None:
        self._facts = made.facts
        if self._kind is FactorKind.YUBIKEY_HMAC:
            kept = KeptKey(credential=made.secret, papers=papers_of(made.facts, made.facts.aaguid, Attested.NONE))
            self._identified(kept) if not made.secret else self._programmed(kept)
            return
        verify_user = self._site.policy.yubikey.verify_user
        try:
            registered = rp.check_registration(self._party, self._challenge, made.response, verify_user=verify_user)
        except rp.BadResponse:
            self._refuse("yubikey.wrong")
            return
        policy = self._site.policy.yubikey
        if policy.only_yubico and registered.attested is not Attested.YUBICO:
            self._refuse("yubikey.only_yubico")
            return
        if policy.refuse_flawed_firmware and made.facts.flawed_firmware:
            self._refuse("yubikey.flawed_firmware")
            return
        self._kept = KeptKey(
            credential=registered.credential, papers=papers_of(made.facts, registered.aaguid, registered.attested)
        )
        self._counter = registered.counter
        if self._refused_to_another(self._kept):
            return
        self._to_test(credentials=[rp.credential_id(registered.credential)])

    def _identified(self, kept: KeptKey) -> None:
        if self._refused_to_another(kept):
            return
        if owner_has(self._site, kept, self._kind, self._user_id):
            self._refuse("yubikey.already_there")
            return
        self._ceremony = self._begin(self._program)

    def _programmed(self, kept: KeptKey) -> None:
        # Once more: somebody may have added it at another desk meanwhile.
        if not self._refused_to_another(kept):
            self._kept = kept
            self._to_test(serials=frozenset({kept.papers.serial or 0}))

    def _to_test(self, *, credentials: Any = (), serials: frozenset[int] = frozenset()) -> None:
        self._challenge = secrets.token_bytes(rp.CHALLENGE_BYTES)
        question = KeyQuestion(
            relying_party=self._party.id,
            origin=self._party.origin,
            challenge=self._challenge,
            credentials=credentials,
            serials=serials,
            verify_user=self._site.policy.yubikey.verify_user,
        )
        bus = self._means.bus
        self._stage = EnrolStage.TEST
        self._ceremony = self._begin(lambda key, conversation: ask(bus, key, question, conversation))

    def _tested(self, given: SignedAnswer | HmacAnswer) -> None:
        assert self._kept is not None
        if isinstance(given, HmacAnswer):
            right = hmac.compare_digest(hmac.digest(self._kept.credential, self._challenge, "sha1"), given.answer)
        else:
            right = self._assertion_right(given)
        if right:
            self._stage = EnrolStage.NAME
        else:
            self._refuse("yubikey.wrong")

    def _assertion_right(self, given: SignedAnswer) -> bool:
        assert self._kept is not None
        verify_user = self._site.policy.yubikey.verify_user
        try:
            asserted = rp.check_assertion(
                self._party, self._challenge, [self._kept.credential], given.response, verify_user=verify_user
            )
        except rp.BadResponse:
            return False
        risen = asserted.counter > (self._counter or 0) or asserted.counter == self._counter == 0
        self._counter = asserted.counter
        return risen

    def _refused_to_another(self, kept: KeptKey) -> bool:
        """Refuse a key that is somebody else's; whose, only an administrator is told."""
        owner = other_owner(self._site, kept, self._kind, self._user_id)
        if owner is None:
            return False
        if self._actor == self._user_id:
            self._refuse("yubikey.taken")
        else:
            self._refuse("yubikey.taken_by", name=printable(owner.name))
        return True

    def _refuse(self, text_id: str, **values: str) -> None:
        self._ceremony.close()
        self._stage, self._why, self._kept = EnrolStage.REFUSED, Sentence(text_id, values), None

    def _credentials_of_person(self) -> list[bytes]:
        """What must not be in the key: the person's own, and those of the administrator who stands beside them."""
        factors = self._site.database.factors
        people = dict.fromkeys((self._user_id, self._actor))
        return [
            rp.credential_id(kept_key(factors.secret(row)).credential)
            for person in people
            for row in factors.of_user(person)
            if is_key(row) and row.kind is FactorKind.YUBIKEY_FIDO2 and row.state is not FactorState.REVOKED
        ]


def silence(bus: KeyBus, key: PluggedKey, serial: int | None, conversation: Conversation) -> bool:
    """Empty slot 1 of the key with this serial number; raises KeyTrouble. In the thread of the key."""
    if key.otp is None:
        raise KeyUnfit
    conversation.tell(Matched(holds=True))
    if not conversation.wait_for_word():
        raise Cancelled
    with _slots(bus, key) as connection:
        if serial is not None and challenge_response.serial_of(connection) != serial:
            raise NotThisKey
        challenge_response.stop_typing(connection)
    return True


@contextlib.contextmanager
def _slots(bus: KeyBus, key: PluggedKey) -> Iterator["OtpConnection"]:
    """The OTP interface of a key; raises KeyForbidden, KeyUnfit, KeyGone."""
    from yubikit.core import CommandError  # noqa: PLC0415  72 ms that a start without a key does not pay

    if key.otp is None:
        raise KeyUnfit
    if not key.otp.may_open:
        raise KeyForbidden
    try:
        connection = bus.open_otp(key.otp)
    except (OSError, CommandError):
        raise KeyGone from None
    try:
        yield connection
    finally:
        connection.close()


def papers_of(facts: KeyFacts, aaguid: str | None, attested: Attested) -> KeyPapers:
    """What is kept of what the key said of itself."""
    return KeyPapers(
        model=facts.model,
        serial=facts.serial,
        firmware=None if facts.firmware is None else ".".join(map(str, facts.firmware)),
        aaguid=aaguid,
        attested=attested,
    )
