"""Contrast of every pair of tokens in every theme, computed by the formula of WCAG 2.2."""

import pytest
from textual.color import Color

from screens.look import ThemeName
from screens.themes import TOKENS, theme_name, themes

# The palette of the Linux console (VGA); an emulator's own colours are nearly always brighter.
VGA = {
    "ansi_black": "#000000",
    "ansi_red": "#AA0000",
    "ansi_green": "#00AA00",
    "ansi_yellow": "#AA5500",
    "ansi_blue": "#0000AA",
    "ansi_magenta": "#AA00AA",
    "ansi_cyan": "#00AAAA",
    "ansi_white": "#AAAAAA",
    "ansi_bright_black": "#555555",
    "ansi_bright_red": "#FF5555",
    "ansi_bright_green": "#55FF55",
    "ansi_bright_yellow": "#FFFF55",
    "ansi_bright_blue": "#5555FF",
    "ansi_bright_magenta": "#FF55FF",
    "ansi_bright_cyan": "#55FFFF",
    "ansi_bright_white": "#FFFFFF",
}

# xterm's, the most common other one.
XTERM = {
    "ansi_black": "#000000",
    "ansi_red": "#CD0000",
    "ansi_green": "#00CD00",
    "ansi_yellow": "#CDCD00",
    "ansi_blue": "#0000EE",
    "ansi_magenta": "#CD00CD",
    "ansi_cyan": "#00CDCD",
    "ansi_white": "#E5E5E5",
    "ansi_bright_black": "#7F7F7F",
    "ansi_bright_red": "#FF0000",
    "ansi_bright_green": "#00FF00",
    "ansi_bright_yellow": "#FFFF00",
    "ansi_bright_blue": "#5C5CFF",
    "ansi_bright_magenta": "#FF00FF",
    "ansi_bright_cyan": "#00FFFF",
    "ansi_bright_white": "#FFFFFF",
}

# Text on its ground: at least 4.5.
TEXTS = (
    ("ink", "page"),
    ("ink", "card"),
    ("quiet", "card"),
    ("brand-ink", "card"),
    ("here", "card"),
    ("good", "card"),
    ("bad", "card"),
    ("on-brand", "brand"),
    ("on-here", "here"),
    ("on-side", "side"),
    ("on-entry", "entry"),
    ("on-strip", "strip"),
    ("strip-quiet", "strip"),
    ("here", "strip"),
    ("brand-ink", "strip"),
    ("good", "strip"),
    ("bad", "strip"),
    ("brand-mark", "brand-mark-fill"),
    ("qr-dark", "qr-light"),
)

# Frames, and fills that have to be seen as such, against what they stand on: at least 3.
FRAMES = (
    ("card-frame", "card"),
    ("card-frame", "page"),
    ("frame", "card"),
    ("frame", "entry"),
    ("here", "card"),
    ("here", "entry"),
    ("here", "page"),
    ("brand", "page"),
)

GROUNDS = [
    *[(name, {}) for name in TOKENS if "sixteen" not in name],
    *[(name, palette) for name in TOKENS if "sixteen" in name for palette in (VGA, XTERM)],
]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""

    def linear(part: int) -> float:
        value = part / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in Color.parse(colour).rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2), 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def too_weak(name: str, palette: dict[str, str], pairs: tuple[tuple[str, str], ...], least: float) -> dict[str, float]:
    variables = next(theme for theme in themes() if theme.name == name).variables
    ratios = {
        f"{one} on {other}": contrast(*(palette.get(variables[token], variables[token]) for token in (one, other)))
        for one, other in pairs
    }
    return {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < least}


def test_the_formula_knows_the_ends_and_a_published_value() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("name", "palette"), GROUNDS)
def test_every_text_is_readable(name: str, palette: dict[str, str]) -> None:
    assert too_weak(name, palette, TEXTS, 4.5) == {}


@pytest.mark.parametrize(("name", "palette"), GROUNDS)
def test_every_frame_is_seen(name: str, palette: dict[str, str]) -> None:
    assert too_weak(name, palette, FRAMES, 3.0) == {}


@pytest.mark.parametrize("name", [name for name in TOKENS if name.endswith("-contrast")])
def test_high_contrast_is_high(name: str) -> None:
    assert too_weak(name, VGA, TEXTS, 7.0) == {}


@pytest.mark.parametrize(("name", "palette"), GROUNDS)
def test_a_side_button_differs_from_the_card_it_stands_on(name: str, palette: dict[str, str]) -> None:
    variables = TOKENS[name]
    side, card = (palette.get(variables[token], variables[token]) for token in ("side", "card"))
    assert contrast(side, card) >= 1.3


@pytest.mark.parametrize("name", [name for name in TOKENS if "sixteen" in name])
def test_sixteen_colours_have_neither_transparency_nor_bold_nor_true_colour(name: str) -> None:
    variables = next(theme for theme in themes() if theme.name == name).variables
    colours = {token: value for token, value in variables.items() if token not in {"strong", "input-cursor-text-style"}}
    assert [value for value in colours.values() if value not in VGA] == []
    assert variables["strong"] == "not bold"


def test_every_theme_has_every_token() -> None:
    assert len({frozenset(tokens) for tokens in TOKENS.values()}) == 1


def test_every_theme_has_its_contrast() -> None:
    looks: tuple[ThemeName, ...] = ("dark", "light", "sixteen")
    assert {theme_name(theme, contrast=contrast) for theme in looks for contrast in (False, True)} == set(TOKENS)
