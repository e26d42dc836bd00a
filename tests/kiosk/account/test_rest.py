"""Back-up code, password, language, sign-ins, signing out everywhere, and what is told on Home."""

import pytest

from data.errors import DatabaseUnavailable
from data.factors import FactorKind
from kiosk.account.views import Result
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import MethodKind, Moved, Nudge, Stage
from kiosk.sign_in.views import HomeView
from tests.kiosk.account.owner import account, account_of, active, done, home, newest_code, notices, reason, session
from tests.kiosk.world import BACKUP_CODE, PASSWORD, TEMPORARY_CODE, World, other_than, why

NEW = "kaas trein wolk bezem"


def home_view(sign_in: SignIn) -> HomeView:
    view = sign_in.view().home
    assert view is not None
    return view


# The back-up code


def test_a_new_back_up_code_replaces_the_old_one(world: World) -> None:
    world.person()
    world.give_backup_code()
    owner = account(world)
    assert done(owner.new_backup_code()) is None
    backup = owner.view().backup
    assert backup is not None
    code = backup.backup_code
    assert code is not None
    assert done(owner.confirm_backup_code()) == "account.backup.done"
    assert owner.view().backup is None
    sign_in = world.begun()

    sign_in.take(MethodKind.BACKUP_CODE)
    assert why(sign_in.answer(BACKUP_CODE)) == "backup.wrong"
    assert isinstance(sign_in.answer(code), Moved)


def test_the_new_code_is_sent_by_sms_once_and_the_change_is_told(world: World) -> None:
    world.person()
    world.give_backup_code()
    owner = account(world)
    owner.new_backup_code()
    assert done(owner.send_backup_code()) is None
    assert reason(owner.send_backup_code()) == "success.sms.failed"
    assert [message.kind.value for message in world.messages()] == ["code", "notice", "backup"]


def test_a_new_code_that_cannot_be_told_leaves_the_old_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.person()
    world.give_backup_code()
    owner = account(world)

    def full(*_args: object, **_kwargs: object) -> None:
        raise DatabaseUnavailable("disk_full", world.site.database.path)

    monkeypatch.setattr(world.site.database.changes, "add", full)
    assert reason(owner.new_backup_code()) == "success.not_made"
    assert [row["state"] for row in world.table("backup_codes")] == ["confirmed"]


def test_a_code_that_nobody_confirmed_is_replaced_at_the_next_sign_in(world: World) -> None:
    world.person()
    world.give_backup_code()
    owner = account(world)
    owner.new_backup_code()
    owner.close()
    sign_in = world.begun()
    assert sign_in.answer(newest_code(world)) == Moved(Stage.SUCCESS)


# The password


def test_a_new_password_signs_in_and_this_session_goes_on(world: World) -> None:
    world.person()
    sign_in = home(world)
    owner = account_of(world, sign_in)
    assert done(owner.change_password(PASSWORD, NEW, NEW)) == "account.password.done"
    sign_in.watch(lambda _view: None)
    sign_in.refresh()
    assert sign_in.stage is Stage.SIGNED_IN
    assert session(world, owner).ended_at is None
    assert why(world.attempt(PASSWORD)) == "sign_in.login.wrong"
    assert isinstance(world.attempt(NEW), Moved)
    assert "wachtwoord is vervangen" in notices(world)[0]


def test_sessions_elsewhere_end_and_say_why(world: World) -> None:
    world.person()
    other = home(world)
    account(world).change_password(PASSWORD, NEW, NEW)
    other.watch(lambda _view: None)
    other.refresh()
    ended = other.view().ended
    assert ended is not None
    assert ended.text_id == "signed_out.password"


@pytest.mark.parametrize(
    ("present", "new", "repeated", "said"),
    [
        ("", NEW, NEW, "account.password.missing"),
        ("verkeerd wachtwoord", NEW, NEW, "account.password.wrong"),
        (PASSWORD, NEW, NEW + "x", "first.password.different"),
        (PASSWORD, "kort", "kort", "first.password.short"),
        (PASSWORD, PASSWORD, PASSWORD, "first.password.same"),
    ],
)
def test_a_password_that_may_not_be_used_changes_nothing(
    world: World, present: str, new: str, repeated: str, said: str
) -> None:
    world.person()
    owner = account(world)
    assert reason(owner.change_password(present, new, repeated)) == said
    assert isinstance(world.attempt(PASSWORD), Moved)


def test_guessing_the_present_password_waits_as_at_the_login_page(world: World) -> None:
    world.person()
    owner = account(world)
    outcomes = [reason(owner.change_password("verkeerd wachtwoord", NEW, NEW)) for _ in range(5)]
    assert outcomes == ["account.password.wrong"] * 3 + ["sign_in.login.wait"] * 2


