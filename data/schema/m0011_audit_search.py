"""Finding rows of the audit log by what was done, by whom, to whom and where; messages are found by whom they went to with an index of 0012.

The indexed value is a piece of the canonical JSON of the body, word for word as in `data.audit_chain`: the functions for
JSON are not allowed in a schema that is not trusted, and no text makes these fail. What pruning has wiped leaves the
indexes too.
"""

NAME = "0011_audit_search"

SQL = """
CREATE INDEX audit_action ON audit (
    substr(body, instr(body, '"action":') + 9, instr(body, ',"actor":') - instr(body, '"action":') - 9)
);
CREATE INDEX audit_actor ON audit (
    substr(body, instr(body, '"actor":') + 8, instr(body, ',"object":') - instr(body, '"actor":') - 8)
);
CREATE INDEX audit_object ON audit (
    substr(body, instr(body, '"object":') + 9, instr(body, ',"origin":') - instr(body, '"object":') - 9)
);
CREATE INDEX audit_origin ON audit (
    substr(body, instr(body, '"origin":') + 9, instr(body, ',"parameters":') - instr(body, '"origin":') - 9)
);
"""
