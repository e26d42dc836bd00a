"""GSM modems: from the port upwards.

`at` speaks one command at a time over `hardware.serial_line`, with `lines` making lines of bytes and `answers*` reading them;
`initialise`, `sim_pin`, `network_state` and `send` are what a modem is told with it; `session` joins them for one open port;
`owner` is the thread that lives through ports lost and found, `fleet` is all owners. `jobs`, `status`, `reasons`, `causes`,
`reports` and `settings` are the data in and out; `gsm7`, `alphabet`, `address` and `pdu` the coding of messages.
"""
