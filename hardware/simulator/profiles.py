"""Modem families that can be simulated, written down from transcripts of real ones."""

from types import MappingProxyType

from hardware.simulator.errors import UnknownProfile
from hardware.simulator.profile import BannerLine, Chatter, NewMessageIndications, Profile

QUECTEL_EC25 = Profile(
    name="quectel_ec25",
    title="Quectel EC25, LTE module",
    manufacturer="Quectel",
    model="EC25",
    revision="EC25EFAR06A06M4G",
    identification=("Quectel", "EC25", "Revision: EC25EFAR06A06M4G"),
    type_allocation_code="86632504",
    technology=7,
    new_message_indications=NewMessageIndications(
        ((0, 1, 2), (0, 1, 2, 3), (0, 2), (0, 1, 2), (0, 1)), "(0-2),(0-3),(0,2),(0-2),(0,1)"
    ),
    memories=(("ME", 255), ("SM", 20), ("MT", 275), ("SR", 50)),
    character_sets=("GSM", "IRA", "UCS2"),
    iccid_answers={"+QCCID": "+QCCID: {iccid}", "+ICCID": "+ICCID: {iccid}", "+CCID": "+CCID: {iccid}"},
    pin_tries_answers={"+QPINC?": ('+QPINC: "SC",{pin},{puk}', '+QPINC: "P2",3,10')},
    fixed_answers={
        "+GCAP": ("+GCAP: +CGSM",),
        "+CSMS=?": ("+CSMS: (0,1)",),
        "+CGSMS=?": ("+CGSMS: (0-3)",),
        "+CBC": ("+CBC: 0,0,3888",),
        "+CPAS": ("+CPAS: 0",),
        "+QURCCFG?": ('+QURCCFG: "urcport","usbat"',),
        '+QCFG="usbnet"': ('+QCFG: "usbnet",0',),
    },
    error_level=1,
    not_registered_cause=331,
    banner=(
        BannerLine(0.1, "RDY"),
        BannerLine(1.0, "+CFUN: 1"),
        BannerLine(1.1, "+CPIN: {pin_state}"),
        BannerLine(1.5, "+QUSIM: 1", needs_sim=True),
        BannerLine(3.0, "+QIND: SMS DONE", needs_sim=True),
        BannerLine(4.0, "+QIND: PB DONE", needs_sim=True),
    ),
)

HUAWEI_E173 = Profile(
    name="huawei_e173",
    title="Huawei E173, 3G USB stick that chatters",
    manufacturer="huawei",
    model="E173",
    revision="11.126.15.00.209",
    identification=(
        "Manufacturer: huawei",
        "Model: E173",
        "Revision: 11.126.15.00.209",
        "IMEI: {imei}",
        "+GCAP: +CGSM,+DS,+ES",
    ),
    type_allocation_code="35395604",
    technology=2,
    domains=("+CREG", "+CGREG"),
    new_message_indications=NewMessageIndications(
        ((0, 1, 2), (0, 1, 2, 3), (0, 2, 3), (0, 1, 2), (0, 1)), "(0,1,2),(0,1,2,3),(0,2,3),(0,1,2),(0,1)"
    ),
    memories=(("SM", 20), ("ME", 23), ("SR", 10)),
    character_sets=("IRA", "GSM", "UCS2"),
    iccid_answers={"^ICCID?": "^ICCID: {iccid}"},
    pin_tries_answers={"^CPIN?": ("^CPIN: {state},,{puk},{pin},10,3",)},
    fixed_answers={
        "+GCAP": ("+GCAP: +CGSM,+DS,+ES",),
        "+CSMS=?": ("+CSMS: (0-1)",),
        "+CGSMS=?": ("+CGSMS: (0-3)",),
        "+CBC=?": ("+CBC: (0,1,2,3),(0-100)",),
        "^PORTSEL=0": (),
        "^PORTSEL=1": (),
        "^HWVER": ("^HWVER:CD1E173M",),
        "^CARDMODE": ("^CARDMODE: 2",),
        "^U2DIAG?": ("^U2DIAG: 255",),
    },
    unknown_command="COMMAND NOT SUPPORT",
    not_registered_cause=500,
    reset_replugs=True,
    ussd_packed=True,
    banner=(BannerLine(2.0, "^SIMST:1", needs_sim=True), BannerLine(4.0, "^SRVST:2", needs_sim=True)),
    chatter=(
        Chatter(5.0, ("^RSSI:{rssi}", "^BOOT:19842134,0,0,0,77")),
        Chatter(30.0, ("^MODE:5,4",)),
    ),
)

