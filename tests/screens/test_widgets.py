"""The shared pieces, one by one."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
import segno
from textual import events
from textual.app import ComposeResult
from textual.geometry import Size
from textual.widget import Widget

import screens.widgets
from kiosk.sign_in.outcomes import Refused, Sentence, Stage
from screens.capitals import only_capitals
from screens.linux_console import CAPS_LOCK
from screens.look import Look
from screens.page import Page
from screens.widgets.base import Ticking
from screens.widgets.block_digits import POINTS, BlockDigits
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.field import Field
from screens.widgets.qr_code import QUIET_ZONE, QrCode
from screens.widgets.time_left import RING, TimeLeft, ring
from tests.screens.doubles import (
    DARK,
    SIXTEEN,
    CodeSample,
    LoginSample,
    StillClock,
    ready,
    seen,
    seen_text,
    show,
    small_app,
)


async def boxes_after(
    *keys: str, groups: tuple[int, ...] = (6,), spare: int = 0, paste: str | None = None
) -> list[str]:
    """What is typed and what was handed in after these keys."""

    class OneField(Page[None]):
        def __init__(self) -> None:
            super().__init__()
            self.handed_in: list[str] = []

        def compose_card(self) -> ComposeResult:
            yield CodeBoxes(groups, spare=spare)

        def on_code_boxes_submitted(self, event: CodeBoxes.Submitted) -> None:
            self.handed_in.append(event.text)

    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = OneField()
            await show(pilot, page)
            await pilot.press(*keys)
            if paste is not None:
                assert app._driver is not None
                app._driver.send_message(events.Paste(paste))
                await pilot.pause()
            return [page.query_one(CodeBoxes).typed, *page.handed_in]


async def test_the_last_digit_hands_in_nothing_and_enter_does() -> None:
    assert await boxes_after(*"492039") == ["492039"]
    assert await boxes_after(*"492039", "enter") == ["492039", "492039"]


async def test_an_incomplete_code_is_handed_in_as_it_is() -> None:
    assert await boxes_after("4", "9", "enter") == ["49", "49"]


async def test_backspace_takes_one_digit_and_delete_all() -> None:
    assert await boxes_after(*"492", "backspace") == ["49"]
    assert await boxes_after(*"492", "delete") == [""]
    assert await boxes_after("backspace") == [""]


async def test_digits_too_many_are_not_taken_unless_there_is_room_for_them() -> None:
    assert await boxes_after(*"17532256") == ["175322"]
    assert await boxes_after(*"175322567", spare=2) == ["17532256"]


@pytest.mark.parametrize("pasted", ["1753 2256", "1753-2256", " 17532256\n", "code: 1753 2256.", "175322569999"])
async def test_a_pasted_code_loses_its_spaces_and_dashes(pasted: str) -> None:
    assert await boxes_after("9", groups=(4, 4), paste=pasted) == ["17532256"]


async def test_pasting_no_digit_changes_nothing() -> None:
    assert await boxes_after("9", paste="abc") == ["9"]


@pytest.mark.parametrize("digit", ["٣", "³", "Ⅷ"])
async def test_digits_of_other_scripts_are_no_digits_of_a_code(digit: str) -> None:
    assert await boxes_after("4", paste=digit) == ["4"]


async def test_the_next_box_is_marked_and_only_while_the_boxes_have_the_focus() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, CodeSample())
            await pilot.press("4", "9")
            assert "4 9 _" in seen_text(app)
            await pilot.press("tab")
            assert "4 9 _" not in seen_text(app)


async def test_spare_digits_stand_behind_the_boxes() -> None:
    class Spare(Page[None]):
        def compose_card(self) -> ComposeResult:
            yield CodeBoxes((6,), spare=2)

    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, Spare())
            await pilot.press(*"17532256")
            assert "1 7 5 3 2 2 56" in seen_text(app)


async def test_flat_boxes_take_one_row() -> None:
    class Flat(Page[None]):
        def compose_card(self) -> ComposeResult:
            yield CodeBoxes((4, 4), classes="-flat")

    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, Flat())
            await pilot.press("1", "7")
            assert app.screen.query_one(CodeBoxes).size == (49, 1)
            assert any(row.strip(" │╭╮╰╯").split() == ["1", "7", "_"] for row in seen(app))


def test_submitted_digits_are_not_in_a_repr() -> None:
    assert "492039" not in repr(CodeBoxes.Submitted(CodeBoxes(), "492039"))


# Fields


async def test_a_password_is_hidden_until_it_is_shown_and_hidden_again_when_cleared() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("tab", *"zwaan")
            assert "zwaan" not in seen_text(app)
            await pilot.press("tab", "enter")
            assert "zwaan" in seen_text(app)
            assert "Wachtwoord verbergen" in seen_text(app)
            app.screen.query_one("#password", Field).clear()
            await pilot.pause()
            assert not app.screen.query_one("#password", Field).shown


@pytest.mark.parametrize(
    ("typed", "capitals"),
    [("ZWAAN", True), ("ZW1!", False), ("AB", False), ("ABC1", True), ("Zwaan", False), ("123456", False), ("", False)],
)
def test_only_capitals_look_like_caps_lock(typed: str, capitals: bool) -> None:
    assert only_capitals(typed) == capitals


async def test_caps_lock_is_told_under_a_secret_and_goes_away_with_a_small_letter() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("tab", "Z", "W", "A")
            assert "Let op: u typt alleen hoofdletters" in seen_text(app)
            await pilot.press("n")
            assert "hoofdletters" not in seen_text(app)


async def test_a_console_tells_caps_lock_before_anything_is_typed_and_believes_no_capitals() -> None:
    with small_app() as app:
        lit: list[int] = [CAPS_LOCK]
        app.lights = lambda: lit[0]
        async with app.run_test() as pilot:
            await ready(pilot)
            app.tick()
            await pilot.pause()
            assert "Let op: Caps Lock staat aan" in seen_text(app)
            lit[0] = 0
            await pilot.press("tab", "Z", "W", "A")
            assert "Caps Lock" not in seen_text(app)
            assert "hoofdletters" not in seen_text(app)


async def test_a_keypad_without_num_lock_is_explained_at_the_boxes() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = CodeSample()
            await show(pilot, page)
            for key in ("home", "end", "pageup", "pagedown", "insert"):
                page.message.clear()
                await pilot.press("1", key)
                await pilot.pause()
                assert "Zet Num Lock aan" in seen_text(app), key
            assert page.query_one(CodeBoxes).typed == "11111"


async def test_capitals_in_a_user_name_are_no_matter() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("Z", "W", "A")
            assert "hoofdletters" not in seen_text(app)


async def test_a_field_takes_no_more_than_its_length() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            field = app.screen.query_one("#name", Field)
            field.value = "x" * 63
            await pilot.press("y", "z")
            assert field.value == "x" * 63 + "y"


async def test_enter_hands_in_from_the_password() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = app.screen
            assert isinstance(page, LoginSample)
            await pilot.press(*"jan", "tab", *"zwaan", "enter")
            assert page.handed_in == [("jan", "zwaan")]


# Time


async def test_the_time_becomes_shorter_and_ends_once() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = CodeSample()
            await show(pilot, page)
            page.query_one(TimeLeft).start(left_seconds=100, whole_seconds=100)
            await pilot.pause()
            whole = seen_text(app).count("━")
            clock.advance(50)
            app.tick()
            await pilot.pause()
            assert "nog 0:50" in seen_text(app)
            assert seen_text(app).count("━") == pytest.approx(whole / 2, abs=1)
            for seconds in (50, 1, 1):
                clock.advance(seconds)
                app.tick()
                await pilot.pause()
            assert page.ended == 1
            assert "nog" not in seen_text(app)


# Messages


async def test_a_wait_counts_down_and_goes_away() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            message = app.screen.query_one("#message")
            assert isinstance(app.screen, LoginSample)
            app.screen.message.refused(
                Refused(
                    Sentence("sign_in.login.wait", {"seconds": 15}), Stage.LOGIN, reference="K482", names_contact=True
                )
            )
            await pilot.pause()
            text = seen_text(app)
            assert "! Er is te vaak een verkeerd wachtwoord ingevuld. Probeer het over 15 seconden opnieuw." in text
            assert "Hulp: Servicebalie, 030 555 01 23" in text
            assert "Kenmerk voor de helpdesk: K482" in text
            clock.advance(14)
            app.tick()
            await pilot.pause()
            assert "over 1 seconde opnieuw" in seen_text(app)
            clock.advance(1)
            app.tick()
            await pilot.pause()
            assert not message.display


async def test_success_and_failure_differ_by_sign_and_not_by_colour_alone() -> None:
    with small_app(look=SIXTEEN) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            assert isinstance(app.screen, LoginSample)
            app.screen.message.success(Sentence("first.password.saved"))
            await pilot.pause()
            assert "■ Uw nieuwe wachtwoord" in seen_text(app)
            app.screen.message.failure(Sentence("first.password.known"))
            await pilot.pause()
            assert "! Veel mensen" in seen_text(app)


# The ring


def test_the_ring_loses_clockwise_from_the_top_and_its_parts_never_lie_on_each_other() -> None:
    whole, nothing = ring(1.0)[0], ring(0.0)[0]
    lit, gone = ring(0.5)

    assert not any(map(any, ring(1.0)[1]))
    assert not any(map(any, nothing))
    assert lit == [[False] * (RING // 2) + row[RING // 2 :] for row in whole]
    assert not any(map(any, (row[RING // 2 :] for row in gone)))


async def test_a_large_screen_shows_the_time_left_as_a_ring_and_a_font_without_its_glyphs_as_a_line() -> None:
    for look, rows in ((DARK, 7), (SIXTEEN, 1)):
        with small_app(look=look) as app:
            async with app.run_test(size=(160, 45)) as pilot:
                await ready(pilot)
                page = CodeSample()
                await show(pilot, page)
                time_left = page.query_one(TimeLeft)
                assert time_left.size.height == 1
                time_left.start(left_seconds=186, whole_seconds=300)
                await pilot.pause()
                assert time_left.size.height == rows
                assert "3:06" in seen_text(app)


# Large digits and QR codes


def test_every_digit_differs_from_every_other() -> None:
    assert len(set(POINTS.values())) == len(POINTS) == 10
    assert {len(points) for points in POINTS.values()} == {15}


@pytest.mark.parametrize(("look", "rows", "columns"), [(DARK, 3, 33), (SIXTEEN, 5, 49)])
async def test_large_digits_fit_the_card_in_both_sets(look: Look, rows: int, columns: int) -> None:
    class Digits(Page[None]):
        def compose_card(self) -> ComposeResult:
            yield BlockDigits("1753 2256")

    with small_app(look=look) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, Digits())
            digits = app.screen.query_one(BlockDigits)
            assert (digits.size.height, digits.size.width) == (rows, columns)


async def test_large_digits_on_a_console_need_no_glyph_at_all() -> None:
    class Digits(Page[None]):
        def compose_card(self) -> ComposeResult:
            yield BlockDigits("0123 4567")

    with small_app(look=SIXTEEN) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, Digits())
            assert set(str(app.screen.query_one(BlockDigits).render())) == {" ", "\n"}


async def test_a_qr_code_is_the_matrix_of_the_library_with_its_quiet_zone() -> None:
    text = "otpauth://totp/Kiosk:jan?secret=GEZDGNBVGY3TQOJQ&issuer=Kiosk"
    matrix = [list(map(bool, row)) for row in segno.make_qr(text, error="l", boost_error=False).matrix]

    class Code(Page[None]):
        def compose_card(self) -> ComposeResult:
            yield QrCode(text)

    with small_app() as app:
        async with app.run_test(size=(120, 50)) as pilot:
            await ready(pilot)
            await show(pilot, Code())
            code = app.screen.query_one(QrCode)
            halves = {" ": (False, False), "▀": (True, False), "▄": (False, True), "█": (True, True)}
            drawn: list[list[bool]] = []
            for line in str(code.render()).split("\n"):
                drawn.append([halves[cell][0] for cell in line])
                drawn.append([halves[cell][1] for cell in line])
            inner = [row[QUIET_ZONE:-QUIET_ZONE] for row in drawn[QUIET_ZONE : QUIET_ZONE + len(matrix)]]
            assert inner == matrix
            around = [cell for row in [*drawn[:QUIET_ZONE], *drawn[QUIET_ZONE + len(matrix) :]] for cell in row]
            assert not any(around)
            assert code.size == code.cells_needed


@pytest.mark.parametrize(
    ("look", "size", "shown"),
    [(DARK, (100, 30), True), (DARK, (99, 30), False), (DARK, (100, 29), False), (SIXTEEN, (100, 30), False)],
)
async def test_a_qr_code_is_drawn_only_where_it_can_be_scanned(look: Look, size: tuple[int, int], shown: bool) -> None:
    class Code(Page[None]):
        def compose_card(self) -> ComposeResult:
            yield QrCode("otpauth://totp/x")

    with small_app(look=look) as app:
        async with app.run_test(size=size) as pilot:
            await ready(pilot)
            await show(pilot, Code())
            assert app.screen.query_one(QrCode).display == shown


def test_a_qr_code_of_106_bytes_needs_45_by_23_cells() -> None:
    assert QrCode("x" * 106).cells_needed == Size(45, 23)


async def test_rows_are_one_high_on_a_low_screen_and_three_on_a_high_one() -> None:
    with small_app() as app:
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(pilot)
            assert app.screen.query_one("#sign-in").size.height == 1
            assert app.screen.query_one("BrandBar").size.height == 1
            await pilot.resize_terminal(100, 30)
            await pilot.pause()
            assert app.screen.query_one("#sign-in").size.height == 3
            assert app.screen.query_one("#forgotten").size.height == 1
            assert app.screen.query_one("BrandBar").outer_size.height == 3


async def test_too_small_a_window_says_so_and_comes_back() -> None:
    with small_app() as app:
        async with app.run_test(size=(79, 24)) as pilot:
            await ready(pilot)
            assert seen_text(app) == "Dit venster is te klein om in te loggen. Maak het venster groter."
            await pilot.resize_terminal(80, 23)
            await pilot.pause()
            assert "te klein" in seen_text(app)
            await pilot.resize_terminal(80, 24)
            await pilot.pause()
            assert "te klein" not in seen_text(app)
            assert len(seen(app)) == 24


def test_every_widget_that_can_tick_is_told_of_the_seconds() -> None:
    for module in pkgutil.iter_modules(screens.widgets.__path__, "screens.widgets."):
        importlib.import_module(module.name)
    kinds = [kind for kind in every_kind(Widget) if kind.__module__.startswith("screens.") and hasattr(kind, "tick")]
    assert len(kinds) > 5
    assert [kind for kind in kinds if not issubclass(kind, Ticking | Page)] == []


def every_kind(kind: type[Widget]) -> Iterator[type[Widget]]:
    for below in kind.__subclasses__():
        yield below
        yield from every_kind(below)
