"""The build hook that compiles the catalogues, so that no compiled file lives in git."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface[Any]):
    """Compiles every `kiosk/language/*.po` to the `.mo` beside it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  the interface gives both
        """Run before each wheel and each editable install."""
        compile_catalogues(Path(self.root) / "kiosk" / "language")


def compile_catalogues(folder: Path) -> None:
    """Compile each catalogue in `folder`; raises on a catalogue that does not parse."""
    for po in sorted(folder.glob("*.po")):
        with po.open("rb") as source:
            catalogue = read_po(source, locale=po.stem, abort_invalid=True)
        # Renamed into place: a kiosk that starts meanwhile reads the old file or the new one, never half of it.
        half = po.with_suffix(".mo.new")
        with half.open("wb") as target:
            write_mo(target, catalogue)
        half.replace(po.with_suffix(".mo"))


if __name__ == "__main__":
    compile_catalogues(Path(__file__).parent / "kiosk" / "language")