def test_a_password_that_an_administrator_replaced_meanwhile_is_not_overwritten(world: World) -> None:
    world.person()
    owner = account(world)
    with world.site.database.transaction(write=True):
        world.site.database.users.raise_epoch(world.user().id)
    assert reason(owner.change_password(PASSWORD, NEW, NEW)) == "signed_out.administrator"
    assert isinstance(world.attempt(PASSWORD), Moved)


# Language and contrast


def test_language_and_contrast_come_back_at_the_next_sign_in(world: World) -> None:
    world.person()
    owner = account(world)
    assert done(owner.keep_language("en")) == "account.language.done"
    assert done(owner.keep_contrast(high=True)) == "account.contrast.done"
    view = home_view(home(world))
    assert (view.language, view.contrast) == ("en", True)
    assert world.user().language == "en"


def test_whoever_chose_nothing_gets_what_the_desk_has(world: World) -> None:
    world.person()
    view = home_view(home(world))
    assert (view.language, view.contrast) == (None, None)


# Sign-ins


def test_recent_sign_ins_tell_where_how_and_whether_it_went_well(world: World) -> None:
    created = world.person(app=True)
    wrong = world.begun()
    code = other_than(world.code_of_queued())
    for _ in range(5):
        wrong.answer(code)
    world.later(60)
    world.begun().cancel("person")
    world.later(60)
    home(world)
    world.later(60)
    owner = account(world)
    rows = owner.recent()
    assert [row.result for row in rows] == [Result.HERE, Result.IN, Result.LEFT, Result.FAILED]
    assert [row.failures for row in rows] == [0, 0, 0, 5]
    assert {row.desk for row in rows} == {"balie 1"}
    assert [row.method for row in rows] == ["sms", "sms", None, None]
    assert created.user.id


def test_a_proof_is_no_sign_in_and_others_are_not_mine(world: World) -> None:
    world.person(app=True)
    world.person("m.bakker", phone="+31623456789")
    home(world, "m.bakker")
    owner = account(world)
    owner.begin_phone("0687654321")
    assert len(owner.recent()) == 1


def test_signing_out_everywhere_ends_every_session_and_half_way_sign_ins(world: World) -> None:
    world.person()
    other, half = home(world), world.begun()
    code = newest_code(world)
    here = home(world)
    owner = account_of(world, here)
    outcome = owner.sign_out_everywhere()
    assert outcome == Moved(Stage.ENDED)
    for one in (other, here):
        one.watch(lambda _view: None)
        one.refresh()
        ended = one.view().ended
        assert ended is not None
        assert ended.text_id == "signed_out.everywhere"
    assert not isinstance(half.answer(code), Moved)


# What is told on Home


def test_one_method_is_told_once(world: World) -> None:
    world.person()
    assert home_view(home(world)).nudge is Nudge.ONE_METHOD
    assert home_view(home(world)).nudge is None


def test_whoever_has_two_methods_is_told_nothing(world: World) -> None:
    world.person(app=True)
    assert home_view(home(world)).nudge is None


def test_a_used_back_up_code_is_told_each_time(world: World) -> None:

    world.person(app=True)
    world.give_backup_code()
    sign_in = world.begun()
    sign_in.take(MethodKind.BACKUP_CODE)
    sign_in.answer(BACKUP_CODE)
    sign_in.confirm_backup_code()
    assert home_view(sign_in).nudge is Nudge.BACKUP_USED


def test_a_temporary_code_sends_the_person_to_a_method_of_their_own(world: World) -> None:
    world.person()
    world.give_temporary_code()
    sign_in = world.begun()
    sign_in.answer(TEMPORARY_CODE)
    sign_in.confirm_backup_code()
    assert home_view(sign_in).nudge is Nudge.ARRANGE


def test_what_the_person_changed_is_shown_at_the_next_sign_in_until_it_was_read(world: World) -> None:
    world.person(app=True)
    owner = account(world)
    owner.remove(active(world, FactorKind.TOTP)[0].id)
    following = home(world)
    assert [(change.what, change.by) for change in home_view(following).changes] == [("method_removed", "")]
    shown = {change.id for change in home_view(following).changes}
    with world.site.database.transaction(write=True):
        later = world.site.database.changes.add(world.user().id, what="password", actor="unix:x", now=world.clock.now())
    assert done(account_of(world, following).mark_seen(shown)) is None
    assert [change.id for change in home_view(home(world)).changes] == [later.id]


def test_what_somebody_else_changed_carries_their_name(world: World) -> None:
    world.person()
    other = world.person("a.bakker", phone="+31623456789")
    with world.site.database.transaction(write=True):
        world.site.database.changes.add(world.user().id, what="password", actor=other.user.id, now=world.clock.now())
    assert [change.by for change in home_view(home(world)).changes] == ["A.BAKKER"]
