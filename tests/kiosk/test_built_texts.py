"""Ids of texts that the code puts together: each exists, with exactly the values that are given, in both languages."""

import itertools
from pathlib import Path
from typing import get_args

import pytest

import data.errors
from data.errors import DataError, Unavailable
from kiosk import keys
from kiosk.accounts import NumberUnusable, normalised_number
from kiosk.commands import failures
from kiosk.delivery.limits import Limit, LimitScope
from kiosk.delivery.outbox import Delivery, DeliveryState
from kiosk.desk_status import SmsHealth
from kiosk.keeping import errors as keeping
from kiosk.keeping.errors import KeepingError, Unsound
from kiosk.keys import KeyFileError
from kiosk.language import LANGUAGES, Language
from kiosk.methods.sms_words import limit_sentence, status
from kiosk.password_rules import Rule, Violation
from kiosk.sign_in import ending, own_password
from kiosk.sign_in.explanation import NetworkEvidence, Situation, explain
from kiosk.sign_in.outcomes import MethodKind, Sentence
from kiosk.sign_in.troubles import sentence_for
from kiosk.sign_in.views import SmsState

PATH = Path("/srv/kiosk/kiosk.db")
# Pages give the values of their desk to every sentence that asks for them.
OF_THE_DESK = {"name", "phone", "hours", "site", "number"}


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    return Language.load(request.param)


def misfits(language: Language, sentences: set[tuple[str, frozenset[str]]]) -> list[tuple[str, frozenset[str]]]:
    """Sentences without words, or with other values than their words ask for."""
    return [
        (text_id, given)
        for text_id, given in sorted(sentences)
        if not language.has(text_id) or language.placeholders(text_id) - OF_THE_DESK != given - OF_THE_DESK
    ]


def shape(sentence: Sentence) -> tuple[str, frozenset[str]]:
    return sentence.text_id, frozenset(sentence.values)


def test_every_state_of_an_sms_has_its_line_and_its_next_step(language: Language) -> None:
    found = set()
    for state in DeliveryState:
        delivery = Delivery(
            message_id="",
            state=state,
            final=False,
            network_name="KPN",
            network_group="204-kpn",
            at=1,
            sender_tail=None,
            position=1,
            tries=1,
            error=None,
        )
        for resent in (True, False):
            found |= {shape(sentence) for sentence in status(delivery, resent=resent, tail="78", now=1)}

    assert misfits(language, found) == []
    assert ids(language, "sms.status.") - {text_id for text_id, _ in found} == set()
    assert {state.value for state in DeliveryState} == {state.value for state in SmsState}


def test_every_text_that_the_explanation_can_say_exists(language: Language) -> None:
    truths = (True, False)
    networks = [None, "KPN"]
    evidence = [
        None,
        NetworkEvidence(delivered=0, not_delivered=3),
        NetworkEvidence(delivered=1, not_delivered=1),
        *(
            NetworkEvidence(delivered=times, not_delivered=0, median_seconds=4.0, last_arrived_at=1, last_seconds=4.0)
            for times in (1, 3)
        ),
    ]
    found = set()
    for state, network, other, resent, seen_evidence, other_evidence in itertools.product(
        [None, *SmsState], networks, [None, "Vodafone"], [None, "Vodafone"], evidence, evidence
    ):
        for left, may_resend, works in itertools.product(truths, truths, truths):
            situation = Situation(
                state=state,
                left=left,
                delivered_at=1,
                network=network,
                other=other,
                resent_over=resent,
                may_resend=may_resend,
                searches=left,
                sms_works=works,
                alternatives_seen=left,
                has_backup=left,
                has_yubikey=works,
                has_app=may_resend,
                evidence=seen_evidence,
                other_evidence=other_evidence,
                help_desk=works,
                help_desk_open=may_resend,
            )
            for step in explain(situation).steps:
                found |= {shape(one) for one in (step.title, step.text, step.also) if one is not None}

    assert misfits(language, found) == []
    said = {text_id for text_id, _ in found}
    assert ids(language, "explain.step") - said == set()


def ids(language: Language, start: str) -> set[str]:
    """Every id of the catalogue that begins so."""
    return {text_id for text_id in language._catalogue._catalog if text_id.startswith(start)}  # type: ignore[attr-defined]


