"""The one TOML file that configures a site, read with every mistake named at once."""

from kiosk.config.errors import Allowed, ConfigurationError, ConfigurationErrors, Problem, sentence
from kiosk.config.example import example_configuration
from kiosk.config.file import Config
from kiosk.config.model import (
    Alarm,
    Application,
    Backup,
    Desk,
    Gateway,
    GatewayMode,
    Glyphs,
    HelpDesk,
    ModemConfig,
    Monitoring,
    OpeningHours,
    Place,
    Site,
    Theme,
    ThemeName,
    Words,
)

__all__ = [
    "Alarm",
    "Allowed",
    "Application",
    "Backup",
    "Config",
    "ConfigurationError",
    "ConfigurationErrors",
    "Desk",
    "Gateway",
    "GatewayMode",
    "Glyphs",
    "HelpDesk",
    "ModemConfig",
    "Monitoring",
    "OpeningHours",
    "Place",
    "Problem",
    "Site",
    "Theme",
    "ThemeName",
    "Words",
    "example_configuration",
    "sentence",
]
