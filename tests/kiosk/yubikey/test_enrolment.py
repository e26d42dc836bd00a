"""Adding a key: it counts after it has proved itself, and nothing is kept of one that did not."""

import contextlib
import hmac
import threading
from collections.abc import Iterator
from typing import Final

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from yubikit.core.otp import OtpConnection

from data.factors import FactorKind, FactorState
from hardware.simulator.yubikey import AttestationAuthority, SimulatedYubiKey
from hardware.yubikey import challenge_response
from hardware.yubikey.bus import plugged_keys
from kiosk.account.new_key import KEY_LIFE_MS, NewKey
from kiosk.sign_in.outcomes import Sentence
from kiosk.yubikey import attestation
from kiosk.yubikey.ceremony import Phase
from kiosk.yubikey.enrolment import Enrolment, EnrolStage
from kiosk.yubikey.kept import Attested, kept_key
from tests.kiosk.yubikey.desk_with_keys import KeyDesk

CHALLENGE: Final = bytes(challenge_response.CHALLENGE_BYTES)


def enrolment(desk: KeyDesk) -> Enrolment:
    return Enrolment(desk.world.site, desk.world.trail, user_id=desk.world.user().id, actor="unix:test")


def until_stage(desk: KeyDesk, one: Enrolment, key: SimulatedYubiKey, *stages: EnrolStage) -> EnrolStage:
    """Touch whenever it blinks, until a stage is reached."""

    def look() -> EnrolStage | None:
        one.look()
        if key.blinking:
            key.touch()
        return one.state().stage if one.state().stage in stages else None

    return desk.until(look)


def until_phase(desk: KeyDesk, one: Enrolment, phase: Phase) -> None:
    def look() -> bool | None:
        one.look()
        progress = one.state().progress
        return True if progress is not None and progress.phase is phase else None

    desk.until(look)


class TouchAtOnce:
    """The hand that touches a key as soon as it blinks; a slot asks for nothing else."""

    def __init__(self, key: SimulatedYubiKey) -> None:
        self.cancelled = threading.Event()
        self._key = key

    def touch(self) -> None:
        self._key.touch()

    def finger(self) -> None:
        raise NotImplementedError

    def pin(self, left: int | None, *, wrong: bool) -> str | None:
        raise NotImplementedError


@contextlib.contextmanager
def slots_of(desk: KeyDesk, key: SimulatedYubiKey) -> Iterator[OtpConnection]:
    """The OTP interface of a key, by itself in a port."""
    desk.usb.plug(key)
    [node] = [one.otp for one in plugged_keys(desk.means.bus.nodes()) if one.otp is not None]
    connection = desk.means.bus.open_otp(node)
    yield connection
    connection.close()
    desk.usb.unplug(key)


def slot_answer(desk: KeyDesk, key: SimulatedYubiKey) -> bytes:
    """What slot 2 makes of a challenge that is always the same."""
    with slots_of(desk, key) as connection:
        return challenge_response.answer(connection, CHALLENGE, TouchAtOnce(key))


def methods(desk: KeyDesk) -> list[FactorKind]:
    return [factor.kind for factor in desk.world.site.database.factors.of_user(desk.world.user().id)]


def why_refused(desk: KeyDesk, key: SimulatedYubiKey) -> str:
    desk.usb.plug(key)
    one = enrolment(desk)
    until_stage(desk, one, key, EnrolStage.REFUSED)
    assert methods(desk) == [FactorKind.SMS]
    why = one.state().why
    assert why is not None
    return why.text_id


def test_what_the_key_says_of_itself_is_kept_with_it(desk: KeyDesk) -> None:
    factor_id = desk.enrol(SimulatedYubiKey(serial=12345678))
    database = desk.world.site.database
    factor = database.factors.get(factor_id)
    assert factor is not None
    papers = kept_key(database.factors.secret(factor)).papers

    assert (papers.model, papers.serial, papers.firmware) == ("YubiKey 5 NFC", 12345678, "5.7.1")
    assert ("factor.added", "ok") in desk.world.actions()


def test_the_name_is_what_the_person_calls_it(desk: KeyDesk) -> None:
    factor = desk.world.site.database.factors.get(desk.enrol(SimulatedYubiKey(), label="  bureaula "))

    assert factor is not None
    assert factor.label == "bureaula"


