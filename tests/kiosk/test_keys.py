import multiprocessing
import os
import re
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from data.errors import AuditHeadUnreadable, SealBroken
from data.factors import NUMBER_COLUMN
from data.files import file_lock
from kiosk.keys import (
    AuditHeadFile,
    KeyExists,
    KeyForeign,
    KeyMalformed,
    KeyMissing,
    KeyTooOpen,
    KeyUnreadable,
    MasterKey,
)
from kiosk.passwords import Secret
from kiosk.vault import LASTING, PEPPERS, FileVault

MASTER = MasterKey(bytes(range(32)))
VAULT = FileVault(MASTER)
PLACE = {"table": "factors", "column": "sealed_secret", "row": "abc"}


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "master.key"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_that_was_made_is_read(path: Path) -> None:
    assert MasterKey.create(path) == MasterKey.load(path)
    assert path.stat().st_size == 32


def test_two_keys_are_never_the_same(tmp_path: Path) -> None:
    assert MasterKey.create(tmp_path / "one") != MasterKey.create(tmp_path / "other")


def test_only_the_owner_may_read_a_new_key_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        MasterKey.create(path)
    finally:
        os.umask(before)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_key_is_never_replaced(path: Path) -> None:
    first = MasterKey.create(path)
    with pytest.raises(KeyExists):
        MasterKey.create(path)
    assert MasterKey.load(path) == first
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_no_repr_shows_a_key() -> None:
    assert repr(MASTER) == "MasterKey()"
    shown = "".join(repr(vars(VAULT)[name]) for name in ("_keys", "_in_use"))
    assert "\\x1f" not in shown
    assert VAULT.master.secret.hex() not in shown


def test_a_key_that_is_not_there_is_missing(path: Path) -> None:
    with pytest.raises(KeyMissing):
        MasterKey.load(path)


@pytest.mark.parametrize("loose", [0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o777])
def test_a_key_that_others_may_touch_is_refused(path: Path, loose: int) -> None:
    MasterKey.create(path)
    path.chmod(loose)
    with pytest.raises(KeyTooOpen) as caught:
        MasterKey.load(path)
    assert caught.value.mode == loose


def test_a_key_that_only_its_owner_may_read_is_fine(path: Path) -> None:
    key = MasterKey.create(path)
    path.chmod(0o400)
    assert MasterKey.load(path) == key


def test_a_key_of_another_account_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    MasterKey.create(path)
    monkeypatch.setattr("kiosk.keys.os.geteuid", lambda: os.getuid() + 1)
    with pytest.raises(KeyForeign) as caught:
        MasterKey.load(path)
    assert caught.value.owner == os.getuid()


@pytest.mark.parametrize("size", [0, 16, 31, 33, 5_000])
def test_a_file_of_another_size_is_no_key(path: Path, size: int) -> None:
    MasterKey.create(path)
    path.write_bytes(bytes(size))
    with pytest.raises(KeyMalformed) as caught:
        MasterKey.load(path)
    assert caught.value.size == size


def test_a_link_is_not_followed(path: Path) -> None:
    MasterKey.create(path)
    link = path.with_name("link")
    link.symlink_to(path)
    with pytest.raises(KeyUnreadable) as caught:
        MasterKey.load(link)
    assert caught.value.reason == "ELOOP"


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_no_key_and_nobody_waits_for_it(path: Path, make: Callable[[Path], None]) -> None:
    path.parent.mkdir()
    make(path)
    with pytest.raises(KeyMalformed) as caught:
        MasterKey.load(path)
    assert caught.value.size is None


def test_a_credential_of_systemd_goes_before_the_file(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_the_file = MasterKey.create(path)
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    assert MasterKey.load(path) == of_the_file
    handed_over = credentials / path.name
    handed_over.write_bytes(MASTER.secret)
    # systemd lets the service in by an ACL, which shows as a mode for the group.
    handed_over.chmod(0o440)
    assert MasterKey.load(path) == MASTER


def test_a_place_where_no_key_can_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeyUnreadable):
        MasterKey.create(tmp_path / "file" / "master.key")


def make_key(path: Path) -> None:
    try:
        MasterKey.create(path)
    except KeyExists:
        sys.exit(3)