# As sticks with stick firmware answer: the notes of tymodem (ATI, ^VERSION?, ^ICCID?, +COPS?), an E3372 on OpenBSD
# (+CREG and +CGREG on LTE, ^RSSI, ^HCSQ, IMEI), gammu tests/at-cpms/brovi-e3372-325.dump.
HUAWEI_E3372 = Profile(
    name="huawei_e3372",
    title="Huawei E3372 with stick firmware, LTE USB stick that chatters",
    manufacturer="huawei",
    model="E3372",
    revision="21.180.01.00.00",
    identification=(
        "Manufacturer: huawei",
        "Model: E3372",
        "Revision: 21.180.01.00.00",
        "IMEI: {imei}",
        "+GCAP: +CGSM,+DS,+ES",
    ),
    type_allocation_code="86678503",
    technology=7,
    domains=("+CREG", "+CGREG"),
    new_message_indications=NewMessageIndications(
        ((0, 1, 2), (0, 1, 2, 3), (0, 2, 3), (0, 1, 2), (0, 1)), "(0,1,2),(0,1,2,3),(0,2,3),(0,1,2),(0,1)"
    ),
    memories=(("SM", 20), ("ME", 100)),
    character_sets=("IRA", "GSM", "UCS2"),
    iccid_answers={"^ICCID?": "^ICCID: {iccid}"},
    pin_tries_answers={"^CPIN?": ("^CPIN: {state},,{puk},{pin},10,3",)},
    fixed_answers={
        "+GCAP": ("+GCAP: +CGSM,+DS,+ES",),
        "+CSMS=?": ("+CSMS: (0-1)",),
        "+CGSMS=?": ("+CGSMS: (0-3)",),
        "^PORTSEL=0": (),
        "^PORTSEL=1": (),
        "^CARDLOCK?": ("^CARDLOCK: 2,10,0",),
        "^TBATVOLT?": ("^TBATVOLT:4458",),
        "^CHIPTEMP?": ("^CHIPTEMP: 304,304,65535,27,65535",),
        "^VERSION?": (
            "^VERSION:BDT:Sep 30 2014, 15:17:21",
            "^VERSION:EXTS:21.180.01.00.00",
            "^VERSION:EXTD:WEBUI_17.100.18.05.1217_HILINK",
            "^VERSION:EXTH:CL2E3372HM Ver.A",
            "^VERSION:EXTU:E3372",
            "^VERSION:CFG:1004",
        ),
    },
    not_registered_cause=500,
    reset_replugs=True,
    ussd_packed=True,
    banner=(BannerLine(2.0, "^SIMST:1", needs_sim=True), BannerLine(4.0, "^SRVST:2", needs_sim=True)),
    chatter=(Chatter(5.0, ("^RSSI:{rssi}", '^HCSQ:"LTE",58,47,116,14')),),
)

# As sticks of this maker answer: an MF190 (ATI), the logs of an MF180 and an MF190A in gammu#119 and #130 (+CGMI, +CGMM, +CSCS; +ZCDRUN and +ZOPRT in #170),
# of an MF626 in gammu#209 (memories), the K3565-Z of python-gsmmodem (+CLAC: no command for the ICCID; +CPMS, +ZPAS); ModemManager
# and ofono know +ZUSIMR, which ends with +CPMS, and +ZPINPUK.
ZTE_MF190 = Profile(
    name="zte_mf190",
    title="ZTE MF190, 3G USB stick that chatters until it is asked about its memories",
    manufacturer="ZTE CORPORATION",
    model="MF190",
    revision="BD_MF190V1.0.0B02",
    identification=(
        "Manufacturer: ZTE CORPORATION",
        "Model: MF190",
        "Revision: BD_MF190V1.0.0B02",
        "IMEI: {imei}",
        "+GCAP: +CGSM,+DS,+ES",
    ),
    type_allocation_code="35972803",
    technology=2,
    domains=("+CREG", "+CGREG"),
    new_message_indications=NewMessageIndications(
        ((0, 1, 2), (0, 1, 2, 3), (0, 2), (0, 1, 2), (0, 1)), "(0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)"
    ),
    memories=(("ME", 100), ("MT", 120), ("SM", 20), ("SR", 50)),
    character_sets=("IRA", "GSM", "UCS2"),
    iccid_answers={},
    pin_tries_answers={"+ZPINPUK=?": ("+ZPINPUK: {pin},{puk}",)},
    fixed_answers={
        "+GCAP": ("+GCAP: +CGSM,+DS,+ES",),
        "+CSMS=?": ("+CSMS: (0-1)",),
        "+CGSMS=?": ("+CGSMS: (0-3)",),
        "+ZCDRUN=8": ("Close autorun state result(0:FAIL 1:SUCCESS):1",),
        "+ZCDRUN=9": ("Open autorun state result(0:FAIL 1:SUCCESS):1",),
        "+ZOPRT=5": (),
        "+ZPAS?": ('+BEARTYPE: "UMTS","CS_PS"',),
    },
    not_registered_cause=500,
    reset_replugs=True,
    banner=(BannerLine(3.0, '+ZPASR: "UMTS"', needs_sim=True),),
    chatter=(Chatter(2.0, ("+ZUSIMR:2",)),),
    quietened_by="+CPMS",
)

