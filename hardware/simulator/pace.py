"""How fast a simulated modem is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Times of a modem, seconds.

    Attributes:
        command: from carriage return to the answer.
        prompt: from AT+CMGS to the prompt, on top.
        submit: from Ctrl-Z until the network has taken the SMS.
        boot: factor for the times of the profile's banner; 0 = at once.
        scan: AT+COPS=?.
        replug: how long a stick is away when it restarts.
    """

    command: float = 0.0
    prompt: float = 0.0
    submit: float = 0.0
    boot: float = 0.0
    scan: float = 0.0
    replug: float = 0.0


# In which a program can read what was written before the port goes away.
TIME_TO_READ_SECONDS = 0.05

# For tests: a machine cannot be faster.
INSTANT = Pace()

# As measured on common modems.
REAL = Pace(command=0.02, prompt=0.02, submit=2.0, boot=1.0, scan=60.0, replug=3.0)
