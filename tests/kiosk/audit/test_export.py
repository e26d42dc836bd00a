"""An export that is checked on another machine: with the public key, and without database or secret."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.database import Database
from kiosk.audit.asking import Asked
from kiosk.audit.errors import ExportCancelled
from kiosk.audit.export import COLUMNS, AuditExport, Exported
from kiosk.audit.outside import ExportCheck, ExportFault, ExportFinding
from kiosk.keys import MasterKey
from kiosk.signatures import PublicKey
from kiosk.vault import FileVault
from tests.data.test_tampering import sql, tamper
from tests.kiosk.world import World

Lines = list[bytes]


def vault_of(world: World) -> FileVault:
    assert isinstance(world.site.vault, FileVault)
    return world.site.vault


def keys(world: World) -> dict[str, PublicKey]:
    key = vault_of(world).public_key
    return {key.name: key}


def write(world: World, actions: int = 6) -> None:
    with world.site.database.transaction(write=True):
        for number in range(actions):
            world.trail.record("clock" if number % 2 else "modem.adopted", "ok", actor="unix:root")


def checkpoint(world: World) -> None:
    database: Database = world.site.database
    check = database.audit.check()
    assert check.run().ok
    now = world.clock.now()
    assert database.audit.checkpoint(check, at=now, at_wall=now, actor="-", origin="daily") is not None


def export(world: World, asked: Asked | None = None) -> tuple[Exported, bytes]:
    out = io.BytesIO()
    done = AuditExport(world.site, world.trail, actor="unix:auditor").lines(out, asked or Asked())
    return done, out.getvalue()


def verify(content: bytes, public: dict[str, PublicKey], expected: bytes | None = None) -> ExportFinding:
    return ExportCheck(io.BytesIO(content), public, expected=expected).run()


@pytest.fixture
def exported(world: World) -> bytes:
    """Six rows, a checkpoint (7), three rows, a checkpoint (11)."""
    write(world)
    checkpoint(world)
    write(world, 3)
    checkpoint(world)
    return export(world)[1]


def test_an_export_is_checked_with_the_public_key_alone(world: World, exported: bytes) -> None:
    finding = verify(exported, keys(world))
    assert (finding.ok, finding.rows, finding.whole, finding.checkpoints) == (True, 11, 11, 2)
    assert finding.header["site"] == "Receptie Noord"
    assert finding.header["exported_by"] == "unix:auditor"


def test_what_was_handed_over_is_written_down(world: World) -> None:
    write(world)
    done, content = export(world)
    row = list(world.site.database.audit.rows())[-1]
    assert row.event is not None
    assert (row.event.action, row.event.actor) == ("audit.exported", "unix:auditor")
    assert row.event.parameters == {"form": "lines", "rows": 6}
    assert (done.rows, done.sealed) == (6, True)
    assert content.count(b"\n") == 8


def test_rows_that_were_not_asked_for_say_nothing_and_still_count(world: World) -> None:
    write(world)
    checkpoint(world)
    write(world)
    done, content = export(world, Asked(actions=("clock",)))
    finding = verify(content, keys(world))
    assert (finding.ok, done.rows, finding.rows, finding.whole, finding.checkpoints) == (True, 6, 12, 7, 1)
    assert b"modem.adopted" not in content


def test_an_export_of_a_part_in_the_middle_can_be_checked(world: World) -> None:
    write(world)
    world.clock.pass_seconds(60)
    since = world.clock.now()
    write(world, 3)
    checkpoint(world)
    world.clock.pass_seconds(60)
    write(world)
    asked = Asked(since=iso(since), until=iso(since + 1_000))
    done, content = export(world, asked)
    finding = verify(content, keys(world))
    assert (finding.ok, done.rows, finding.checkpoints) == (True, 4, 1)
    assert (finding.header["first"], finding.header["last"]) == (7, 10)


def iso(at: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at / 1000, UTC).isoformat()


def test_an_export_of_nothing_is_signed_too(world: World) -> None:
    write(world)
    done, content = export(world, Asked(actions=("nothing",)))
    finding = verify(content, keys(world))
    assert (finding.ok, done.rows, finding.rows) == (True, 0, 0)


def test_pruned_rows_are_part_of_an_export(world: World) -> None:
    write(world)
    checkpoint(world)
    database, now = world.site.database, world.clock.now()
    with database.transaction(write=True):
        database.audit.prune("clock", now + 1, limit=9, at=now, at_wall=now, actor="-", origin="-")
    finding = verify(export(world)[1], keys(world))
    assert (finding.ok, finding.pruned, finding.checkpoints) == (True, 3, 1)


def test_an_export_after_a_restore_goes_over_the_hole(world: World) -> None:
    write(world)
    database, now = world.site.database, world.clock.now()
    tamper(database.path, sql("DELETE FROM audit WHERE seq > 4"))
    with database.transaction(write=True):
        database.audit.append_restored(at=now, at_wall=now, parameters={})
    write(world, 2)
    finding = verify(export(world)[1], keys(world))
    assert (finding.ok, finding.rows) == (True, 7)


# What somebody can do to the file, each named.


def line_of(lines: Lines, seq: int) -> int:
    return next(place for place, line in enumerate(lines) if json.loads(line).get("seq") == seq)


def remove(*rows: int) -> Callable[[Lines], None]:
    def how(lines: Lines) -> None:
        for seq in rows:
            del lines[line_of(lines, seq)]

    return how


def swap(one: int, other: int) -> Callable[[Lines], None]:
    def how(lines: Lines) -> None:
        first, second = line_of(lines, one), line_of(lines, other)
        lines[first], lines[second] = lines[second], lines[first]

    return how


def change(seq: int, how: Callable[[dict[str, Any]], object]) -> Callable[[Lines], None]:
    def change_line(lines: Lines) -> None:
        place = line_of(lines, seq)
        content = json.loads(lines[place])
        how(content)
        lines[place] = json.dumps(content, sort_keys=True, separators=(",", ":")).encode() + b"\n"

    return change_line


def rewrite(content: dict[str, Any]) -> None:
    """Another event with a digest that fits."""
    from data.audit_chain import body_of, digest_of

    content["event"]["result"] = "refused"
    body = body_of(content["at"], content["at_wall"], content["event"])
    content["digest"] = digest_of(bytes.fromhex(content["salt"]), body.encode()).hex()


def strip(content: dict[str, Any]) -> None:
    for name in ("event", "salt", "names", "mac", "at", "at_wall", "reference"):
        del content[name]


def edit(old: bytes, new: bytes, place: int) -> Callable[[Lines], None]:
    def how(lines: Lines) -> None:
        assert old in lines[place]
        lines[place] = lines[place].replace(old, new)

    return how


def cut(lines: Lines) -> None:
    lines[-1] = lines[-1][:40]


@pytest.mark.parametrize(
    ("how", "kind", "first", "last"),
    [
        (change(3, lambda row: row["event"].update(result="refused")), ExportFault.ALTERED, 3, 3),
        (change(3, lambda row: row.update(at=row["at"] + 1)), ExportFault.ALTERED, 3, 3),
        (change(3, lambda row: row.update(salt="00")), ExportFault.ALTERED, 3, 3),
        (change(3, lambda row: row.update(seq="3")), ExportFault.ALTERED, 3, 3),
        (change(3, rewrite), ExportFault.REPLACED, 1, 6),
        (change(9, rewrite), ExportFault.REPLACED, 7, 10),
        (change(7, lambda row: row["event"]["parameters"].update(roll="00" * 32)), ExportFault.ALTERED, 7, 7),
        (change(7, rewrite), ExportFault.REPLACED, 7, 10),
        (change(3, lambda row: row["names"].update(actor="j.devries")), ExportFault.NOT_AS_SIGNED, None, None),
        (change(3, strip), ExportFault.NOT_AS_SIGNED, None, None),
        (remove(1), ExportFault.MISSING, 1, 1),
        (remove(3, 4), ExportFault.MISSING, 3, 4),
        (remove(11), ExportFault.MISSING, 11, 11),
        (remove(*range(1, 12)), ExportFault.MISSING, 1, 11),
        (swap(3, 5), ExportFault.SWAPPED, 3, 5),
        (swap(3, 4), ExportFault.SWAPPED, 3, 4),
        (lambda lines: lines.insert(4, lines[3]), ExportFault.SWAPPED, 3, 3),
        (lambda lines: lines.insert(4, b"nonsense\n"), ExportFault.ALTERED, 4, 4),
        (lambda lines: lines.insert(4, b"[" * 5_000 + b"\n"), ExportFault.ALTERED, 4, 4),
        (lambda lines: lines.pop(), ExportFault.CUT_OFF, 12, 12),
        (cut, ExportFault.CUT_OFF, 12, 12),
        (lambda lines: lines.append(lines[-1]), ExportFault.NOT_AS_SIGNED, None, None),
        (lambda lines: lines.append(b"x"), ExportFault.NOT_AS_SIGNED, None, None),
        (edit(b"Noord", b"Zuid!", 0), ExportFault.NOT_AS_SIGNED, None, None),
        (edit(b'"rows":11', b'"rows":12', -1), ExportFault.FORGED, None, None),
        (edit(b'"kiosk_audit_export":1', b'"kiosk_audit_export":2', 0), ExportFault.NO_EXPORT, None, None),
    ],
)
def test_what_was_done_to_an_export_is_named(
    world: World,
    exported: bytes,
    how: Callable[[Lines], object],
    kind: ExportFault,
    first: int | None,
    last: int | None,
) -> None:
    lines = exported.splitlines(keepends=True)
    how(lines)
    finding = verify(b"".join(lines), keys(world))
    assert (finding.ok, finding.kind, finding.first, finding.last) == (False, kind, first, last)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_byte_of_an_export_can_be_altered(world: World, exported: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(exported) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != exported[place]))
    altered = exported[:place] + bytes([byte]) + exported[place + 1 :]
    assert not verify(altered, keys(world)).ok


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_piece_of_an_export_can_be_taken_out_or_put_in(world: World, exported: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(exported)))
    end = data.draw(st.integers(place, len(exported)))
    piece = data.draw(st.binary(max_size=5))
    changed = exported[:place] + piece + exported[end:]
    assert verify(changed, keys(world)).ok is (changed == exported)


@given(content=st.binary(max_size=200))
def test_another_file_is_no_export_and_breaks_nothing(content: bytes) -> None:
    assert not verify(content, {}).ok


def test_the_key_of_another_kiosk_is_named_as_such(world: World, exported: bytes) -> None:
    other = FileVault(MasterKey(bytes(32))).public_key
    finding = verify(exported, {other.name: other})
    assert (finding.kind, finding.key) == (ExportFault.UNKNOWN_KEY, vault_of(world).signer)


def test_a_signature_of_another_key_under_our_name_is_a_forgery(world: World, exported: bytes) -> None:
    other = FileVault(MasterKey(bytes(32)))
    lines = exported.splitlines(keepends=True)
    seal = json.loads(lines[-1])
    from kiosk.audit.proof import line, seal_message

    seal["signature"] = other.sign(seal_message(seal["seal"])).hex()
    lines[-1] = line(seal)
    assert verify(b"".join(lines), keys(world)).kind is ExportFault.FORGED


def test_a_value_that_was_written_down_is_found_in_an_export(world: World, exported: bytes) -> None:
    value = world.site.database.audit.verify().mac
    assert verify(exported, keys(world), bytes(8)).kind is ExportFault.UNEXPECTED
    finding = verify(export(world)[1], keys(world), value[:8])
    assert (finding.ok, finding.expected_seq) == (True, 12)


def test_a_log_that_is_not_whole_is_exported_without_a_signature(world: World) -> None:
    write(world)
    tamper(world.site.database.path, sql("UPDATE audit SET body = CAST(x'ff' AS TEXT) WHERE seq = 3"))
    done, content = export(world)
    assert (done.sealed, done.rows) == (False, 6)
    assert verify(content, keys(world)).kind is ExportFault.UNSEALED


def test_a_checkpoint_is_not_signed_over_rows_that_were_altered_meanwhile(world: World) -> None:
    write(world)
    database, now = world.site.database, world.clock.now()
    check = database.audit.check()
    assert check.run().ok
    write(world)
    tamper(database.path, sql("UPDATE audit SET at_wall = 1 WHERE seq = 9"))
    assert database.audit.checkpoint(check, at=now, at_wall=now, actor="-", origin="-") is None
    assert database.audit_search.last("audit.checkpoint") is None


def test_a_checkpoint_covers_what_was_written_while_the_log_was_checked(world: World) -> None:
    write(world)
    database, now = world.site.database, world.clock.now()
    check = database.audit.check()
    assert check.run(lambda _done, _total: None).ok
    write(world)
    entry = database.audit.checkpoint(check, at=now, at_wall=now, actor="-", origin="-")
    assert entry is not None
    assert entry.seq == 13
    assert verify(export(world)[1], keys(world)).checkpoints == 1


def test_an_export_that_is_stopped_says_so(world: World) -> None:
    write(world)
    stopped = AuditExport(world.site, world.trail, actor="-", cancelled=lambda: True)
    for form in (stopped.lines, stopped.table):
        with pytest.raises(ExportCancelled):
            form(io.BytesIO(), Asked())


def test_cells_hold_the_same_rows_with_names_and_no_formula(busy: World) -> None:
    with busy.site.database.transaction(write=True):
        busy.trail.record("=HYPERLINK(A1)", "@SUM(1)\x1b[2J", actor=busy.user("jan").id)
    out = io.BytesIO()
    done = AuditExport(busy.site, busy.trail, actor="-").table(out, Asked())
    header, *rows = csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig")), delimiter=";")
    assert header == list(COLUMNS)
    assert len(rows) == done.rows
    last = dict(zip(header, rows[-1], strict=True))
    assert (last["action"], last["result"]) == ("'=HYPERLINK(A1)", "'@SUM(1)\\x1b[2J")
    assert (last["actor_name"], last["desk"], last["simulated"]) == ("jan", "balie 1", "no")
    assert last["time_utc"].endswith("Z")
