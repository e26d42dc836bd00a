"""What a check of the log found, as sentences: the same on the page and in the answer of the command."""

from data.audit_check import Fault, Verification
from kiosk.audit.checking import in_groups
from kiosk.sign_in.outcomes import Sentence

__all__ = ["WHOM", "Verification", "fault_of", "remarks_on", "verdict_of"]

WHOM = Sentence("command.audit.verify.whom")


def fault_of(found: Verification) -> Sentence | None:
    """What is wrong, with the rows that it is about; None when nothing is."""
    kind = found.kind
    if kind is None:
        return None
    if found.first_bad_seq is None and kind in {Fault.WIPED, Fault.ALTERED}:
        return Sentence("command.audit.verify.fault.wiped_somewhere", {"count": abs(found.wiped)})
    first, last = found.first_bad_seq or 0, found.last_bad_seq or 0
    values = {
        Fault.ALTERED: {"first": first},
        Fault.WIPED: {"first": first},
        Fault.UNEXPECTED: {},
    }.get(kind, {"first": first, "last": last})
    return Sentence(f"command.audit.verify.fault.{kind.value}", values)


def remarks_on(found: Verification) -> list[Sentence]:
    """What an auditor must know beside the verdict."""
    told = [
        Sentence("command.audit.verify.restored", {"row": last + 1, "first": first, "last": last})
        for first, last in found.lost
    ]
    return [*told, Sentence("command.audit.verify.headless")] if found.headless else told


def verdict_of(found: Verification) -> list[Sentence]:
    """That it is whole, how many rows, and the value for paper; what was noted last time, where that was asked."""
    told = [Sentence("command.audit.verify.whole", {"rows": found.rows, "pruned": found.pruned})]
    if found.expected_seq is not None:
        told.append(Sentence("command.audit.verify.expected", {"row": found.expected_seq}))
    if found.rows:
        told.append(Sentence("command.audit.verify.value", {"row": found.last_seq, "value": in_groups(found.mac)}))
    return told
