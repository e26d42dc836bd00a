"""`make setup-guest`: all that the guest needs, into `.venv/guest`; what only root can install is named, not installed."""

import lzma
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
GUEST: Final = ROOT / ".venv" / "guest"
KERNEL: Final = GUEST / "vmlinuz"
MODULES: Final = GUEST / "modules"
ADDITIONS: Final = GUEST / "additions"
# Only the `ykman` command needs what lies here (pyscard), so only it gets to see it.
PYTHON_PATH: Final = GUEST / "python"
YUBICO: Final = GUEST / "yubico"

# What must be on this machine → the package of Debian that brings it.
TOOLS: Final = {
    "/usr/bin/qemu-system-x86_64": "qemu-system-x86",
    "/usr/share/doc/busybox-static": "busybox-static",
    "/usr/bin/cpio": "cpio",
    "/sbin/depmod": "kmod",
    "/usr/bin/fido2-token": "fido2-tools",
    "/usr/bin/gcc": "gcc",
    "/usr/include/stdio.h": "libc6-dev",
    f"{sysconfig.get_path('include')}/Python.h": "python3-dev",
    "/usr/include/PCSC/winscard.h": "libpcsclite-dev",
}
WANTED: Final = ("virtio_pci", "9pnet_virtio", "9p", "overlay", "uhid", "hid_generic", "evdev")
# udev is not installed here but laid over the guest's root: on a machine without USB nothing else wants it.
UDEV: Final = ("udev", "libudev1", "libsystemd-shared")


def missing_packages() -> list[str]:
    """Packages of Debian that this machine lacks for the guest."""
    return [package for path, package in TOOLS.items() if not Path(path).exists()]


def run(*command: str | Path, cwd: Path | None = None, given: str | None = None) -> str:
    """Run a program and return what it printed."""
    return subprocess.run(command, cwd=cwd, input=given, check=True, text=True, stdout=subprocess.PIPE).stdout


def download(packages: Iterable[str], place: Path) -> list[Path]:
    """Fetch packages of Debian into `place`, for apt's own user too."""
    place.chmod(0o777)
    run("apt-get", "download", "-qq", *packages, cwd=place)
    return sorted(place.glob("*.deb"))


def kernel_package() -> str:
    """Name of the package that holds Debian's current generic kernel."""
    words = run("apt-cache", "depends", "linux-image-amd64").split()
    return next(word for word in words if word.startswith("linux-image-") and word != "linux-image-amd64")


def make_kernel(place: Path) -> None:
    """Unpack Debian's kernel and the modules that the guest needs, with a list of the order in which they load."""
    [package] = download([kernel_package()], place)
    unpacked = place / "kernel"
    run("dpkg-deb", "-x", package, unpacked)
    # From Debian 13 on the modules lie in /usr and are compressed.
    tree = unpacked if (unpacked / "lib").exists() else unpacked / "usr"
    [version] = [path.name for path in (tree / "lib" / "modules").iterdir()]
    run("/sbin/depmod", "-b", tree, version)
    MODULES.mkdir(exist_ok=True)
    order: list[str] = []
    for module in WANTED:
        shown = run("/sbin/modprobe", "-d", tree, "-S", version, "--show-depends", module)
        for file in [Path(line.split()[1]) for line in shown.splitlines() if line.startswith("insmod")]:
            name = file.name.removesuffix(".xz")
            if name not in order:
                order.append(name)
                octets = file.read_bytes()
                (MODULES / name).write_bytes(lzma.decompress(octets) if file.suffix == ".xz" else octets)
    (MODULES / "order").write_text("\n".join(order), encoding="utf-8")
    [kernel] = (unpacked / "boot").glob("vmlinuz-*")
    shutil.copy(kernel, KERNEL)


def make_additions(place: Path) -> None:
    """Unpack udev for the guest."""
    unpacked = place / "unpacked"
    for package in download(UDEV, place):
        run("dpkg-deb", "-x", package, unpacked)
    # /lib is a link on a running Debian; a folder of that name would hide all libraries.
    for name in ("bin", "sbin", "lib"):
        if (unpacked / name).is_dir():
            shutil.copytree(unpacked / name, unpacked / "usr" / name, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(unpacked / name)
    shutil.rmtree(ADDITIONS, ignore_errors=True)
    shutil.copytree(unpacked, ADDITIONS, symlinks=True)


def make_python(place: Path) -> None:
    """Build pyscard, and unpack the tests that Yubico's source packages carry."""
    shutil.rmtree(PYTHON_PATH, ignore_errors=True)
    tools = {**os.environ, "PYTHONPATH": str(PYTHON_PATH), "PATH": f"{PYTHON_PATH / 'bin'}:{os.environ['PATH']}"}

    def pip(*words: str | Path) -> None:
        command = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *words)
        subprocess.run(command, env=tools, check=True)

    hashed = ("--no-deps", "--require-hashes", "--requirement")
    pip("install", "--only-binary", ":all:", "--target", PYTHON_PATH, *hashed, ROOT / "requirements-guest.lock")
    source = ("--no-build-isolation", "--no-binary", ":all:")
    pip("download", *source, "--dest", place, *hashed, ROOT / "requirements-guest-source.lock")
    [pyscard] = place.glob("pyscard-*.tar.gz")
    pip("install", *source, "--no-deps", "--no-index", "--upgrade", "--target", PYTHON_PATH, pyscard)
    shutil.rmtree(YUBICO, ignore_errors=True)
    for name in ("fido2", "yubikey_manager"):
        [package] = place.glob(f"{name}-*.tar.gz")
        with tarfile.open(package) as archive:
            archive.extractall(YUBICO / name, filter="data")


def main() -> int:
    """Prepare what is not there yet; with `--missing` only name the packages that must be installed first."""
    missing = " ".join(missing_packages())
    if sys.argv[1:] == ["--missing"]:
        sys.stdout.write(f"{missing}\n")
        return 0
    if missing:
        sys.stderr.write(f"Type: apt-get install --no-install-recommends {missing}\n")
        return 1
    GUEST.mkdir(parents=True, exist_ok=True)
    for made, make in ((KERNEL, make_kernel), (ADDITIONS, make_additions), (YUBICO, make_python)):
        if not made.exists():
            with tempfile.TemporaryDirectory() as place:
                make(Path(place))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
