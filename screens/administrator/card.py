"""Persoonskaart: everything about one person, and what can be done for them."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from kiosk.administration.authority import Act
from kiosk.administration.people import CardSeen, look
from kiosk.language import printable
from screens.administrator.asked import request_in_words
from screens.administrator.asking import OfficePage, PersonForm
from screens.administrator.card_words import facts_in_words, locks_in_words
from screens.administrator.words import STYLE_OF_STATE, method_words, moment
from screens.dense import Order, RowAction
from screens.widgets.base import Plain
from screens.widgets.rows import Cell, Column, Row, Rows

if TYPE_CHECKING:
    from kiosk.administration.card import MethodLine, PersonCard

# Key of the row of the back-up code, which is no method of its own to open.
BACKUP = "backup"
# What stands in the list at the side; the rest is what every page has.
AT_SIDE = "tdnbwgsivla"
ACTS = frozenset(act.value for act in Act)


class CardPage(OfficePage):
    """Page 3. What is locked stands on top; letters that would do nothing for this person are not there."""

    title_id = "people.title"
    AUTO_FOCUS = "#methods"
    ORDERS: ClassVar = (
        Order(key="enter", label="people.key.method", does="open", when="may_open"),
        Order(key="t", label="people.temporary.title", does="temporary", when="may_temporary"),
        Order(key="d", label="people.unlock.title", does="unlock", when="may_unlock"),
        Order(key="n", label="people.method.new.title", does="add_method", when="may_add_method", row=False),
        Order(key="b", label="people.backup.title", does="backup", when="may_backup", row=False),
        Order(key="w", label="people.password.title", does="password", when="may_reset", row=False),
        Order(key="g", label="people.details.title", does="details", when="loaded", row=False),
        Order(key="s", label="people.sessions.title", does="sessions", when="may_end_sessions", row=False),
        Order(key="i", label="people.off.title", does="switch_off", when="may_switch_off", row=False),
        Order(key="i", label="people.on.title", does="switch_on", when="may_switch_on", row=False),
        Order(key="v", label="people.delete.title", does="delete", when="others", row=False),
        Order(key="l", label="audit.title", does="open_log", when="loaded", row=False),
        Order(key="a", label="approval.request.title", does="request", when="has_requests"),
        Order(key="?", label="dense.more", does="more", row=False),
        Order(key="escape", label="people.title", does="action_back"),
    )

    def __init__(self, person_id: str, name: str) -> None:
        super().__init__()
        self.person_id = person_id
        self.name_shown = name
        self.seen: CardSeen | None = None
        self._at_side: tuple[tuple[str, str], ...] = ()

    def path_names(self) -> list[str]:
        """Home, people, this person."""
        return [self.kiosk.text("home.title"), self.kiosk.text("people.title"), self.name_shown]

    def path_note(self) -> str:
        """The user name."""
        return "" if self.seen is None else printable(self.seen.card.user.name)

    def compose_body(self) -> ComposeResult:
        """What is locked, who it is, the methods, what was done last; what can be done at the side."""
        yield Plain(id="locks", classes="bad")
        with Horizontal(id="card-columns"):
            with Vertical(id="card-left"):
                yield Plain(id="facts")
                yield Rows(
                    (
                        Column("people.column.method", 0),
                        Column("people.column.state", 12),
                        Column("people.column.used", 16),
                    ),
                    id="methods",
                    classes="gap",
                )
                yield Plain(id="advice", classes="here")
                yield Plain(id="changes", classes="quiet gap")
            with Vertical(id="card-side", classes="box"):
                yield Vertical(id="card-orders")

    def on_mount(self) -> None:
        """Read it."""
        self.look()

    def on_screen_resume(self) -> None:
        """Back from a form: what it changed is to be seen at once."""
        if self.seen is not None:
            self.look()

    def look(self) -> None:
        """Read the card again."""
        self.read(lambda office: look(office, self.person_id), self._take)

    def _take(self, seen: CardSeen) -> None:
        self.seen = seen
        self.refresh_words()
        self.show_actions()

    # What it says

    def refresh_words(self) -> None:
        """Everything that the page says by itself."""
        self.retitle()
        if self.seen is None:
            return
        card = self.seen.card
        locks = [*self._locks(card), *(request_in_words(self.kiosk, one, who=False) for one in self.seen.requests)]
        self.query_one("#locks", Plain).display = bool(locks)
        self.query_one("#locks", Plain).show("\n".join(f"! {line}" for line in locks))
        self.query_one("#facts", Plain).show("\n".join(self._facts(card)))
        self.query_one("#methods", Rows).show([*map(self._row, card.methods), self._backup_row(card)])
        advice = self._advice(card)
        self.query_one("#advice", Plain).display = advice is not None
        self.query_one("#advice", Plain).show("" if advice is None else self.kiosk.text(advice))
        self.query_one("#changes", Plain).show("\n".join(self._changes(self.seen)))
        self.query_one("#card-side", Vertical).border_title = self.kiosk.text("people.card.side")
        self._show_side()

    def _locks(self, card: "PersonCard") -> list[str]:
        return locks_in_words(self.kiosk, card)

    def _facts(self, card: "PersonCard") -> list[str]:
        return facts_in_words(self.kiosk, card)

    def _row(self, one: "MethodLine") -> Row:
        app, state = self.kiosk, one.state.value
        return Row(
            one.id,
            (
                Cell(method_words(app, one.kind.value, one.number_tail)),
                Cell(app.text(f"people.state.{state}"), STYLE_OF_STATE[state]),
                Cell(moment(app, one.last_used_at), "$quiet"),
            ),
        )

    def _backup_row(self, card: "PersonCard") -> Row:
        app, backup = self.kiosk, card.backup
        state, style = ("active", "$good") if backup.live else ("none", "$quiet")
        if backup.live and backup.trouble is not None:
            state, style = "suspended", "$bad"
        used = Cell(moment(app, backup.last_used_at), "$quiet")
        return Row(
            BACKUP, (Cell(app.text("people.method.backup_code")), Cell(app.text(f"people.state.{state}"), style), used)
        )

    @staticmethod
    def _advice(card: "PersonCard") -> str | None:
        if card.needs_other_factor:
            return "people.advice.needs_other_factor"
        return "people.advice.only_sms" if card.only_sms else None

    def _changes(self, seen: CardSeen) -> list[str]:
        app, room = self.kiosk, 8 if self.has_class("-high") else 2
        return [
            app.text(
                "people.card.change",
                when=moment(app, one.at),
                by=printable(seen.actors.get(one.actor, one.actor)),
                what=app.text(f"people.act.{one.what if one.what in ACTS else 'other'}"),
            )
            for one in seen.card.changes[:room]
            if one.actor != self.person_id
        ]

    def _show_side(self) -> None:
        """The letters in a column, for whoever does not know them yet."""
        orders = [one for one in self.ORDERS if one.key in AT_SIDE and self.available(one)]
        now = tuple((one.key, self.kiosk.text(one.label)) for one in orders)
        if now == self._at_side:
            return
        self._at_side = now
        place = self.query_one("#card-orders", Vertical)
        with self.app.batch_update():
            place.remove_children()
            place.mount(*(RowAction(one, f"{one.key.upper()} {self.kiosk.text(one.label)}") for one in orders))

    # What can be done now

    @property
    def loaded(self) -> bool:
        """Whether it was read."""
        return self.seen is not None

    @property
    def others(self) -> bool:
        """Whether it is the card of somebody else: nobody does this to themselves."""
        return self.seen is not None and not self.seen.own

    @property
    def works(self) -> bool:
        """Somebody else, who is not switched off."""
        return self.seen is not None and self.others and not self.seen.card.switched_off

    @property
    def may_temporary(self) -> bool:
        """T."""
        return self.works

    @property
    def may_reset(self) -> bool:
        """W."""
        return self.works

    @property
    def may_unlock(self) -> bool:
        """D: only where something is counted."""
        if self.seen is None or not self.others:
            return False
        card = self.seen.card
        return bool(card.second_factor_failures or card.password.failures or card.backup.failures_in_row)

    @property
    def may_add_method(self) -> bool:
        """N."""
        return self.seen is not None and not self.seen.card.switched_off

    @property
    def may_backup(self) -> bool:
        """B: only where there is one."""
        return self.seen is not None and self.seen.card.backup.live

    @property
    def may_end_sessions(self) -> bool:
        """S: only where there are some."""
        return self.seen is not None and self.others and bool(self.seen.card.sessions)

    @property
    def may_switch_off(self) -> bool:
        """I."""
        return self.works

    @property
    def may_switch_on(self) -> bool:
        """I, of somebody who is off or will be."""
        return self.seen is not None and self.others and self.seen.card.switched_off

    @property
    def may_open(self) -> bool:
        """Enter, on a method."""
        return self.seen is not None and any(one.id == self.current for one in self.seen.card.methods)

    @property
    def current(self) -> str:
        """The row under the cursor."""
        return self.query_one("#methods", Rows).current

    def on_rows_moved(self) -> None:
        """Another method."""
        self.show_actions()

    @property
    def has_requests(self) -> bool:
        """A."""
        return self.seen is not None and bool(self.seen.requests)

    # Doing it

    def request(self) -> None:
        """A: what waits for a second administrator; a list when there are several."""
        from screens.administrator.requests import RequestPage, RequestsPage  # noqa: PLC0415  as below

        requests = self._seen().requests
        self.message.clear()
        self.app.push_screen(RequestPage(requests[0].id) if len(requests) == 1 else RequestsPage(self.person_id))

    def _fill_in(self, form: PersonForm) -> None:
        form.ticket = self.ticket
        self.message.clear()
        self.app.push_screen(form)

    def _seen(self) -> CardSeen:
        assert self.seen is not None, "there is no letter for it before"
        return self.seen

    def temporary(self) -> None:
        """T."""
        from screens.administrator.temporary import TemporaryCodePage  # noqa: PLC0415  each page when it is wanted

        self._fill_in(TemporaryCodePage(self._seen(), self.name_shown))

    def unlock(self) -> None:
        """D."""
        from screens.administrator.deeds import UnlockPage  # noqa: PLC0415  as above

        self._fill_in(UnlockPage(self._seen(), self.name_shown))

    def backup(self) -> None:
        """B."""
        from screens.administrator.deeds import BackupPage  # noqa: PLC0415  as above

        self._fill_in(BackupPage(self._seen(), self.name_shown))

    def password(self) -> None:
        """W."""
        from screens.administrator.deeds import ResetPage  # noqa: PLC0415  as above

        self._fill_in(ResetPage(self._seen(), self.name_shown))

    def sessions(self) -> None:
        """S."""
        from screens.administrator.deeds import SessionsPage  # noqa: PLC0415  as above

        self._fill_in(SessionsPage(self._seen(), self.name_shown))

    def switch_off(self) -> None:
        """I."""
        from screens.administrator.deeds import OffPage  # noqa: PLC0415  as above

        self._fill_in(OffPage(self._seen(), self.name_shown))

    def switch_on(self) -> None:
        """I, again."""
        from screens.administrator.deeds import OnPage  # noqa: PLC0415  as above

        self._fill_in(OnPage(self._seen(), self.name_shown))

    def delete(self) -> None:
        """V."""
        from screens.administrator.deeds import DeletePage  # noqa: PLC0415  as above

        self._fill_in(DeletePage(self._seen(), self.name_shown))

    def details(self) -> None:
        """G."""
        from screens.administrator.person_form import DetailsPage  # noqa: PLC0415  as above

        self._fill_in(DetailsPage(self._seen(), self.name_shown))

    def open_log(self) -> None:
        """L: what this person did and what was done for them."""
        from screens.audit.log import LogPage  # noqa: PLC0415  as above

        self.message.clear()
        self.app.push_screen(LogPage(self.person_id, self.name_shown))

    def add_method(self) -> None:
        """N."""
        from screens.administrator.methods import NewMethodPage  # noqa: PLC0415  as above

        self._fill_in(NewMethodPage(self._seen(), self.name_shown))

    def open(self) -> None:
        """Enter."""
        from screens.administrator.methods import MethodPage  # noqa: PLC0415  as above

        seen, current = self._seen(), self.current
        method = next((one for one in seen.card.methods if one.id == current), None)
        if method is not None:
            self.message.clear()
            page = MethodPage(seen, self.name_shown, method)
            page.ticket = self.ticket
            self.app.push_screen(page)
