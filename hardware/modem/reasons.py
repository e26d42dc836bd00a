"""Why a modem is in its state: the codes in `ModemStatus.reason`; screens have a sentence for each."""

from enum import StrEnum


class Reason(StrEnum):
    """One cause, as exact as the modem lets us know."""

    NONE = ""

    # STARTING
    OPENING = "opening"
    LENT = "lent"  # to a technician, who is about to open it
    SIM_BUSY = "sim_busy"  # the SIM or the SMS service is not ready yet

    # GONE
    PORT_MISSING = "port_missing"
    PORT_BUSY = "port_busy"
    PORT_FORBIDDEN = "port_forbidden"
    PORT_GONE = "port_gone"
    NOT_A_PORT = "not_a_port"

    # DOWN
    SILENT = "silent"  # nothing answers AT
    WRITE_STUCK = "write_stuck"
    RESTARTED = "restarted"  # STARTING: it has just restarted; DOWN: again and again: power?
    RADIO_OFF = "radio_off"  # +CFUN stays 0 or 4
    NO_PDU_MODE = "no_pdu_mode"
    OTHER_MODEM = "other_modem"  # not the configured IMEI
    OTHER_SOCKET = "other_socket"  # not the socket that it was adopted in
    BARRED = "barred"  # the network refused: no credit, barred, not subscribed
    TAKEN_OUT = "taken_out"  # by a technician, until one puts it back
    STOPPED = "stopped"
    INTERNAL = "internal"  # a mistake in this program; the log has it

    # SIM_PROBLEM
    NO_SIM = "no_sim"
    SIM_FAILURE = "sim_failure"
    SIM_UNREADABLE = "sim_unreadable"
    NOT_ADOPTED = "not_adopted"  # no technician has confirmed it yet: no PIN, no SMS
    OTHER_SIM = "other_sim"  # not the configured ICCID
    PIN_REQUIRED = "pin_required"  # and no PIN file is configured
    PIN_FILE_MISSING = "pin_file_missing"
    PIN_FILE_OPEN = "pin_file_open"  # others may read it
    PIN_FILE_CONTENT = "pin_file_content"  # not 4 to 8 digits
    PIN_REFUSED = "pin_refused"  # wrong; it will not be entered again
    PIN_LAST_TRY = "pin_last_try"  # fewer than two tries left: a technician must enter it
    PIN_TRIES_UNKNOWN = "pin_tries_unknown"  # this modem does not tell: a technician must enter it
    PIN_MEMORY = "pin_memory"  # the memory of refused PINs cannot be written
    PUK_REQUIRED = "puk_required"
    DEVICE_LOCKED = "device_locked"  # locked to a network or a phone
    NO_SERVICE_CENTRE = "no_service_centre"

    # NO_NETWORK
    SEARCHING = "searching"
    NOT_SEARCHING = "not_searching"
    DENIED = "denied"
    EMERGENCY_ONLY = "emergency_only"
    NETWORK_UNKNOWN = "network_unknown"

    # READY, with a remark
    CALLBACK_FAILED = "callback_failed"
