"""Personen: find somebody by name, user name, end of the number or reference, and open the card."""

from collections.abc import Callable, Iterator
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from kiosk.administration.card import PersonCard
from kiosk.administration.people import CardSeen, People, PersonLine, Standing, look, people
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.asking import OfficePage
from screens.administrator.card_words import facts_in_words, locks_in_words, methods_in_words
from screens.administrator.words import STYLE_OF_STANDING, day, surname_first
from screens.dense import Order
from screens.widgets.base import Line, Plain
from screens.widgets.field import Field
from screens.widgets.rows import Cell, Column, Row, Rows

# From so wide on the card of the person under the cursor stands beside the list.
WIDE = 92
_COLUMNS = (
    Column("people.column.name", 0),
    Column("people.column.user", 14),
    Column("people.column.methods", 18),
    Column("people.column.state", 20),
)
_BESIDE = (_COLUMNS[0], _COLUMNS[1], _COLUMNS[3])
# So many fill the largest terminal; whoever is not among them is found by typing on.
MOST = 60
_TITLE = 32


class PeoplePage(OfficePage):
    """Page 2. Opens in the search field; there the arrows move the cursor of the list and Enter opens it.

    At most one question is under way; what is typed meanwhile is asked next, so the list never runs behind.
    """

    title_id = "people.title"
    path = ("home.title",)
    AUTO_FOCUS = "#search Entry"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "cursor(1)", show=False),
        Binding("up", "cursor(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("space", "mark", show=False),
    ]
    ORDERS: ClassVar = (
        Order(key="enter", label="people.key.open", does="open", when="found"),
        Order(key="d", label="people.unlock.title", does="unlock", when="marked"),
        Order(key="n", label="people.key.new_person", does="add"),
        Order(key="b", label="slips.title", does="slips"),
        Order(key="e", label="audit.key.export", does="export"),
        Order(key="/", label="people.key.search", does="search", row=False),
        Order(key="?", label="dense.more", does="more", row=False),
        Order(key="escape", label="home.title", does="action_back"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.people: People | None = None
        self.marked: set[str] = set()
        """Ids of whom something is done with at once; also of people whom another search shows."""
        self._total: int | None = None
        self._open_next = False
        self._reading = False
        self._beside: PersonCard | None = None

    def compose_body(self) -> ComposeResult:
        """Search field, list."""
        yield Line("people.search.tip", classes="quiet")
        with Horizontal(id="search-row"):
            yield Field("people.search.label", id="search", maximum_length=64, classes="compact inline")
            yield Plain(id="count", classes="quiet")
        with Horizontal(id="people-columns", classes="gap"):
            yield Rows(_COLUMNS, id="people", classes="fills")
            with Vertical(id="preview", classes="box"):
                yield Plain(id="preview-locks", classes="bad")
                yield Plain(id="preview-lines")

    def on_mount(self) -> None:
        """Everybody, as far as there is room."""
        self.query_one("#preview").display = False
        self.ask()

    def on_resize(self, event: events.Resize) -> None:
        """There may be room for the card of the person under the cursor; its methods need no column then."""
        super().on_resize(event)
        self.call_after_refresh(self._make_room)

    def _make_room(self) -> None:
        wide = self.query_one("#body").size.width >= WIDE
        self.query_one("#preview").display = wide
        self.query_one("#people", Rows).columns = _BESIDE if wide else _COLUMNS
        self.refresh_words()
        self._look_beside()

    def on_screen_resume(self) -> None:
        """Back from a card: what it changed is to be seen at once."""
        if self.people is not None:
            self.ask()

    # Searching

    @property
    def typed(self) -> str:
        """What is looked for."""
        return self.query_one("#search", Field).value

    @on(Field.Changed, "#search")
    def _changed(self) -> None:
        self._open_next = False
        self.ask()

    def ask(self) -> None:
        """Look for what is typed now, or as soon as the question before it is answered."""
        if self._reading:
            return
        self._reading = True
        text = self.typed
        self.read(lambda office: people(office.site, text, limit=MOST), self._take)

    def _answered(self, show: Callable[[], None], *, changes: bool) -> None:
        self._reading = False
        super()._answered(show, changes=changes)

    def _take(self, found: People) -> None:
        if found.text != self.typed:
            self.ask()
            return
        self.people = found
        self._total = self._total if found.total is None else found.total
        self.refresh_words()
        self.show_actions()
        self._look_beside()
        if self._open_next:
            self.open()

    @on(Rows.Moved)
    def _look_beside(self) -> None:
        """The card of the person under the cursor, where there is room for it."""
        key = self._current
        if key and self.query_one("#preview").display:
            self.ask_domain(lambda desk: look(desk.office(), key), self._take_card)

    def _take_card(self, seen: CardSeen) -> None:
        if seen.card.user.id == self._current:
            self._beside = seen.card
            self._show_beside()

    @property
    def _current(self) -> str:
        return self.query_one("#people", Rows).current

    def _show_beside(self) -> None:
        card, app, box = self._beside, self.kiosk, self.query_one("#preview", Vertical)
        if card is None or card.user.id != self._current:
            box.border_title = ""
            lines, locks = [], []
        else:
            box.border_title = printable(card.user.display_name, maximum=_TITLE)
            locks = [f"! {one}" for one in locks_in_words(app, card)]
            lines = [*facts_in_words(app, card), "", *methods_in_words(app, card)]
        self.query_one("#preview-locks", Plain).show("\n".join(locks))
        self.query_one("#preview-locks", Plain).display = bool(locks)
        self.query_one("#preview-lines", Plain).show("\n".join(lines))

    @property
    def found(self) -> bool:
        """Whether there is somebody to open."""
        return self.people is not None and bool(self.people.lines)

    def path_note(self) -> str:
        """How many people there are, or are marked."""
        if self.marked:
            return self.kiosk.text("people.marked", count=len(self.marked))
        return "" if self._total is None else self.kiosk.text("people.total", count=self._total)

    def refresh_words(self) -> None:
        """Everything that the page says by itself."""
        self.retitle()
        found = self.people
        if found is None:
            return
        empty = Sentence("people.none_found" if found.text.strip() else "people.nobody")
        self.query_one("#people", Rows).show([self._row(one) for one in found.lines], empty=self.kiosk.say(empty))
        text_id = "people.found_more" if found.more else "people.found"
        self.query_one("#count", Plain).show(self.kiosk.text(text_id, count=len(found.lines)))
        self._show_beside()

    def _row(self, one: PersonLine) -> Row:
        app = self.kiosk
        state = app.text(f"people.standing.{one.standing.value}")
        if one.standing is Standing.OFF_SOON:
            state = app.say(Sentence("people.standing.off_on", {"day": day(app, one.off_at)}))
        methods = " ".join(app.text(f"people.short.{kind}") for kind in one.methods)
        name = ("[■] " if one.id in self.marked else "") + surname_first(one.display_name)
        cells = [Cell(name), Cell(one.name), Cell(state, STYLE_OF_STANDING[one.standing])]
        if len(self.query_one("#people", Rows).columns) > len(cells):
            cells.insert(2, Cell(methods or "-", "" if methods else "$quiet"))
        return Row(one.id, tuple(cells))

    # What a person does

    def action_cursor(self, by: int) -> None:
        """The cursor of the list moves while the search field keeps the keys."""
        self.query_one("#people", Rows).action_move(by)

    def action_page(self, by: int) -> None:
        """As `action_cursor`, by pages."""
        self.query_one("#people", Rows).action_page(by)

    def action_mark(self) -> None:
        """Space, in the list: mark the person under the cursor, or no longer, and go on to the next."""
        rows = self.query_one("#people", Rows)
        if not rows.has_focus or not rows.current:
            return
        self.marked ^= {rows.current}
        self.refresh_words()
        self.show_actions()
        rows.action_move(1)

    @on(Field.Submitted, "#search")
    def _submitted(self) -> None:
        self.open()

    def open(self) -> None:
        """Enter: the card of whoever is under the cursor; when the answer is still under way, of whom it brings first."""
        self._open_next = self.people is None or self.people.text != self.typed
        if self._open_next:
            return
        key = self._current
        if not key:
            self.message.failure(Sentence("people.none_found"))
            return
        from screens.administrator.card import CardPage  # noqa: PLC0415  each page when it is wanted

        name = next(one.display_name for one in self.people.lines if one.id == key) if self.people else ""
        self.message.clear()
        self.app.push_screen(CardPage(key, printable(surname_first(name))))

    def add(self) -> None:
        """N: a new person."""
        from screens.administrator.person_form import NewPersonPage  # noqa: PLC0415  each page when it is wanted

        self.message.clear()
        self.app.push_screen(NewPersonPage())

    def slips(self) -> None:
        """B: one-time passwords for who was invited, on paper."""
        from screens.administrator.slips import SlipsPage  # noqa: PLC0415  as above

        self.message.clear()
        self.app.push_screen(SlipsPage("home.title", "people.title"))

    def export(self) -> None:
        """E: everybody in a file."""
        from screens.administrator.people_export import PeopleExportPage  # noqa: PLC0415  as above

        self.message.clear()
        self.app.push_screen(PeopleExportPage())

    def key_lines(self) -> Iterator[tuple[str, str]]:
        """Also the one key that is no letter."""
        yield self.kiosk.text("people.key.space"), self.kiosk.text("people.key.mark")
        yield from super().key_lines()

    def unlock(self) -> None:
        """D: everybody who is marked, such as when all come back from holiday."""
        from screens.administrator.unlock_many import UnlockManyPage  # noqa: PLC0415  as above

        self.message.clear()
        self.app.push_screen(UnlockManyPage(frozenset(self.marked), self.marked.clear))

    def search(self) -> None:
        """/."""
        self.query_one("#search", Field).focus()

    def action_back(self) -> None:
        """Esc: the search text first, then the page."""
        field = self.query_one("#search", Field)
        if field.value:
            field.clear()
            field.focus()
        else:
            self.app.pop_screen()
