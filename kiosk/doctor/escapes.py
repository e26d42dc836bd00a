"""Programs that let whoever uses them start others: a table of well-known ones, by the name of the program.

Sources: the manuals of the programs; GTFOBins (gtfobins.github.io), functions "shell" and "command". A program that is not in it
may have its own way out; that the applications run under another account is what holds.
"""

from collections.abc import Sequence
from enum import StrEnum, unique
from pathlib import PurePosixPath
from typing import Final


@unique
class Escape(StrEnum):
    """What such a program lets people do."""

    SHELL = "shell"
    """It is a shell or an interpreter."""
    COMMANDS = "commands"
    """It starts other programs when it is asked to."""
    LESS = "less"
    """None as the kiosk starts it: with LESSSECURE=1 in its environment (less(1), SECURITY)."""
    WRITES = "writes"
    """It starts nothing, and opens and writes any file that its account may."""


_SHELLS: Final = [
    "ash",
    "bash",
    "busybox",
    "csh",
    "dash",
    "fish",
    "ksh",
    "mksh",
    "rbash",
    "sh",
    "tcsh",
    "tclsh",
    "zsh",
    "awk",
    "gawk",
    "mawk",
    "nawk",
    "gdb",
    "irb",
    "ipython",
    "lua",
    "node",
    "nodejs",
    "perl",
    "php",
    "pwsh",
    "python",
    "python3",
    "ruby",
    "screen",
    "tmux",
    "expect",
    "env",
    "script",
    "su",
    "sudo",
    "nsenter",
    "chroot",
    "xterm",
]
_COMMANDS: Final = [
    "vi",
    "vim",
    "vim.basic",
    "vim.tiny",
    "nvim",
    "view",
    "ex",
    "vimdiff",
    "elvis",
    "nvi",
    "ed",
    "red",
    "emacs",
    "emacsclient",
    "mg",
    "jed",
    "joe",
    "jmacs",
    "jstar",
    "jpico",
    "mcedit",
    "mc",
    "nano",
    "pico",
    "pilot",
    "micro",
    "ne",
    "man",
    "info",
    "more",
    "most",
    "pg",
    "pinfo",
    "lynx",
    "links",
    "elinks",
    "w3m",
    "ftp",
    "sftp",
    "lftp",
    "telnet",
    "ssh",
    "slogin",
    "mosh",
    "mutt",
    "neomutt",
    "alpine",
    "pine",
    "mail",
    "mailx",
    "psql",
    "mysql",
    "mariadb",
    "sqlite3",
    "sqlite",
    "git",
    "tig",
    "find",
    "xargs",
    "parallel",
    "make",
    "watch",
    "time",
    "timeout",
    "nice",
    "nohup",
    "strace",
    "ltrace",
    "htop",
    "iotop",
    "top",
    "nmap",
    "crontab",
    "ranger",
    "nnn",
    "vifm",
    "lf",
    "cscope",
    "rlwrap",
    "rlogin",
    "minicom",
    "picocom",
    "screenfetch",
    "sc",
    "sc-im",
    "visidata",
    "vd",
    "gnuplot",
    "octave",
    "R",
    "zip",
    "tar",
    "rsync",
    "scp",
    "journalctl",
    "systemctl",
    "loginctl",
    "apt",
    "apt-get",
    "dpkg",
    "rpm",
    "less",
]
# Programs that page with less, and do what its environment says.
_PAGING: Final = frozenset({"man", "journalctl", "systemctl", "loginctl", "less"})
# Option that takes the way out, and what is left then (nano(1) -R; vim(1) -Z).
_RESTRICTED: Final = {
    "nano": ({"-R", "--restricted"}, None),
    "pico": ({"-R"}, None),
    "more": ({"--secure"}, None),
}
_KINDS: Final = {
    **dict.fromkeys(_COMMANDS, Escape.COMMANDS),
    **dict.fromkeys(_SHELLS, Escape.SHELL),
    **dict.fromkeys(_PAGING, Escape.LESS),
    "rnano": None,
    # Restricted vim starts no program, and opens and writes what it may.
    "rvim": Escape.WRITES,
    "rview": Escape.WRITES,
}
# What only starts the program behind it.
_WRAPPERS: Final = frozenset({"env", "nice", "nohup", "timeout", "time", "stdbuf", "setsid", "ionice"})


def escape_of(argv: Sequence[str]) -> Escape | None:
    """What this command lets people do; None when no way out is known. A wrapper is looked through."""
    name = PurePosixPath(argv[0]).name
    if name in _WRAPPERS:
        behind = next((place for place, word in enumerate(argv[1:], 1) if _is_program(word)), None)
        return Escape.SHELL if behind is None else escape_of(argv[behind:])
    # python3.11, lua5.4 and the like are called after their version.
    kind = _KINDS[name] if name in _KINDS else _KINDS.get(name.rstrip("0123456789."))
    if name in {"vim", "nvim", "vi"} and "-Z" in argv:
        return Escape.WRITES
    if name in _RESTRICTED and _RESTRICTED[name][0] & set(argv[1:]):
        return _RESTRICTED[name][1]
    # An interpreter that runs one file is as good as that file.
    if kind is Escape.SHELL and any(word.startswith("/") for word in argv[1:]) and "-i" not in argv:
        return None
    return kind


def _is_program(word: str) -> bool:
    return "=" not in word and not word.startswith("-") and not word[:1].isdigit()
