"""What AT commands set and a reset forgets."""

from dataclasses import dataclass, field
from typing import Self

from hardware.simulator.profile import Profile


@dataclass(slots=True, kw_only=True)
class Settings:
    """Settings of one modem since its last reset.

    Attributes:
        echo: ATE. verbose: ATV. quiet: ATQ.
        error_level: +CMEE.
        text_mode: +CMGF 1.
        indications: +CNMI mode, mt, bm, ds, bfr.
        text_parameters: +CSMP first octet, validity period, protocol, data coding.
        character_set: +CSCS.
        memories: +CPMS for reading, for writing, for receiving.
        message_service: +CSMS. 1 asks for +CNMA.
        more_messages: +CMMS. sms_service: +CGSMS.
        registration_reports: n of +CREG, +CGREG, +CEREG.
        operator_format: +COPS format. show_text_parameters: +CSDH.
        caller_line: +CLIP. extended_ring: +CRC. chatter: ^CURC. clock_update: +CTZU. clock_reports: +CTZR. ussd: +CUSD.
        s_parameters: V.250 S-parameters.
    """

    echo: bool = True
    verbose: bool = True
    quiet: bool = False
    error_level: int = 0
    text_mode: bool = False
    indications: tuple[int, ...] = (2, 1, 0, 0, 0)
    text_parameters: tuple[int, ...] = (17, 167, 0, 0)
    character_set: str
    memories: tuple[str, str, str]
    message_service: int = 0
    more_messages: int = 0
    sms_service: int = 3
    registration_reports: dict[str, int] = field(default_factory=dict)
    operator_format: int = 0
    show_text_parameters: int = 0
    caller_line: int = 0
    extended_ring: int = 0
    chatter: int = 1
    clock_update: int = 0
    clock_reports: int = 0
    ussd: int = 0
    s_parameters: dict[str, int] = field(default_factory=lambda: {"S0": 0, "S3": 13, "S4": 10, "S5": 8})

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """As this family is after power-on."""
        memory = profile.memories[0][0]
        return cls(
            error_level=profile.error_level,
            character_set=profile.character_sets[0],
            memories=(memory, memory, memory),
        )

    def default_line(self, profile: Profile) -> None:
        """ATZ and AT&F: result codes, errors and character set as after power-on; message settings stay."""
        fresh = type(self).of(profile)
        self.echo, self.verbose, self.quiet = fresh.echo, fresh.verbose, fresh.quiet
        self.error_level = fresh.error_level
        self.character_set = fresh.character_set
        self.s_parameters = fresh.s_parameters
