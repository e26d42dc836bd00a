"""From what the domain answers to the page that shows it: the one place that knows which page belongs to which stage."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from kiosk.sign_in.outcomes import Moved, Refused, Stage
from kiosk.sign_in.views import SignInView
from screens.home.home import HomePage
from screens.sign_in.attempt import Attempt
from screens.sign_in.backup_code import BackupCodePage
from screens.sign_in.choose import ChoosePage
from screens.sign_in.confirm_phone import ConfirmPhonePage
from screens.sign_in.enrol_app import EnrolAppPage
from screens.sign_in.gate import GatePage
from screens.sign_in.own_password import OwnPasswordPage
from screens.sign_in.sms_code import SmsCodePage
from screens.sign_in.stage_page import SignInPage, StagePage
from screens.sign_in.success import SuccessPage
from screens.sign_in.temporary_code import TemporaryCodePage
from screens.sign_in.totp import TotpPage
from screens.sign_in.yubikey import YubikeyPage

if TYPE_CHECKING:
    from screens.app import KioskApp

# LOGIN and ENDED are the login page, which the app makes anew.
PAGES: Final[Mapping[Stage, Callable[[Attempt, SignInView, Moved | Refused], StagePage]]] = {
    Stage.OWN_PASSWORD: OwnPasswordPage,
    Stage.CONFIRM_PHONE: ConfirmPhonePage,
    Stage.ENROL_TOTP: EnrolAppPage,
    Stage.CHOOSE: ChoosePage,
    Stage.SMS_CODE: SmsCodePage,
    Stage.BACKUP_CODE: BackupCodePage,
    Stage.TEMPORARY_CODE: TemporaryCodePage,
    Stage.TOTP: TotpPage,
    Stage.YUBIKEY: YubikeyPage,
    Stage.SUCCESS: SuccessPage,
    Stage.SIGNED_IN: HomePage,
}


async def follow(app: "KioskApp", attempt: Attempt, news: Moved | Refused, view: SignInView) -> None:
    """Show the page of the stage where the sign-in stands now, with what there is to say about it."""
    page = present_page(app)
    if isinstance(news, Moved) and page is not None and page.stage is news.stage:
        _stay(app, page, news, view)
    elif news.stage in PAGES:
        page_of = PAGES[news.stage]
        if news.stage is Stage.SIGNED_IN and app.gate is not None:
            page_of = GatePage
        _show(app, page_of(attempt, view, news))
    else:
        await app.show_login(news if isinstance(news, Refused) else news.notice, same_person=True)


def present_page(app: "KioskApp") -> SignInPage | None:
    """The page below all dialogs."""
    return next((screen for screen in app.screen_stack if isinstance(screen, SignInPage)), None)


def _stay(app: "KioskApp", page: SignInPage, news: Moved, view: SignInView) -> None:
    if isinstance(page, StagePage):
        page.take(view)
    _close_dialogs(app, page)
    page.tell(news)


def _show(app: "KioskApp", page: StagePage) -> None:
    present = present_page(app)
    if present is not None:
        _close_dialogs(app, present)
    # Nothing is awaited: the page that asked is the one that goes.
    app.switch_screen(page)


def _close_dialogs(app: "KioskApp", page: SignInPage) -> None:
    while app.screen is not page:
        app.pop_screen()
