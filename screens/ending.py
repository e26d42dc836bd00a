"""How a terminal ends, whichever face it has: the signals, the trace of a crash without what was typed, and its last words."""

import signal
import traceback
from typing import Final

# What ends the terminal in good order.
ENDING: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)

# What would stop it for ever, or end it with the terminal left raw. Caught, not ignored: a program that is started
# from here would inherit that.
HARMLESS: Final = (signal.SIGTSTP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGIO)

# The log has the rest. Both languages and no catalogue: the words may be what is broken.
CRASHED: Final = "De terminal is gestopt door een fout, zie het logboek. The terminal stopped by an error, see the log."


def plain_traceback(error: BaseException | None) -> str:
    """A traceback without the values of variables, which may be a password or a code."""
    return "".join(traceback.format_exception(error)) if error is not None else traceback.format_exc()
