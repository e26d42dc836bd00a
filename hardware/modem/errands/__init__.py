"""What a technician can ask of a modem: functions for `hardware.modem.errand.Errand.run`, one idea per module.

Each takes the ModemSession first, asks small questions with absolute deadlines and returns a frozen dataclass; refusals are
data, not exceptions. All may raise AtTimeout, and Stopped when the errand was cancelled; nothing is left open in the modem.
"""
