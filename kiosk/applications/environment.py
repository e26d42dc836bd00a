"""The environment of an application: what the kiosk gives and what the site wrote, nothing inherited and no secret."""

from pathlib import Path
from typing import Final

from kiosk.applications.wire import Request
from kiosk.config.model import Application

LOCALES: Final = {"nl": "nl_NL.UTF-8", "en": "en_GB.UTF-8"}


def environment(request: Request, application: Application, *, home: Path, login: str) -> dict[str, str]:
    """What the program finds in its environment, and all of it."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        # A program that starts `$SHELL` gets none, unless the site wants it to.
        "SHELL": "/usr/sbin/nologin",
        **application.environment,
        "HOME": str(home),
        "USER": login,
        "LOGNAME": login,
        "TERM": request.term,
        "LANG": LOCALES[request.language],
        # The site's locale may not have been generated; this one is always there, and the terminal is one of UTF-8.
        "LC_CTYPE": "C.UTF-8",
        # less(1): no shell, no editor, no other file.
        "LESSSECURE": "1",
        "KIOSK_USER": request.user,
        "KIOSK_METHOD": request.method,
        "KIOSK_SESSION": request.session,
    }
