"""A guest that boots in QEMU, sees this machine's files read only, runs one command and is gone."""

import dataclasses
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from tests.guest.prepare import ADDITIONS, GUEST, KERNEL, MODULES, YUBICO, missing_packages

# `/dev/kvm` may exist and hang where virtual machines do not nest, so the processor is always emulated. Two emulated
# processors are slower for Python than one.
PROCESSOR: Final = ("-machine", "pc,accel=tcg,usb=off", "-cpu", "max", "-smp", "1", "-m", "1536")
KERNEL_LINE: Final = "console=ttyS0 panic=-1 quiet random.trust_cpu=on mitigations=off"

# Of busybox, for `init`.
APPLETS: Final = ("sh", "cat", "mount", "mkdir", "insmod", "ip", "hostname", "switch_root", "poweroff")


@dataclasses.dataclass(frozen=True, slots=True)
class Ran:
    """What came back from a guest.

    Attributes:
        status: exit code of the command; None when the guest did not get that far or was stopped at the deadline.
        console: all that kernel and command printed.
        files: what the command wrote to /results, by name.
    """

    status: int | None
    console: str
    files: dict[str, str]


def how_to_prepare() -> str | None:
    """The line to type before a guest can boot; None when it can."""
    if missing_packages():
        return f"type: apt-get install --no-install-recommends {' '.join(missing_packages())}; make setup-guest"
    if not all(made.exists() for made in (KERNEL, MODULES, ADDITIONS, YUBICO)):
        return "type: make setup-guest"
    return None


def share(name: str, path: Path, *, writable: bool = False) -> tuple[str, ...]:
    """Options that show a folder of this machine to the guest."""
    access = "" if writable else ",readonly=on"
    folder = f"local,id={name},path={path},security_model=none,multidevs=remap{access}"
    return ("-fsdev", folder, "-device", f"virtio-9p-pci,fsdev={name},mount_tag={name}")


def make_initramfs(file: Path, place: Path) -> None:
    """Pack what the kernel starts with: busybox, the modules and `init`; made anew for each boot, as it is small."""
    for name in ("bin", "dev", "proc", "sys"):
        (place / name).mkdir(parents=True)
    shutil.copytree(MODULES, place / "modules")
    shutil.copy("/bin/busybox", place / "bin")
    for applet in APPLETS:
        (place / "bin" / applet).symlink_to("busybox")
    shutil.copy(Path(__file__).with_name("init"), place / "init")
    (place / "init").chmod(0o755)
    names = "\n".join(str(path.relative_to(place)) for path in sorted(place.rglob("*")))
    with file.open("wb") as archive:
        subprocess.run(
            ["cpio", "--quiet", "-o", "-H", "newc"], cwd=place, input=names.encode(), stdout=archive, check=True
        )


def run(name: str, command: list[str], *, place: Path, deadline: float) -> Ran:
    """Boot, run `command` in `place` as root, and return within `deadline` seconds.

    What the guest prints can be read meanwhile, in a file beside the kernel that has the guest's name.
    """
    with tempfile.TemporaryDirectory(prefix="guest-") as folder:
        results, initramfs = Path(folder) / "results", Path(folder) / "initramfs"
        results.mkdir()
        make_initramfs(initramfs, Path(folder) / "image")
        path = shlex.quote(os.environ["PATH"])
        line = f"cd {shlex.quote(str(place))} && exec {shlex.join(command)}"
        (results / "command").write_text(f"export HOME=/tmp PATH={path}\n{line}\n")
        qemu: tuple[str | Path, ...] = (
            *("qemu-system-x86_64", *PROCESSOR, "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"),
            *("-kernel", KERNEL, "-initrd", initramfs, "-append", KERNEL_LINE, "-serial", "stdio"),
            *share("root", Path("/")),
            *share("additions", ADDITIONS),
            *share("results", results, writable=True),
        )
        with (GUEST / f"{name}.console").open("w+b") as console:
            try:
                subprocess.run(
                    qemu, stdin=subprocess.DEVNULL, stdout=console, stderr=console, timeout=deadline, check=False
                )
            except subprocess.TimeoutExpired:
                console.write(f"\nguest: stopped after {deadline:.0f} s\n".encode())
            console.seek(0)
            printed = console.read().decode(errors="replace").replace("\r\n", "\n")
        files = {path.name: path.read_text(errors="replace") for path in results.iterdir() if path.is_file()}
    status = files.get("status")
    return Ran(int(status) if status else None, printed, files)