def test_every_rule_of_a_password_has_its_sentence(language: Language) -> None:
    limits = {Rule.SHORT: 12, Rule.LONG: 256}
    found = {shape(own_password._sentence(Violation(rule, limits.get(rule)))) for rule in Rule}

    assert misfits(language, found) == []
    assert len(found) == len(Rule)


def test_every_limit_on_sms_has_its_sentence(language: Language) -> None:
    assert misfits(language, {shape(limit_sentence(Limit(scope, 1))) for scope in LimitScope}) == []


def test_every_state_of_the_desk_has_its_line(language: Language) -> None:
    assert [health for health in SmsHealth if not language.has(f"strip.modem.line.{health}")] == []
    assert [kind for kind in MethodKind if not language.has(f"page.method.{kind}")] == []


def test_every_end_that_comes_by_itself_has_its_sentence(language: Language) -> None:
    found = {(text_id, frozenset[str]()) for text_id in ending._WHY_ENDED.values()}

    assert misfits(language, found) == []


# What commands say


DATA_ERRORS: list[DataError] = [
    *(data.errors.DatabaseUnavailable(reason, PATH, "SQLITE_IOERR") for reason in get_args(Unavailable)),
    data.errors.DatabaseInUse(PATH, PATH),
    data.errors.SchemaTooNew(found=9, known=4),
    data.errors.WrongKey("aa", "bb"),
    data.errors.SealBroken("factors", "sealed_secret", "x"),
    data.errors.Wiped("messages", "sealed_text", "x"),
    data.errors.AuditHeadUnreadable(PATH),
    data.errors.DuplicateName("j.devries"),
    data.errors.DuplicateAccount("anne"),
    data.errors.ConstraintBroken("SQLITE_CONSTRAINT_CHECK", "users"),
    data.errors.ValueNotStorable(),
    data.errors.StatementFailed("SQLITE_ERROR", "near"),
]
KEY_ERRORS: list[KeyFileError] = [
    keys.KeyMissing(PATH),
    keys.KeyExists(PATH),
    keys.KeyUnreadable(PATH, "EACCES"),
    keys.KeyTooOpen(PATH, 0o644),
    keys.KeyForeign(PATH, 1000),
    keys.KeyMalformed(PATH, 3),
    keys.KeyHandedOver(PATH),
]
KEEPING_ERRORS: list[KeepingError] = [
    keeping.BackupExists(PATH),
    keeping.BackupBusy(PATH),
    keeping.PlaceMissing(PATH),
    keeping.NotWritten(PATH, OSError(28, "no space")),
    keeping.BackupDamaged(PATH),
    keeping.BackupForeign(PATH, "aabbccdd"),
    *(keeping.BackupUnsound(PATH, what, "detail") for what in get_args(Unsound)),
]


def every_kind(base: type[Exception]) -> set[type[Exception]]:
    return {kind for one in base.__subclasses__() for kind in {one, *every_kind(one)}}


def test_every_kind_of_error_is_among_those_that_are_said() -> None:
    assert every_kind(DataError) == {type(error) for error in DATA_ERRORS}
    assert every_kind(KeyFileError) == {type(error) for error in KEY_ERRORS}
    assert every_kind(KeepingError) == {type(error) for error in KEEPING_ERRORS}


@pytest.mark.parametrize("error", DATA_ERRORS, ids=repr)
def test_every_error_of_the_database_has_words(language: Language, error: DataError) -> None:
    assert failures.database_sentence(error, language)
    assert misfits(language, {shape(sentence_for(error))}) == []


@pytest.mark.parametrize("error", KEY_ERRORS, ids=repr)
def test_every_error_of_the_key_file_has_words_of_its_own(language: Language, error: KeyFileError) -> None:
    others = [failures.key_sentence(other, language) for other in KEY_ERRORS if other is not error]

    assert failures.key_sentence(error, language) not in others
    assert str(PATH) in failures.key_sentence(error, language)


@pytest.mark.parametrize("error", KEEPING_ERRORS, ids=repr)
def test_every_error_of_a_back_up_has_words_that_name_the_file(language: Language, error: KeepingError) -> None:
    assert str(PATH) in failures.keeping_sentence(error, language)


@pytest.mark.parametrize("number", ["12", "+3225555555", "030 555 01 23"])
def test_every_reason_why_a_number_cannot_be_used_has_words(language: Language, number: str) -> None:
    with pytest.raises(NumberUnusable) as caught:
        normalised_number(number, ("31",))

    assert language.has(f"command.users.error.number_{caught.value.reason}")
