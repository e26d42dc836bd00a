"""Finding people by part of a name, whatever was added, renamed and deleted before."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.database import Database
from data.users import User, found_by, name_key, search_form
from tests.data.things import NOW, Things

LETTERS = "abÄäßéžøŁİĳ\u0301\u05b0か゛ Σς"
NAME = st.text(LETTERS, min_size=1, max_size=5).filter(name_key)
STEP = st.tuples(st.sampled_from(["add", "rename", "delete"]), st.integers(0, 9), NAME, NAME)


def test_marks_on_letters_hide_nobody(db: Database, things: Things) -> None:
    asked = {
        "Muller": "Jan Müller",
        "Möller": "Jan Moller",
        "mu\u0308nch": "MÜNCH",
        "sorensen": "Sørensen",
        "Łukasz": "Lukasz",
        "strasse": "Straße",
        "oeuvre": "L'Œuvre",
    }
    people = {
        typed: [things.user(f"p{number}", display_name=name), things.user(f"x{name}", display_name="X")]
        for number, (typed, name) in enumerate(asked.items())
    }
    assert {typed: db.users.all(search=typed) for typed in asked} == people


@settings(max_examples=50)
@given(whole=st.text(), part=st.data())
def test_what_stands_in_a_name_finds_it_with_and_without_marks(whole: str, part: st.DataObject) -> None:
    key = name_key(whole)
    begin, end = sorted(part.draw(st.tuples(*[st.integers(0, len(key))] * 2)))
    typed = key[begin:end]
    if name_key(typed) in key:
        assert search_form(typed) in search_form(whole)


class _Enough(Exception):
    """Rolls an example back: the next one begins with nobody, and no disk is waited for."""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=14), searches=st.lists(NAME, min_size=3, max_size=3), near=st.integers(0, 4))
def test_a_search_finds_whoever_a_look_at_everybody_finds(
    db: Database, steps: list[tuple[str, int, str, str]], searches: list[str], near: int
) -> None:
    with pytest.MonkeyPatch.context() as patched, suppress(_Enough), db.transaction(write=True):
        patched.setattr("data.users._NEAR", near)
        patched.setattr("data.search_blocks.PEOPLE", 2)
        people: list[User] = []
        for what, which, name, other in steps:
            people = _changed(db, people, what, which, name, other)
        for search in [*searches, *(search[:1] for search in searches)]:
            wanted = [user.id for user in sorted(people, key=lambda one: one.name_key) if _stands_in(search, user)]
            assert [user.id for user in db.users.all(search=search)] == wanted
            assert [user.id for user in db.users.all(search=search, limit=2, offset=1)] == wanted[1:3]
        raise _Enough


def _changed(db: Database, people: list[User], what: str, which: int, name: str, other: str) -> list[User]:
    if what == "add":
        if any(user.name_key == name_key(name) for user in people):
            return people
        return [*people, Things(db).user(name, display_name=other)]
    if not people:
        return people
    place = which % len(people)
    user = people[place]
    if what == "delete":
        db.deletion.wipe(user.id, NOW)
        return people[:place] + people[place + 1 :]
    db.users.set_display_name(user.id, other)
    renamed = db.users.get(user.id)
    assert renamed is not None
    return [*people[:place], renamed, *people[place + 1 :]]


def _stands_in(search: str, user: User) -> bool:
    keys = f"{user.name_key}\x1f{found_by(user.name, user.display_name)}"
    # As it was before marks were left out, and as it is.
    before = f"{user.name_key}\x1f{name_key(user.display_name)}"
    assert name_key(search) not in before or search_form(search) in keys
    return search_form(search) in keys


def test_what_separates_people_in_a_block_finds_nobody_and_hides_nobody(db: Database, things: Things) -> None:
    first, second = things.user("anna", display_name="A\x1eb\x1fc"), things.user("bert", display_name="B")
    assert db.users.all(search="b") == [first, second]
    assert db.users.all(search="c\x1ebert") == []
    assert db.users.all(search="a b c") == [first]


def test_a_name_that_was_deleted_is_in_no_block(db: Database, things: Things) -> None:
    user, _ = things.user("anna", display_name="Anna de Vries"), things.user("bert", display_name="Bert")
    with db.transaction(write=True):
        db.deletion.wipe(user.id, NOW)
    [row] = db._connection.rows("SELECT keys FROM search_blocks")
    assert row["keys"] == "bert\x1fbert"
