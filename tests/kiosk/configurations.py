"""A configuration that sets every key, for the tests of reading and of mistakes."""

from pathlib import Path

from kiosk.config import Config

SOURCE = Path("/srv/kiosk/kiosk.toml")


FULL = """
language = "en"
time_zone = "America/Curacao"
[site]
name = "Gemeente Zuid"
[desk]
name = "Receptie Noord"
number = 3
[help_desk]
name = "Servicedesk"
phone = "030 555 01 23"
hours = { nl = "ma-vr 8-17", en = "Mon-Fri 8-17" }
open = ["mon-fri 08:00-17:00", "sat 09:30-24:00"]
[database]
path = "data/kiosk.db"
[keys]
path = "/etc/kiosk/master.key"
[state]
path = "state"
[exchange]
path = "/media/stick"
[modem.noord]
port = "/dev/ttyUSB2"
imei = "49-015420-323751-8"
iccid = "8931440400000000008F"
pin_file = "pin/noord"
network_label = "KPN"
number = "+31 6 1234 5678"
smsc = "+31653131313"
prepaid = "*101#"
anywhere = true
roaming = true
[modem.zuid]
port = "socket://127.0.0.1:7000"
[gateway]
mode = "service"
[theme]
name = "sixteen"
glyphs = "basic"
touch = true
[policy.sms]
code_minutes = 3
cooldown_seconds = [45, 90]
countries = ["31", "599"]
[policy.backup_code]
by_sms = false
[[application]]
label = { nl = "Bezoekers", en = "Visitors" }
argv = ["/usr/bin/visitors", "--kiosk"]
[[application]]
name = "rosters"
label = "Roosters"
argv = ["/usr/bin/rosters"]
environment = { ROSTER_HOST = "localhost" }
roles = ["staff", "auditor"]
at_exit = "sign_out"
account = "rosters"
same_account = false
"""


def parse(text: str) -> Config:
    return Config.parse(text, SOURCE)
