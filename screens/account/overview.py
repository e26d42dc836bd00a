"""Mijn account: one's own methods and what can be done with them, password, pages, sign-ins."""

from collections.abc import Callable
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from kiosk.account.views import AccountView, MethodState, OwnMethod
from kiosk.language import printable
from kiosk.sign_in.outcomes import MethodKind, Moved, Refused, Sentence
from screens.account.asking import AccountPart
from screens.account.choice import ChoiceDialog, Entry
from screens.account.lines import advice, language_fact, method_name, moment, proof_lasts
from screens.dense import DensePage, Order
from screens.sign_in.contact import say_failure
from screens.sign_in.question import Question
from screens.widgets.base import Plain
from screens.widgets.rows import Cell, Column, Row, Rows

STYLE_OF_STATE: Final = {
    MethodState.GOOD: "$good",
    MethodState.OFFERED: "$here",
    MethodState.SUSPENDED: "$bad",
    MethodState.NONE: "$quiet",
}


class AccountPage(DensePage, AccountPart):
    """Letter M on Home. Whoever came in by a temporary code lands here first."""

    title_id = "account.title"
    path = ("home.title",)
    AUTO_FOCUS = "#methods"
    ORDERS: ClassVar = (
        Order(key="n", label="account.key.new", does="add"),
        Order(key="b", label="account.key.backup", does="backup"),
        Order(key="w", label="account.key.password", does="password"),
        Order(key="l", label="account.key.recent", does="recent"),
        Order(key="a", label="account.key.first", does="prefer", when="may_prefer", row=False),
        Order(key="v", label="account.key.remove", does="take_away", when="may_take_away", row=False),
        Order(key="o", label="account.key.everywhere", does="everywhere", row=False),
        Order(key="t", label="account.key.language", does="language", row=False),
        Order(key="c", label="account.key.contrast", does="contrast", row=False),
        Order(key="?", label="dense.more", does="more"),
        Order(key="escape", label="home.title", does="action_back", row=False),
    )

    def compose_body(self) -> ComposeResult:
        """Methods, what is worth knowing of them, the rest of what is one's own."""
        yield Rows(
            (
                Column("account.column.method", 0),
                Column("account.column.state", 12),
                Column("account.column.since", 11),
                Column("account.column.used", 20),
            ),
            id="methods",
        )
        yield Plain(id="advice", classes="gap")
        with Vertical(id="own-facts", classes="box gap"):
            yield Plain(id="facts")

    def on_mount(self) -> None:
        """Read it."""
        self.look()

    def on_screen_resume(self) -> None:
        """Back from a page: what it changed is to be seen at once."""
        if self.account is not None:
            self.look()

    def path_note(self) -> str:
        """Whose account it is."""
        return "" if self.account is None else printable(self.account.display_name)

    def take(self, view: AccountView) -> None:
        """Show it."""
        super().take(view)
        self.refresh_words()
        self.show_actions()

    def refresh_words(self) -> None:
        """Everything that the page says by itself."""
        view = self.account
        if view is None:
            return
        self.retitle()
        self.query_one("#methods", Rows).show([self._row(one, place) for place, one in enumerate(view.methods)])
        advised = advice(view)
        self.query_one("#advice", Plain).show("" if advised is None else self.kiosk.text(advised))
        self.query_one("#own-facts", Vertical).border_title = self.kiosk.text("account.facts.title")
        self.query_one("#facts", Plain).show(self._facts(view))

    def _row(self, one: OwnMethod, place: int) -> Row:
        app = self.kiosk
        none = one.state is MethodState.NONE
        return Row(
            one.id or f"{one.kind.value}-{place}",
            (
                Cell(method_name(app.words, one), "$quiet" if none else ""),
                Cell(app.text(f"account.state.{one.state.value}"), STYLE_OF_STATE[one.state]),
                Cell("-" if one.since is None else app.words.day(one.since, app.clock.now_ms()), "$quiet"),
                Cell(
                    "-" if one.last_used_at is None else moment(app.words, one.last_used_at, app.clock.now_ms()),
                    "$quiet",
                ),
            ),
        )

    def _facts(self, view: AccountView) -> str:
        app = self.kiosk
        contrast = "account.facts.desk"
        if view.contrast is not None:
            contrast = "account.contrast.high" if view.contrast else "account.contrast.plain"
        return "\n".join(
            (
                app.say(Sentence("account.facts.name", {"user": printable(view.name)})),
                language_fact(app.words, view),
                app.say(Sentence("account.facts.contrast", {"contrast": app.text(contrast)})),
            )
        )

    @on(Rows.Moved)
    def _moved(self, event: Rows.Moved) -> None:
        event.stop()
        self.show_actions()

    # What can be done

    @property
    def method(self) -> OwnMethod | None:
        """The one under the cursor, when there is one of that kind that can be changed."""
        current = self.query_one("#methods", Rows).current
        methods = () if self.account is None else self.account.methods
        return next((one for one in methods if one.id and one.id == current), None)

    @property
    def may_take_away(self) -> bool:
        """Whether it is one of one's own; the domain knows which must stay."""
        return self.method is not None

    @property
    def may_prefer(self) -> bool:
        """Whether it works and another one is asked first."""
        method = self.method
        return method is not None and method.state is MethodState.GOOD and not method.first_choice

    def more(self) -> None:
        """?."""
        self.kiosk.action_help()

    def prefer(self) -> None:
        """A: ask this one first."""
        if self.method is not None:
            factor_id = self.method.id
            self.do(lambda account: account.prefer(factor_id))

    def add(self) -> None:
        """N: which kind, a proof, its page."""
        view = self.account
        if view is None:
            return
        entries = []
        for one in view.addable:
            label = Sentence(f"account.add.{one.kind.value}")
            if one.replaces is not None:
                label = Sentence("account.add.replace", {"tail": one.replaces})
            entries.append(Entry(value=one.kind.value, label=label, why_not=one.why_not))
        self.app.push_screen(ChoiceDialog("account.add.title", entries), self._add)

    def _add(self, value: str | None) -> None:
        view = self.account
        if value is None or view is None:
            return
        page = ADDING[MethodKind(value)]
        replaces = next((one.replaces for one in view.addable if one.kind == value), None)
        self._proved(lambda: page(self, replaces), changes=replaces is not None)

    def backup(self) -> None:
        """B: the old code is void as soon as there is a new one, so it is asked first."""
        question = Question(Sentence("account.backup.sure"), cautious=True)
        self._sure(question, lambda: self._proved(self._new_backup_code))

    def _new_backup_code(self) -> None:
        from screens.account.backup_code import NewBackupCodePage  # noqa: PLC0415  each page when it is wanted

        self.do(
            lambda account: account.new_backup_code(),
            lambda _news, view: self._push(NewBackupCodePage(view)),
        )

    def password(self) -> None:
        """W."""
        self._proved(self._open_password)

    def _open_password(self) -> None:
        from screens.account.password import NewPasswordPage  # noqa: PLC0415  each page when it is wanted

        if self.account is not None:
            self._push(NewPasswordPage(self.account.minimum_length))

    def recent(self) -> None:
        """L."""
        from screens.account.recent import RecentPage  # noqa: PLC0415  each page when it is wanted

        self._push(RecentPage())

    def take_away(self) -> None:
        """V: what was taken away does not come back, so it is asked first."""
        method = self.method
        if method is None:
            return
        name = self.kiosk.text(f"account.method.{method.kind.value}")
        question = Question(Sentence("account.remove.sure", {"method": name}), cautious=True)
        self._sure(question, lambda: self._proved(lambda: self.do(lambda account: account.remove(method.id))))

    def everywhere(self) -> None:
        """O: also here."""
        question = Question(Sentence("account.everywhere.sure"), cautious=True)
        self._sure(question, lambda: self.do(lambda account: account.sign_out_everywhere()))

    def language(self) -> None:
        """T: the other language, from now on."""
        self.kiosk.action_language()
        code = self.kiosk.language.code
        self.do(lambda account: account.keep_language(code))

    def contrast(self) -> None:
        """C: high contrast or not, from now on."""
        self.kiosk.action_contrast()
        high = self.kiosk.contrast
        self.do(lambda account: account.keep_contrast(high=high))

    # Inside

    def refuse(self, refused: Refused) -> None:
        """One line; whom to call stands under F1."""
        say_failure(self.message, refused.why)

    def _sure(self, question: Question, then: Callable[[], None]) -> None:
        def answered(yes: bool | None) -> None:
            if yes:
                then()

        self.app.push_screen(question, answered)

    def _proved(self, then: Callable[[], None], *, changes: bool = True) -> None:
        """Do it after a fresh second factor; what a temporary code does not let do is said at once."""
        view = self.account
        if view is None:
            return
        if view.temporary and changes:
            self.message.failure(Sentence("account.temporary"))
        elif proof_lasts(view, self.kiosk.clock.now_ms()):
            then()
        else:
            from screens.account.proof import ProofPage  # noqa: PLC0415  each page when it is wanted

            self._push(ProofPage(view.proofs, then))

    def _push(self, page: AccountPart) -> None:
        if self.is_attached:
            self.message.clear()
            self.app.push_screen(page)

    def begin_key(self, _replaces: str | None) -> None:
        """A security key."""
        from screens.account.new_key import NewKeyPage  # noqa: PLC0415  each page when it is wanted

        self._push(NewKeyPage())

    def begin_app(self, _replaces: str | None) -> None:
        """The page of a new app, with its key."""
        from screens.account.app import NewAppPage  # noqa: PLC0415  each page when it is wanted

        def began(_news: Moved, view: AccountView) -> None:
            if view.app is not None:
                self._push(NewAppPage(view.app))

        self.do(lambda account: account.begin_app(), began)

    def begin_phone(self, replaces: str | None) -> None:
        """The page of a new phone."""
        from screens.account.phone import NewPhonePage  # noqa: PLC0415  each page when it is wanted

        self._push(NewPhonePage(replaces))


# The page of each kind that the domain says can be added.
ADDING: Final[dict[MethodKind, Callable[[AccountPage, str | None], None]]] = {
    MethodKind.TOTP: AccountPage.begin_app,
    MethodKind.SMS: AccountPage.begin_phone,
    MethodKind.YUBIKEY: AccountPage.begin_key,
}
