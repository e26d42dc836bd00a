"""Mijn account: its keys, what goes on when something is refused, and that every sentence has room."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from kiosk.account.views import Addable
from kiosk.language import LANGUAGES, Language
from kiosk.sign_in.outcomes import AskFirst, MethodKind, Moved, Nudge, Refused, Sentence, Stage
from kiosk.sign_in.views import ChangeView
from screens.account.app import NewAppPage
from screens.account.asking import AccountForm, AccountPart
from screens.account.backup_code import NewBackupCodePage
from screens.account.choice import ChoiceDialog
from screens.account.overview import ADDING, AccountPage
from screens.account.password import NewPasswordPage
from screens.account.phone import NewPhonePage
from screens.account.proof import ProofPage
from screens.account.recent import RecentPage
from screens.home.home import HomePage
from screens.sign_in.contact import asks_administrator
from screens.sign_in.question import Question
from screens.widgets.base import Plain
from screens.widgets.message import Message
from screens.widgets.number_box import NumberBox
from screens.widgets.rows import Rows
from tests.screens.account.scripted import (
    APP,
    BACKUP,
    BACKUP_PROOF,
    FRESH,
    SMS_PROOF,
    ScriptedAccount,
    account_view,
)
from tests.screens.sign_in.driver import Driver, kiosk
from tests.screens.sign_in.scripted import NOON_MS, SECOND_MS, home_page, sms_view

SIZES = [(80, 24), (100, 30)]
STALE = account_view(fresh_until=NOON_MS)


async def my_account(person: Driver) -> AccountPage:
    await person.sign_in(home_page())
    await person.press("m")
    page = person.app.screen
    assert isinstance(page, AccountPage)
    assert page.account is not None
    person.presses = 0
    return page


# Keys


@pytest.mark.parametrize(
    ("keys", "page"),
    [
        (("n", "1"), NewAppPage),
        (("n", "2"), NewPhonePage),
        (("b", "j"), NewBackupCodePage),
        (("w",), NewPasswordPage),
        (("l",), RecentPage),
    ],
)
async def test_every_page_is_one_or_two_keys_away_and_esc_comes_back(
    account: ScriptedAccount, keys: tuple[str, ...], page: type[AccountPart]
) -> None:
    account.after["begin_app"] = account_view(app=APP)
    account.after["new_backup_code"] = account_view(backup=BACKUP)
    async with kiosk() as person:
        await my_account(person)
        await person.press(*keys)
        assert isinstance(person.app.screen, page)
        await person.press("escape")
        if page is NewBackupCodePage:
            await person.press("j")
        assert isinstance(person.app.screen, AccountPage)


async def test_enter_begins_what_is_likeliest(account: ScriptedAccount) -> None:
    async with kiosk() as person:
        await my_account(person)
        await person.press("enter")
        assert isinstance(person.app.screen, ChoiceDialog)


async def test_what_cannot_be_added_says_why_and_stays(account: ScriptedAccount) -> None:
    account.present = account_view(
        addable=(Addable(kind=MethodKind.TOTP, why_not=Sentence("app.kiosk_clock")), Addable(kind=MethodKind.SMS))
    )
    async with kiosk() as person:
        await my_account(person)
        await person.press("n", "1")
        assert isinstance(person.app.screen, ChoiceDialog)
        assert "De klok van dit inlogpunt loopt niet goed" in person.words


def test_everything_that_can_be_added_has_a_page_and_words() -> None:
    language = Language.load("nl")
    assert [kind for kind in ADDING if not language.has(f"account.add.{kind.value}")] == []


@pytest.mark.parametrize("keys", ["b", "v", "o"])
async def test_enter_on_what_cannot_be_undone_does_nothing(account: ScriptedAccount, keys: str) -> None:
    async with kiosk() as person:
        await my_account(person)
        await person.press(keys)
        assert isinstance(person.app.screen, Question)
        await person.press("enter")
        assert isinstance(person.app.screen, AccountPage)
        assert account.asked == []


async def test_a_key_that_does_nothing_is_not_among_those_of_the_page(account: ScriptedAccount) -> None:
    async with kiosk() as person:
        page = await my_account(person)
        keys = {key for key, _ in page.key_lines()}
        assert {"N", "B", "W", "L", "V", "O", "T", "C", "?"} <= keys
        assert "A" not in keys
        page.query_one(Rows).put_cursor("yubikey-2")
        await person.settle()
        assert not {"V", "A"} & {key for key, _ in page.key_lines()}


async def test_language_and_contrast_change_at_once_and_are_remembered(account: ScriptedAccount) -> None:
    async with kiosk() as person:
        await my_account(person)
        await person.press("t", "c")
        assert account.asked == [("keep_language", "en"), ("keep_contrast", True)]
        assert (person.app.language.code, person.app.contrast) == ("en", True)


# A fresh proof


async def test_after_ten_minutes_a_proof_comes_first_and_then_what_was_wanted(account: ScriptedAccount) -> None:
    account.present = STALE
    account.after["begin_proof"] = replace(STALE, proof=SMS_PROOF)
    async with kiosk() as person:
        await my_account(person)
        await person.press("w")
        assert isinstance(person.app.screen, ProofPage)
        assert account.asked == [("begin_proof", MethodKind.SMS)]
        account.after["answer_proof"] = account_view(fresh_until=FRESH)
        await person.type("123456")
        await person.press("enter")
        assert isinstance(person.app.screen, NewPasswordPage)


async def test_leaving_the_proof_changes_nothing_and_voids_its_code(account: ScriptedAccount) -> None:
    account.present = STALE
    account.after["begin_proof"] = replace(STALE, proof=SMS_PROOF)
    async with kiosk() as person:
        await my_account(person)
        await person.press("n", "1", "escape")
        assert isinstance(person.app.screen, AccountPage)
        assert [call[0] for call in account.asked] == ["begin_proof", "leave_proof"]


async def test_another_way_of_proving_is_chosen_by_its_digit(account: ScriptedAccount) -> None:
    account.present = STALE
    account.after["begin_proof"] = replace(STALE, proof=SMS_PROOF)
    async with kiosk() as person:
        await my_account(person)
        await person.press("w", "a")
        account.after["begin_proof"] = replace(STALE, proof=BACKUP_PROOF)
        await person.press("2")
        assert account.asked[-1] == ("begin_proof", MethodKind.BACKUP_CODE)
        assert person.focused == "eight"


async def test_when_the_likeliest_way_fails_the_others_are_still_there(account: ScriptedAccount) -> None:
    account.present = STALE
    account.answers["begin_proof"] = Refused(Sentence("account.proof.not_now"), Stage.SIGNED_IN)
    async with kiosk() as person:
        await my_account(person)
        await person.press("w", "a")
        assert account.asked[-1] == ("begin_proof", MethodKind.BACKUP_CODE)


async def test_a_resend_over_the_same_network_asks_first(account: ScriptedAccount) -> None:
    account.present = STALE
    account.after["begin_proof"] = replace(STALE, proof=SMS_PROOF)
    account.answers["resend_proof"] = AskFirst(Sentence("resend.no_other", {"network": "KPN"}))
    async with kiosk() as person:
        await my_account(person)
        await person.press("w", "r")
        assert isinstance(person.app.screen, Question)
        account.answers["resend_proof"] = Moved(Stage.SIGNED_IN, Sentence("resend.line.over", {"network": "KPN"}))
        await person.press("j")
        assert account.asked[-1] == ("resend_proof", True)


async def test_with_a_temporary_code_only_adding_begins(account: ScriptedAccount) -> None:
    account.present = account_view(temporary=True)
    account.after["begin_app"] = account_view(temporary=True, app=APP)
    async with kiosk() as person:
        await my_account(person)
        assert "Regel nu een eigen manier" in person.text
        await person.press("w")
        assert person.message.sentence == Sentence("account.temporary")
        await person.press("n", "2")
        assert not isinstance(person.app.screen, NewPhonePage)
        await person.press("n", "1")
        assert isinstance(person.app.screen, NewAppPage)


# What is typed


async def test_a_wrong_code_empties_the_boxes_and_too_few_digits_stay(account: ScriptedAccount) -> None:
    account.after["begin_app"] = account_view(app=APP)
    async with kiosk() as person:
        await my_account(person)
        await person.press("n", "1")
        account.answers["answer_app"] = Refused(Sentence("sms.code.incomplete"), Stage.SIGNED_IN, clears_field=False)
        await person.type("12")
        await person.press("enter")
        assert person.boxes.typed == "12"
        account.answers["answer_app"] = Refused(Sentence("account.app.wrong"), Stage.SIGNED_IN)
        await person.press("enter")
        assert person.boxes.typed == ""
        assert person.focused == "code"


async def test_the_number_is_handed_in_as_it_was_typed_and_the_code_follows(account: ScriptedAccount) -> None:
    account.after["begin_phone"] = account_view(phone=sms_view(tail="21"))
    async with kiosk() as person:
        await my_account(person)
        await person.press("n", "2")
        await person.type("06 87654321")
        await person.press("enter")
        assert account.asked == [("begin_phone", "06 87654321")]
        assert person.focused == "code"
        assert not person.shown("#number")
        account.after["answer_phone"] = account_view()
        account.answers["answer_phone"] = Moved(Stage.SIGNED_IN, Sentence("account.phone.done"))
        await person.type("123456")
        await person.press("enter")
        assert isinstance(person.app.screen, AccountPage)
        assert person.message.sentence == Sentence("account.phone.done")


async def test_after_the_last_wrong_code_the_number_is_asked_again(account: ScriptedAccount) -> None:
    account.after["begin_phone"] = account_view(phone=sms_view(tail="21"))
    async with kiosk() as person:
        await my_account(person)
        await person.press("n", "2", "enter")
        account.present = account_view()
        account.answers["answer_phone"] = Refused(Sentence("sms.code.used_up"), Stage.SIGNED_IN)
        await person.type("123456")
        await person.press("enter")
        assert person.shown("#number")
        assert isinstance(person.page.query_one("#number"), NumberBox)


@pytest.mark.parametrize(
    ("text_id", "focus", "kept"),
    [
        ("account.password.wrong", "present", ("", "nieuw", "nieuw")),
        ("first.password.different", "repeat", ("oud", "nieuw", "")),
        ("first.password.known", "new", ("oud", "", "")),
    ],
)
async def test_only_what_is_wrong_of_a_password_is_typed_again(
    account: ScriptedAccount, text_id: str, focus: str, kept: tuple[str, str, str]
) -> None:
    account.answers["change_password"] = Refused(Sentence(text_id), Stage.SIGNED_IN)
    async with kiosk() as person:
        await my_account(person)
        await person.press("w")
        for text in ("oud", "nieuw", "nieuw"):
            await person.type(text)
            await person.press("enter")
        assert account.asked == [("change_password", "oud", "nieuw", "nieuw")]
        assert person.focused == focus
        assert tuple(person.field(name).value for name in ("present", "new", "repeat")) == kept


async def test_a_back_up_code_is_covered_by_any_key_and_does_not_stay_for_long(account: ScriptedAccount) -> None:
    account.after["new_backup_code"] = account_view(backup=BACKUP)
    async with kiosk() as person:
        await my_account(person)
        await person.press("b", "j")
        assert "1753 2256" in person.words
        await person.press("z")
        assert "1753" not in person.words
        await person.press("z")
        assert person.page.idle_seconds == person.app.facts.success_idle_seconds


async def test_a_database_that_fails_is_told_and_the_page_stays(account: ScriptedAccount) -> None:
    account.answers["begin_app"] = Refused(Sentence("error.database"), Stage.SIGNED_IN, "Q123")
    async with kiosk() as person:
        await my_account(person)
        await person.press("n", "1")
        assert isinstance(person.app.screen, AccountPage)
        assert person.message.sentence == Sentence("error.database")


async def test_help_that_was_opened_meanwhile_does_not_keep_the_page_that_is_done(account: ScriptedAccount) -> None:
    async with kiosk() as person:
        await my_account(person)
        await person.press("w")
        page = person.app.screen
        assert isinstance(page, NewPasswordPage)
        await person.press("f1")
        page.done(Moved(Stage.SIGNED_IN, Sentence("account.password.done")))
        await person.settle()
        assert isinstance(person.app.screen, AccountPage)
        assert person.message.sentence == Sentence("account.password.done")


async def test_nobody_at_the_desk_is_warned_and_locked_out_and_typed_digits_are_not_read(
    account: ScriptedAccount,
) -> None:
    async with kiosk() as person:
        await my_account(person)
        await person.press("n", "2")
        await person.type("0687654321")
        facts = person.app.facts
        await person.leap(facts.session_idle_seconds - facts.idle_warning_seconds + 1)
        assert "wordt dit scherm vergrendeld" in person.words
        await person.seconds(facts.idle_warning_seconds + 1)
        await person.until(lambda: person.title == "Scherm vergrendeld")
        assert "0687654321" not in person.text


# Room


CARDS: dict[str, Callable[[], AccountForm]] = {
    "proof": lambda: ProofPage((MethodKind.SMS,), lambda: None),
    "proof-backup": lambda: ProofPage((MethodKind.BACKUP_CODE,), lambda: None),
    "app": lambda: NewAppPage(APP),
    "phone": lambda: NewPhonePage("78"),
    "phone-code": lambda: NewPhonePage("78"),
    "password": lambda: NewPasswordPage(12),
    "backup": lambda: NewBackupCodePage(account_view(backup=BACKUP)),
}
PROOFS = {"proof": SMS_PROOF, "proof-backup": BACKUP_PROOF}
LONG = (
    Sentence("app.desk_clock"),
    Sentence("account.proof.not_now"),
    Sentence("sms.code.wrong", {"left": 4}),
    Sentence("resend.limit.day"),
    Sentence("error.database"),
)


async def open_card(person: Driver, account: ScriptedAccount, name: str) -> AccountForm:
    account.after["begin_proof"] = account_view(proof=PROOFS.get(name))
    account.present = account_view(phone=sms_view() if name == "phone-code" else None)
    page = CARDS[name]()
    await person.sign_in(home_page())
    person.app.push_screen(page)
    await person.settle()
    if name == "phone-code":
        page.look()
        await person.settle()
    return page


@pytest.mark.parametrize("name", CARDS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("code", LANGUAGES)
async def test_every_card_fits_with_every_sentence(
    account: ScriptedAccount, name: str, size: tuple[int, int], code: str
) -> None:
    async with kiosk(size=size) as person:
        page = await open_card(person, account, name)
        person.app.set_language(code)
        await person.settle()
        assert person.cut_off() == []
        for sentence in LONG:
            page.refuse(Refused(sentence, Stage.SIGNED_IN, "K482", names_contact=asks_administrator(sentence)))
            await person.settle()
            assert person.cut_off() == [], sentence.text_id


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("code", LANGUAGES)
async def test_every_answer_has_room_in_the_line_of_the_page(
    account: ScriptedAccount, size: tuple[int, int], code: str
) -> None:
    said = re.compile(r"account\.((add\.enough|temporary)|(remove|first|language|contrast)\.\w+|\w+\.done)$")
    words = Language.load(code)
    values = {"method": "YubiKey", "tail": "78"}
    async with kiosk(size=size) as person:
        page = await my_account(person)
        person.app.set_language(code)
        width = page.query_one(Message).region.width or size[0] - 2
        ids = [key for key in words._catalogue._catalog if key and said.match(key)]  # type: ignore[attr-defined]
        assert len(ids) > 10
        for text_id in ids:
            asked = {name: values[name] for name in words.placeholders(text_id)}
            if not text_id.endswith((".sure", ".nl", ".en", ".high", ".plain")):
                assert len(words.text(text_id, **asked)) + 2 <= width, text_id


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("code", LANGUAGES)
async def test_the_row_of_actions_and_the_advice_fit(
    account: ScriptedAccount, size: tuple[int, int], code: str
) -> None:
    async with kiosk(size=size) as person:
        page = await my_account(person)
        person.app.set_language(code)
        await person.settle()
        row = page.query_one("#actions")
        assert all(row.region.contains_region(action.region) for action in row.children)
        words = Language.load(code)
        room = page.query_one("#advice", Plain).region.width or size[0] - 2
        ids = [key for key in words._catalogue._catalog if str(key).startswith("account.advice.")]  # type: ignore[attr-defined]
        assert [text_id for text_id in ids if len(words.text(text_id)) > room] == []


# Home


@pytest.mark.parametrize("nudge", Nudge)
async def test_home_says_what_had_better_be_arranged_until_it_was_read(account: ScriptedAccount, nudge: Nudge) -> None:
    view = home_page()
    assert view.home is not None
    async with kiosk() as person:
        await person.sign_in(replace(view, home=replace(view.home, nudge=nudge)))
        if nudge is Nudge.ARRANGE:
            assert isinstance(person.app.screen, AccountPage)
            await person.press("escape")
        assert "kies M" in person.words
        await person.press("x")
        assert "kies M" not in person.words
        assert ("mark_seen", set()) in account.asked


@pytest.mark.parametrize("role", ["staff", "administrator"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("code", LANGUAGES)
async def test_home_has_room_for_a_change_a_nudge_and_every_part(
    account: ScriptedAccount, role: str, size: tuple[int, int], code: str
) -> None:
    view = home_page()
    assert view.home is not None
    change = ChangeView(what="phone_changed", by="", at=NOON_MS - 86_400 * SECOND_MS, id="c")
    home = replace(view.home, nudge=Nudge.BACKUP_USED, changes=(change,), role=role)
    async with kiosk(size=size) as person:
        await person.sign_in(replace(view, home=home))
        person.app.set_language(code)
        await person.settle()
        assert isinstance(person.app.screen, HomePage)
        assert person.cut_off() == []


async def test_home_follows_what_the_person_chose_unless_they_just_chose_otherwise(account: ScriptedAccount) -> None:
    view = home_page()
    assert view.home is not None
    chosen = replace(view, home=replace(view.home, language="en", contrast=True))
    async with kiosk() as person:
        await person.sign_in(chosen)
        assert (person.app.language.code, person.app.contrast) == ("en", True)
        await person.app.show_login()
        await person.settle()
        assert (person.app.language.code, person.app.contrast) == ("nl", False)
        await person.press("f2", "f2", "f3", "f3")
        await person.sign_in(chosen)
        assert (person.app.language.code, person.app.contrast) == ("nl", False)