SIM800 = Profile(
    name="sim800",
    title="SIMCom SIM800L, 2G module",
    manufacturer="SIMCOM_Ltd",
    model="SIMCOM_SIM800L",
    revision="Revision:1418B05SIM800L24",
    identification=("SIM800 R14.18",),
    type_allocation_code="86578202",
    technology=0,
    domains=("+CREG", "+CGREG"),
    new_message_indications=NewMessageIndications(
        ((0, 1, 2, 3), (0, 1, 2, 3), (0, 2), (0, 1), (0, 1)), "(0-3),(0-3),(0,2),(0,1),(0,1)"
    ),
    memories=(("SM_P", 20), ("SM", 20), ("ME", 50), ("MT", 70)),
    character_sets=("IRA", "GSM", "UCS2", "HEX", "8859-1"),
    iccid_answers={"+CCID": "{iccid}"},
    pin_tries_answers={"+SPIC": ("+SPIC: {pin},{puk},3,10",)},
    fixed_answers={
        "+GCAP": ("+GCAP: +CGSM",),
        "+CSMS=?": ("+CSMS: (0,1)",),
        "+CGSMS=?": ("+CGSMS: (0-3)",),
        "+CBC": ("+CBC: 0,93,4121",),
        "+CPAS": ("+CPAS: 0",),
        "+CGMM=?": (),
    },
    unknown_command=100,
    not_registered_cause=500,
    operator_technology=False,
    banner=(
        BannerLine(0.5, "RDY"),
        BannerLine(0.6, "+CFUN: 1"),
        BannerLine(1.0, "+CPIN: {pin_state}"),
        BannerLine(4.0, "Call Ready", needs_sim=True),
        BannerLine(5.0, "SMS Ready", needs_sim=True),
    ),
)

SIM7600 = Profile(
    name="sim7600",
    title="SIMCom SIM7600E-H, LTE module",
    manufacturer="SIMCOM INCORPORATED",
    model="SIMCOM_SIM7600E-H",
    revision="+CGMR: LE20B04SIM7600M22",
    identification=(
        "Manufacturer: SIMCOM INCORPORATED",
        "Model: SIMCOM_SIM7600E-H",
        "Revision: SIM7600M22_V2.0.1",
        "IMEI: {imei}",
        "+GCAP: +CGSM",
    ),
    type_allocation_code="86147503",
    technology=7,
    new_message_indications=NewMessageIndications(
        ((0, 1, 2), (0, 1, 2, 3), (0, 2), (0, 1, 2), (0, 1)), "(0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)"
    ),
    memories=(("SM", 20), ("ME", 23), ("MT", 43), ("SR", 10)),
    character_sets=("IRA", "GSM", "UCS2"),
    iccid_answers={"+CICCID": "+ICCID: {iccid}"},
    pin_tries_answers={"+SPIC": ("+SPIC: {pin},{puk},3,10",)},
    fixed_answers={
        "+GCAP": ("+GCAP: +CGSM,+FCLASS,+DS",),
        "+CSMS=?": ("+CSMS: (0-1)",),
        "+CGSMS=?": ("+CGSMS: (0-3)",),
        "+CBC": ("+CBC: 3.842V",),
    },
    not_registered_cause=500,
    banner=(
        BannerLine(0.5, "*ATREADY: 1"),
        BannerLine(1.0, "+CPIN: {pin_state}"),
        BannerLine(3.0, "SMS DONE", needs_sim=True),
        BannerLine(4.0, "PB DONE", needs_sim=True),
    ),
)

TELIT_LE910 = Profile(
    name="telit_le910",
    title="Telit LE910, LTE module",
    manufacturer="Telit",
    model="LE910C1-EU",
    revision="25.20.675",
    identification=("332",),
    type_allocation_code="35162209",
    technology=7,
    new_message_indications=NewMessageIndications(
        ((0, 1, 2, 3), (0, 1, 2, 3), (0, 2, 3), (0, 1, 2), (0, 1)), "(0-3),(0-3),(0,2,3),(0-2),(0,1)"
    ),
    memories=(("SM", 20), ("ME", 100), ("SR", 20)),
    character_sets=("IRA", "GSM", "8859-1", "PCCP437", "UCS2"),
    iccid_answers={"#CCID": "#CCID: {iccid}", "+ICCID": "+ICCID: {iccid}", "+CCID": "+CCID: {iccid}"},
    pin_tries_answers={"#PCT": ("#PCT: {pin}",)},
    fixed_answers={
        "+GCAP": ("+GCAP: +CGSM,+DS,+FCLASS,+MS,+ES",),
        "+CSMS=?": ("+CSMS: (0,1)",),
        "+CGSMS=?": ("+CGSMS: (0-3)",),
        "+CBC": ("+CBC: 0,0",),
        "#CGMM": ("#CGMM: LE910C1-EU",),
        "#CGMI": ("#CGMI: Telit",),
    },
    not_registered_cause=331,
    has_cpinr=True,
    banner=(BannerLine(1.0, "#QSS: 1", needs_sim=True), BannerLine(3.0, "#QSS: 3", needs_sim=True)),
)

PROFILES = MappingProxyType(
    {
        profile.name: profile
        for profile in (QUECTEL_EC25, HUAWEI_E173, HUAWEI_E3372, ZTE_MF190, SIM800, SIM7600, TELIT_LE910)
    }
)


def profile(name: str) -> Profile:
    """The family of that name.

    Raises:
        UnknownProfile: there is none.
    """
    try:
        return PROFILES[name]
    except KeyError:
        raise UnknownProfile(name, PROFILES) from None
