"""What the terminal can draw is found out once; where nothing can be drawn, a sentence says so."""

import pytest

from kiosk.language import LANGUAGES, Language
from screens.look import GLYPHS, Look, UnusableTerminal, detect
from screens.themes import TOKENS, theme_name


@pytest.mark.parametrize(
    ("environ", "encoding", "look"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "utf-8", Look("dark", "rich")),
        ({"TERM": "tmux-256color"}, "UTF-8", Look("dark", "rich")),
        ({"TERM": "foot", "COLORTERM": "truecolor"}, "utf-8", Look("dark", "rich")),
        ({"TERM": "linux"}, "utf-8", Look("sixteen", "basic")),
        ({"TERM": "linux", "COLORTERM": "truecolor"}, "utf-8", Look("sixteen", "basic")),
        ({"TERM": "linux-16color"}, "utf-8", Look("sixteen", "basic")),
        ({"TERM": "xterm-256color"}, "iso-8859-15", Look("dark", "basic")),
        ({"TERM": "xterm-256color"}, "ANSI_X3.4-1968", Look("dark", "basic")),
        ({"TERM": "vt220"}, "utf-8", Look("sixteen", "rich")),
        ({"TERM": "screen"}, "utf_8", Look("sixteen", "rich")),
    ],
)
def test_colours_and_glyphs_follow_the_terminal(environ: dict[str, str], encoding: str, look: Look) -> None:
    assert detect(environ, terminal=True, encoding=encoding) == look


@pytest.mark.parametrize(
    ("environ", "terminal", "text_id"),
    [
        ({"TERM": "xterm-256color"}, False, "page.terminal.none"),
        ({"TERM": "dumb"}, True, "page.terminal.dumb"),
        ({"TERM": ""}, True, "page.terminal.dumb"),
        ({}, True, "page.terminal.dumb"),
    ],
)
def test_where_nothing_can_be_drawn_a_sentence_says_so(environ: dict[str, str], terminal: bool, text_id: str) -> None:
    with pytest.raises(UnusableTerminal) as refused:
        detect(environ, terminal=terminal, encoding="utf-8")
    assert refused.value.text_id == text_id
    assert all(Language.load(code).has(text_id) for code in LANGUAGES)


def test_every_look_has_its_theme_and_its_glyphs() -> None:
    assert {theme_name(theme, contrast=False) for theme in ("dark", "light", "sixteen")} <= set(TOKENS)
    assert set(GLYPHS) == {"rich", "block", "basic"}


@pytest.mark.parametrize(
    ("name", "encoding", "glyphs"),
    [
        ("linux", "utf-8", "block"),
        ("xterm-256color", "utf-8", "rich"),
        ("linux", "iso-8859-15", "basic"),
    ],
)
def test_a_console_whose_font_has_half_blocks_uses_them(name: str, encoding: str, glyphs: str) -> None:
    assert detect({"TERM": name}, terminal=True, encoding=encoding, half_blocks=True).glyphs == glyphs
