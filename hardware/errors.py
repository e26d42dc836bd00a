"""What can go wrong with things that are plugged in: errors carry data, screens carry words.

HardwareError
├── PortError                      hardware.serial_line
│   ├── PortMissing                nothing is plugged in under that name
│   ├── PortBusy                   another program holds it (its process is named when it can be found)
│   ├── PortForbidden              this account may not open it (the group that may is named)
│   ├── PortGone                   it was there and it is gone: unplugged, reset, connection lost
│   ├── WriteStuck                 the port takes no more bytes
│   └── NotAPort                   a file, a directory or a URL that is not a serial port
├── KeyTrouble                     hardware.yubikey.errors
│   ├── KeyGone, KeyForbidden, KeyBusy   pulled out; this account may not open the node; another program talks to it
│   ├── NotThisKey, AlreadyThere   it holds none of the credentials asked for; it holds one that must not be there
│   ├── KeyUnfit, KeyRefused       it cannot do what is asked; it refused, with the name of the reason
│   ├── TouchMissed, Cancelled     nobody touched it in time; the kiosk broke it off
│   ├── PinWrong, PinNeedsReinsertion, PinBlocked, FingerWrong
│   └── SlotInUse                  the slot is taken, or guarded by another access code
└── ModemError                     hardware.modem.errors
    ├── AtTimeout                  no final result code before the deadline
    ├── ModemUnfit                 it answers, and cannot serve: no PDU mode, another modem, another SIM
    ├── SimProblem                 no SIM, it waits for a PIN or PUK, or it fails
    ├── ModemRestarted             a start-up banner came where an answer was due
    ├── Stopped                    the owner was told to stop while it waited
    ├── ErrandRefused, ErrandCancelled   what a technician asked was not begun, or broken off (hardware.modem.errand)
    ├── BadConsoleLine, BadUssdCode, NoSuchNetwork, NoSuchMessage   what was asked for cannot be (hardware.modem.errands)
    └── PduError                   a number, text or PDU that cannot be encoded or decoded (23.040)
"""


class HardwareError(Exception):
    """Base of every error of the package `hardware`."""