def test_nothing_is_kept_before_the_key_has_signed_once(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.usb.plug(key)
    one = enrolment(desk)
    until_stage(desk, one, key, EnrolStage.TEST)

    assert one.keep("te vroeg") is None
    assert methods(desk) == [FactorKind.SMS]
    one.close()


def test_a_key_pulled_out_between_the_touches_leaves_nothing(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.usb.plug(key)
    one = enrolment(desk)
    until_stage(desk, one, key, EnrolStage.TEST)
    until_phase(desk, one, Phase.TOUCH)
    desk.usb.unplug(key)
    until_phase(desk, one, Phase.REMOVED)

    assert methods(desk) == [FactorKind.SMS]
    one.close()


def test_the_same_key_twice_is_told_as_that(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    desk.usb.plug(key)
    one = enrolment(desk)

    def look() -> bool | None:
        one.look()
        if key.blinking:
            key.touch()
        progress = one.state().progress
        return True if progress is not None and progress.phase is Phase.ALREADY_THERE else None

    desk.until(look)
    one.close()


def refused_to(desk: KeyDesk, key: SimulatedYubiKey, actor: str) -> Sentence:
    """Why a key that another person has is not added for j.devries."""
    desk.usb.plug(key)
    one = Enrolment(desk.world.site, desk.world.trail, user_id=desk.world.user().id, actor=actor)
    until_stage(desk, one, key, EnrolStage.REFUSED)
    desk.usb.unplug(key)
    assert methods(desk) == [FactorKind.SMS]
    why = one.state().why
    assert why is not None
    return why


def test_a_key_of_somebody_else_is_refused_and_only_an_administrator_is_told_whose_it_is(desk: KeyDesk) -> None:
    desk.world.person("p.jansen", phone=None, app=True)
    key = SimulatedYubiKey()
    factor_id = desk.enrol(key, "p.jansen")

    told = refused_to(desk, key, desk.world.user().id)
    assert (told.text_id, dict(told.values)) == ("yubikey.taken", {})
    told = refused_to(desk, key, "an administrator")
    assert (told.text_id, dict(told.values)) == ("yubikey.taken_by", {"name": "p.jansen"})

    with desk.world.site.database.transaction(write=True):
        desk.world.site.database.factors.set_state(factor_id, FactorState.REVOKED)
    desk.enrol(key)


def test_a_key_that_was_added_before_marks_were_noted_is_known_too(desk: KeyDesk) -> None:
    desk.world.person("p.jansen", phone=None, app=True)
    key = SimulatedYubiKey()
    desk.enrol(key, "p.jansen")
    with desk.world.site.database.transaction(write=True):
        desk.world.site.database._connection.change("DELETE FROM key_marks", {})

    assert refused_to(desk, key, desk.world.user().id).text_id == "yubikey.taken"


def test_of_two_who_add_the_same_key_at_once_one_gets_it(desk: KeyDesk) -> None:
    desk.world.person("p.jansen", phone=None, app=True)
    key = SimulatedYubiKey()
    desk.usb.plug(key)
    one = enrolment(desk)
    until_stage(desk, one, key, EnrolStage.NAME)
    desk.usb.unplug(key)
    desk.enrol(key, "p.jansen")

    with desk.world.site.database.transaction(write=True):
        assert one.keep("sleutelbos") is None
    assert methods(desk) == [FactorKind.SMS]


def test_a_key_that_nobody_named_in_time_counts_for_nothing_until_it_is_begun_anew(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.usb.plug(key)
    one = enrolment(desk)
    new = NewKey(one, desk.world.clock)
    until_stage(desk, one, key, EnrolStage.NAME)

    desk.world.clock.pass_seconds(KEY_LIFE_MS / 1000)
    with desk.world.site.database.transaction(write=True):
        assert new.made("sleutelbos") is None
    assert new.view().why == Sentence("yubikey.enrol.expired")
    assert methods(desk) == [FactorKind.SMS]

    new.again()
    new.look()
    assert new.view().stage == EnrolStage.REGISTER
    desk.world.clock.pass_seconds(KEY_LIFE_MS / 1000)
    new.look()
    assert new.view().stage == EnrolStage.REFUSED
    desk.until(lambda: None if any(talk.alive for talk in desk.means.talking.values()) else True)


def test_with_several_keys_in_none_is_asked(desk: KeyDesk) -> None:
    keys = [SimulatedYubiKey(), SimulatedYubiKey()]
    for key in keys:
        desk.usb.plug(key)
    one = enrolment(desk)
    until_phase(desk, one, Phase.SEVERAL)

    assert not any(key.blinking for key in keys)
    one.close()


def test_a_site_that_wants_yubicos_keys_only_refuses_one_without_proof(desk: KeyDesk) -> None:
    desk.allow(only_yubico=True)

    assert why_refused(desk, SimulatedYubiKey()) == "yubikey.only_yubico"


def test_a_certificate_of_an_unknown_maker_is_no_proof(desk: KeyDesk) -> None:
    desk.allow(only_yubico=True)

    assert why_refused(desk, SimulatedYubiKey(attestation=AttestationAuthority())) == "yubikey.only_yubico"


def test_a_certificate_that_leads_to_a_known_root_is_proof(desk: KeyDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = AttestationAuthority()
    monkeypatch.setattr(attestation, "yubico_certificates", lambda: (load_der_x509_certificate(authority.root),))
    desk.allow(only_yubico=True)
    factor_id = desk.enrol(SimulatedYubiKey(attestation=authority))
    database = desk.world.site.database
    factor = database.factors.get(factor_id)
    assert factor is not None

    assert kept_key(database.factors.secret(factor)).papers.attested is Attested.YUBICO


def test_a_site_may_refuse_firmware_with_a_known_flaw(desk: KeyDesk) -> None:
    desk.allow(refuse_flawed_firmware=True)

    assert why_refused(desk, SimulatedYubiKey("yubikey_5_nfc_5_4")) == "yubikey.flawed_firmware"


def test_a_slot_that_somebody_else_wrote_is_not_overwritten(desk: KeyDesk) -> None:
    desk.allow(challenge_response=True)
    key, theirs = SimulatedYubiKey(), bytes(range(20))
    with slots_of(desk, key) as connection:
        challenge_response.program(connection, theirs, b"theirs")
    desk.usb.plug(key)
    one = enrolment(desk)
    until_phase(desk, one, Phase.SLOT_USED)
    one.close()
    desk.usb.unplug(key)

    assert slot_answer(desk, key) == hmac.digest(theirs, CHALLENGE, "sha1")


def test_a_slot_that_was_written_and_never_kept_is_written_anew(desk: KeyDesk) -> None:
    desk.allow(challenge_response=True)
    key = SimulatedYubiKey()
    desk.usb.plug(key)
    left = enrolment(desk)
    until_stage(desk, left, key, EnrolStage.NAME)
    left.close()

    assert until_stage(desk, enrolment(desk), key, EnrolStage.NAME, EnrolStage.REFUSED) is EnrolStage.NAME


def test_a_key_whose_slot_is_a_method_already_is_told_as_that_and_stays_as_it_is(desk: KeyDesk) -> None:
    desk.allow(challenge_response=True)
    key = SimulatedYubiKey()
    desk.enrol(key)
    before = slot_answer(desk, key)
    desk.usb.plug(key)
    one = enrolment(desk)
    until_stage(desk, one, key, EnrolStage.REFUSED)
    desk.usb.unplug(key)

    assert one.state().why == Sentence("yubikey.already_there")
    assert slot_answer(desk, key) == before


def test_a_slot_that_is_a_method_of_somebody_else_stays_as_it_is(desk: KeyDesk) -> None:
    desk.allow(challenge_response=True)
    desk.world.person("p.jansen", phone=None, app=True)
    key = SimulatedYubiKey()
    desk.enrol(key, "p.jansen")
    before = slot_answer(desk, key)
    why = why_refused(desk, key)
    desk.usb.unplug(key)

    assert why == "yubikey.taken_by"
    assert slot_answer(desk, key) == before


def test_a_key_of_which_the_node_may_not_be_opened_says_so_for_its_slot_too(desk: KeyDesk) -> None:
    desk.allow(challenge_response=True)
    key = SimulatedYubiKey()
    desk.usb.plug(key, permitted=False)
    one = enrolment(desk)

    until_phase(desk, one, Phase.NO_PERMISSION)
    one.close()


def test_the_shared_secret_of_challenge_response_lies_nowhere_in_clear(desk: KeyDesk) -> None:
    desk.allow(challenge_response=True)
    factor_id = desk.enrol(SimulatedYubiKey())
    database = desk.world.site.database
    factor = database.factors.get(factor_id)
    assert factor is not None

    assert kept_key(database.factors.secret(factor)).credential not in desk.world.everything_kept()


def test_the_roots_are_those_that_yubico_publishes() -> None:
    roots = [one for one in attestation.yubico_certificates() if one.subject == one.issuer]

    # As published by Yubico, and pinned alike in other programs.
    assert {root.fingerprint(SHA256()).hex() for root in roots} == {
        "0fa1386f80eb8713263ae5c1d84deb455bdf08aea50ab05503cefee82b092d42",
        "35f1a54b353bfb711e6d42adbeb76c0e9dead095018e6a94783ba2192fd6faad",
        "62760c6a6ef91679f454c8902b80fd009825b3f25da90f1fbace2ec6586cd5a8",
    }


def test_every_certificate_between_a_root_and_a_key_leads_to_a_root() -> None:
    between = [one for one in attestation.yubico_certificates() if one.subject != one.issuer]

    assert between
    assert all(attestation.leads_to_yubico([one.public_bytes(Encoding.DER)]) for one in between)


def test_a_key_that_types_letters_can_be_silenced_before_it_is_named(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.usb.plug(key)
    one = enrolment(desk)
    until_stage(desk, one, key, EnrolStage.NAME)
    assert key.types()
    one.silence()
    until_stage(desk, one, key, EnrolStage.NAME)

    assert key.types() == ""
    facts = one.state().facts
    assert facts is not None
    assert facts.types_letters is False


def test_a_key_pulled_out_instead_of_silenced_can_still_be_added(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.usb.plug(key)
    one = enrolment(desk)
    until_stage(desk, one, key, EnrolStage.NAME)
    desk.usb.unplug(key)
    one.silence()
    until_stage(desk, one, key, EnrolStage.NAME)

    with desk.world.site.database.transaction(write=True):
        assert one.keep("bureaula") is not None
