"""What a failure means for the next step: the causes of +CMS ERROR and +CME ERROR, sorted into six classes."""

from enum import StrEnum


class ErrorClass(StrEnum):
    """What to do after a message was not sent."""

    TEMPORARY = "temporary"  # the same modem may succeed in a moment
    OTHER_MODEM = "other_modem"  # this network or modem cannot now; another may
    PERMANENT_NUMBER = "permanent_number"  # this number will not work: ask to check it
    MODEM_DOWN = "modem_down"  # SIM, subscription or modem is out of order: a technician is needed
    OUR_BUG = "our_bug"  # we asked for something that is not allowed
    UNKNOWN = "unknown"  # it cannot be told; after Ctrl-Z the message may have been sent
