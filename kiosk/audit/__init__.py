"""The audit log as the domain uses it: writing (trail), reading, checking, handing over (export, proof), and each day (daily).

How its rows hang together is `data.audit_chain`.

AuditError
├── WrongTime           a moment that cannot be understood
├── WrongReference      no reference such as K482
├── UnknownPlace        no desk of that name, and nothing came from there
├── WrongValue          not the value of a row as it was written down
└── ExportCancelled     an export was stopped before its end
"""

from kiosk.audit.trail import NOBODY, AuditTrail

__all__ = ["NOBODY", "AuditTrail"]