def test_of_several_that_make_a_key_at_once_one_does(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    makers = [context.Process(target=make_key, args=(path,)) for _ in range(3)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join(60)
    assert sorted(maker.exitcode or 0 for maker in makers) == [0, 3, 3]
    assert MasterKey.load(path)


@given(st.binary(max_size=300))
def test_what_is_sealed_opens_in_its_place(plaintext: bytes) -> None:
    assert VAULT.open(VAULT.seal(plaintext, **PLACE), **PLACE) == plaintext


@given(st.binary(max_size=40), st.data())
def test_a_seal_with_any_byte_changed_does_not_open(plaintext: bytes, data: st.DataObject) -> None:
    sealed = bytearray(VAULT.seal(plaintext, **PLACE))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken):
        VAULT.open(bytes(sealed), **PLACE)


@given(st.binary(max_size=80))
def test_what_is_no_seal_does_not_open(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        VAULT.open(sealed, **PLACE)


@pytest.mark.parametrize("part", PLACE)
def test_a_seal_does_not_open_in_another_place(part: str) -> None:
    sealed = VAULT.seal(b"secret", **PLACE)
    with pytest.raises(SealBroken) as caught:
        VAULT.open(sealed, **{**PLACE, part: "another"})
    assert getattr(caught.value, part) == "another"


def test_a_seal_does_not_open_with_another_key() -> None:
    with pytest.raises(SealBroken):
        FileVault(MasterKey(bytes(32))).open(VAULT.seal(b"secret", **PLACE), **PLACE)


def test_the_same_is_never_sealed_twice_the_same() -> None:
    assert VAULT.seal(b"secret", **PLACE) != VAULT.seal(b"secret", **PLACE)


def test_a_seal_is_aes_gcm_under_hkdf_as_described() -> None:
    """Against the primitives themselves: version, key id, nonce, ciphertext; the place as associated data."""
    sealed = VAULT.seal(b"secret", **PLACE)
    assert sealed[:5] == b"\x01" + bytes.fromhex(VAULT.key_id)
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kiosk seal").derive(MASTER.secret)
    place = f"factors|sealed_secret|abc|{VAULT.key_id}".encode()
    assert AESGCM(key).decrypt(sealed[5:17], sealed[17:], place) == b"secret"


def test_a_blind_index_finds_the_same_value_and_tells_columns_and_keys_apart() -> None:
    index = VAULT.blind_index("+31612345678", column="number")
    assert index == FileVault(MASTER).blind_index("+31612345678", column="number")
    others = [
        VAULT.blind_index("+31612345679", column="number"),
        VAULT.blind_index("+31612345678", column="name"),
        FileVault(MasterKey(bytes(32))).blind_index("+31612345678", column="number"),
    ]
    assert index not in others


@given(messages=st.lists(st.binary(max_size=200), max_size=3), purpose=st.sampled_from(["audit", "name"]))
def test_many_macs_are_those_of_one_at_a_time(messages: list[bytes], purpose: str) -> None:
    mac_of = VAULT.macs(purpose)
    assert [mac_of(one) for one in messages] == [VAULT.mac(one, purpose=purpose) for one in messages]


def test_a_mac_differs_by_message_purpose_and_key() -> None:
    macs = {
        VAULT.mac(b"1", purpose="audit"),
        VAULT.mac(b"2", purpose="audit"),
        VAULT.mac(b"1", purpose="sms_code"),
        VAULT.blind_index("1", column="audit"),
        FileVault(MasterKey(bytes(32))).mac(b"1", purpose="audit"),
    }
    assert len(macs) == 5
    assert {len(mac) for mac in macs} == {32}


def test_a_head_is_kept_and_only_rises(tmp_path: Path) -> None:
    head = AuditHeadFile(tmp_path / "head")
    assert head.load() is None
    for seq, mac in ((3, b"three"), (2, b"two"), (3, b"other"), (4, b"four")):
        head.store(seq, mac)
    assert head.load() == (4, b"four")
    head.store(4, b"other")
    assert head.load() == (4, b"four")


def test_only_the_owner_may_read_a_head_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    AuditHeadFile(tmp_path / "head").store(1, b"mac")
    assert {file.name: mode(file) for file in tmp_path.iterdir()} == {"head": 0o600, "head.lock": 0o600}


def test_what_a_killed_writer_left_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / ".head.new").write_text("half")
    AuditHeadFile(tmp_path / "head").store(1, b"mac")
    assert AuditHeadFile(tmp_path / "head").load() == (1, b"mac")


@pytest.mark.parametrize("content", ["", "1", "one 00", "1 zz", "1 00 2", "é"])
def test_a_head_that_is_none_is_told_and_not_overwritten(tmp_path: Path, content: str) -> None:
    (tmp_path / "head").write_text(content, encoding="utf-8")
    with pytest.raises(AuditHeadUnreadable):
        AuditHeadFile(tmp_path / "head").store(1, b"mac")
    assert (tmp_path / "head").read_text(encoding="utf-8") == content


def test_a_writer_does_not_wait_for_ever_for_another(tmp_path: Path) -> None:
    with file_lock(tmp_path / "head.lock", seconds=0), pytest.raises(TimeoutError):
        AuditHeadFile(tmp_path / "head", lock_seconds=0).store(1, b"mac")
    AuditHeadFile(tmp_path / "head").store(1, b"mac")


def store_many(path: Path, first: int) -> None:
    for seq in range(first, 120, 3):
        AuditHeadFile(path).store(seq, seq.to_bytes(2, "big"))


def test_three_processes_leave_the_highest_head(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=store_many, args=(tmp_path / "head", first)) for first in (1, 2, 3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert AuditHeadFile(tmp_path / "head").load() == (119, (119).to_bytes(2, "big"))


def test_every_purpose_of_a_subkey_says_whether_it_outlives_a_change_of_key() -> None:
    """One that is forgotten would be compared with something else after the first change."""
    root = Path(__file__).parents[2]
    sources = "".join(path.read_text() for place in ("kiosk", "data") for path in (root / place).rglob("*.py"))
    used = set(re.findall(r'purpose="([a-z_]+)"', sources))
    assert {f"mac {purpose}" for purpose in used} <= set(LASTING)
    assert set(PEPPERS) == {f"mac pepper {secret}" for secret in Secret}
    assert f"index {NUMBER_COLUMN}" in LASTING
