"""Whether every SMS fits one part with the longest values this site can give it."""

from kiosk.config.errors import Allowed, ConfigurationError, Problem
from kiosk.config.model import HelpDesk, Site
from kiosk.config.sections import HELP_DESK_NAME, HELP_DESK_PHONE, MODEM_NAME, NETWORK_LABEL
from kiosk.language import LANGUAGES, SMS_SEPTETS, SMS_TEXTS, Language, sms_septets
from kiosk.policy import Policy


def longest_values(site: Site, help_desk: HelpDesk | None, policy: Policy) -> dict[str, str]:
    """Return the longest value of each placeholder of the SMS texts."""
    return {
        "site": site.name,
        "name": help_desk.name if help_desk else "n" * HELP_DESK_NAME,
        "phone": help_desk.phone if help_desk else "0" * HELP_DESK_PHONE,
        "network": "n" * NETWORK_LABEL,
        "minutes": "0" * len(str(policy.sms.code_maximum_minutes)),
        "count": "0" * len(str(policy.sms.sends_per_sign_in)),
        "time": "00:00",
        "modem": "n" * MODEM_NAME,
        # Of the SMS from modem to modem.
        "mark": "0" * 8,
        # A back-up code; a code by SMS is shorter.
        "code": "0000 0000",
    }


def mistakes(site: Site, help_desk: HelpDesk | None, policy: Policy) -> list[ConfigurationError]:
    """Return one mistake per text and language that needs more than one SMS, at the longest name that the site may shorten."""
    found = []
    values = longest_values(site, help_desk, policy)
    for language in map(Language.load, LANGUAGES):
        for text_id in SMS_TEXTS:
            asked = language.placeholders(text_id)
            text = language.sms(text_id, **{name: values[name] for name in asked})
            septets = sms_septets(text)
            if septets is None or septets > SMS_SEPTETS:
                allowed = Allowed(
                    "sms",
                    {
                        "text": text_id,
                        "language": language.code,
                        "septets": septets or len(text),
                        "maximum": SMS_SEPTETS,
                    },
                )
                found.append(
                    ConfigurationError(
                        path="site.name", problem=Problem.NOT_ALLOWED, value=f'"{site.name}"', allowed=allowed
                    )
                )
    return found
