"""The themes: one table of tokens per theme, nothing else knows a colour.

`page` `card` `strip` are backgrounds; a token `on-x` is the text on the fill `x`. `here` means "here you are" (focus,
time left, digits to read), `brand` is the brand and the next step, `good` only success, `bad` only failure.
"""

from collections.abc import Mapping
from typing import Final

from textual.theme import Theme

from screens.look import ThemeName

Tokens = Mapping[str, str]

# True colour, dark.
DARK: Final[Tokens] = {
    "page": "#0B1220",
    "card": "#121B2C",
    "ink": "#E6EDF7",
    "quiet": "#A3B1C6",
    "frame": "#6B7C98",
    "brand": "#2F81F7",
    "on-brand": "#0B1220",
    "brand-ink": "#58A0FF",
    "card-frame": "#2F81F7",
    "here": "#F2B84B",
    "on-here": "#0B1220",
    "side": "#24344F",
    "on-side": "#E6EDF7",
    "entry": "#1B2740",
    "on-entry": "#FFFFFF",
    "good": "#4CC38A",
    "bad": "#FF8A80",
    "strip": "#1B2740",
    "on-strip": "#E6EDF7",
    "strip-quiet": "#A3B1C6",
    "veil": "#0B1220 75%",
    "qr-light": "#FFFFFF",
    "qr-dark": "#000000",
    "strong": "bold",
}

# True colour, light: for a desk in the sun. Amber on white cannot be read, so "here you are" is its dark brown.
LIGHT: Final[Tokens] = {
    "page": "#E9EEF5",
    "card": "#FFFFFF",
    "ink": "#0B1220",
    "quiet": "#3F4E66",
    "frame": "#66758F",
    "brand": "#1A56B4",
    "on-brand": "#FFFFFF",
    "brand-ink": "#1A56B4",
    "card-frame": "#1A56B4",
    "here": "#804F00",
    "on-here": "#FFFFFF",
    "side": "#CBD6E6",
    "on-side": "#0B1220",
    "entry": "#FFFFFF",
    "on-entry": "#000000",
    "good": "#0E5F38",
    "bad": "#A3160F",
    "strip": "#DCE4EF",
    "on-strip": "#0B1220",
    "strip-quiet": "#3F4E66",
    "veil": "#E9EEF5 75%",
    "qr-light": "#FFFFFF",
    "qr-dark": "#000000",
    "strong": "bold",
}

# True colour, high contrast: black, white, yellow, cyan.
DARK_CONTRAST: Final[Tokens] = {
    "page": "#000000",
    "card": "#000000",
    "ink": "#FFFFFF",
    "quiet": "#FFFFFF",
    "frame": "#FFFFFF",
    "brand": "#FFFF00",
    "on-brand": "#000000",
    "brand-ink": "#FFFF00",
    "card-frame": "#FFFF00",
    "here": "#00FFFF",
    "on-here": "#000000",
    "side": "#FFFFFF",
    "on-side": "#000000",
    "entry": "#000000",
    "on-entry": "#FFFFFF",
    "good": "#00FF00",
    "bad": "#FFFF00",
    "strip": "#000000",
    "on-strip": "#FFFFFF",
    "strip-quiet": "#FFFFFF",
    "veil": "#000000",
    "qr-light": "#FFFFFF",
    "qr-dark": "#000000",
    "strong": "bold",
}

# Sixteen colours. No bold: on a console it means brighter, and black on a fill would become grey. No transparency.
SIXTEEN: Final[Tokens] = {
    "page": "ansi_black",
    "card": "ansi_black",
    "ink": "ansi_bright_white",
    "quiet": "ansi_white",
    "frame": "ansi_white",
    "brand": "ansi_bright_blue",
    "on-brand": "ansi_bright_white",
    "brand-ink": "ansi_bright_cyan",
    "card-frame": "ansi_bright_blue",
    "here": "ansi_bright_yellow",
    "on-here": "ansi_black",
    "side": "ansi_white",
    "on-side": "ansi_black",
    "entry": "ansi_black",
    "on-entry": "ansi_bright_white",
    "good": "ansi_bright_green",
    "bad": "ansi_bright_red",
    "strip": "ansi_black",
    "on-strip": "ansi_bright_white",
    "strip-quiet": "ansi_white",
    "veil": "ansi_black",
    "qr-light": "ansi_bright_white",
    "qr-dark": "ansi_black",
    "strong": "not bold",
}

SIXTEEN_CONTRAST: Final[Tokens] = {
    **SIXTEEN,
    "quiet": "ansi_bright_white",
    "frame": "ansi_bright_white",
    "brand": "ansi_bright_yellow",
    "on-brand": "ansi_black",
    "brand-ink": "ansi_bright_yellow",
    "card-frame": "ansi_bright_yellow",
    "here": "ansi_bright_cyan",
    "side": "ansi_bright_white",
    "bad": "ansi_bright_yellow",
    "strip-quiet": "ansi_bright_white",
}

TOKENS: Final[Mapping[str, Tokens]] = {
    "kiosk-dark": DARK,
    "kiosk-dark-contrast": DARK_CONTRAST,
    "kiosk-light": LIGHT,
    # Who needs more than the light theme gives is not helped by more light.
    "kiosk-light-contrast": DARK_CONTRAST,
    "kiosk-sixteen": SIXTEEN,
    "kiosk-sixteen-contrast": SIXTEEN_CONTRAST,
}


def theme_name(theme: ThemeName, *, contrast: bool) -> str:
    """Name of the registered theme for a terminal, with or without high contrast."""
    return f"kiosk-{theme}-contrast" if contrast else f"kiosk-{theme}"


def themes() -> tuple[Theme, ...]:
    """Every theme, ready to be registered."""
    return tuple(_theme(name, tokens) for name, tokens in TOKENS.items())


def _theme(name: str, tokens: Tokens) -> Theme:
    return Theme(
        name=name,
        primary=tokens["brand"],
        secondary=tokens["brand"],
        accent=tokens["here"],
        warning=tokens["here"],
        error=tokens["bad"],
        success=tokens["good"],
        foreground=tokens["ink"],
        background=tokens["page"],
        surface=tokens["card"],
        panel=tokens["card"],
        dark=tokens is not LIGHT,
        ansi="ansi" in tokens["page"],
        variables={
            **tokens,
            "brand-mark": tokens["brand-ink"] if tokens["page"].startswith("#") else tokens["ink"],
            "brand-mark-fill": tokens["page"],
            # Textual's own widgets ask for these two under an `ansi` theme.
            "ansi-background": tokens["page"],
            "ansi-foreground": tokens["ink"],
            "input-cursor-background": tokens["here"],
            "input-cursor-foreground": tokens["on-here"],
            "input-cursor-text-style": "none",
        },
    )
