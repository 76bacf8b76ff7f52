"""Compiles the message catalogues (.po) into what gettext reads (.mo), which git does not keep.

Hatchling runs it for every wheel, sdist and editable install; after a change of a .po run it as a script:
`python tui/mbclient/texts/build_catalogues.py`. It needs Babel and is no part of the wheel.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from hatchling.builders.config import BuilderConfig
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LOCALE = Path(__file__).with_name("locale")


def compiled(catalogue: Path) -> bytes:
    """The .mo bytes of a .po file. Raises `babel.messages.pofile.PoFileError` with the line of what is wrong."""
    with catalogue.open("rb") as source:
        messages = read_po(source, locale=catalogue.parts[-3], abort_invalid=True)
    target = BytesIO()
    write_mo(target, messages)
    return target.getvalue()


def compile_all() -> list[Path]:
    """Compile each catalogue beside its source; gives the files written."""
    written = []
    for catalogue in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        target = catalogue.with_suffix(".mo")
        target.write_bytes(compiled(catalogue))
        written.append(target)
    return written


def get_build_hook() -> type[BuildHookInterface[BuilderConfig]]:
    """The hook, found by hatchling under this name; made here so that the script needs no hatchling."""
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface

    class CatalogueHook(BuildHookInterface["BuilderConfig"]):
        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            compile_all()

    return CatalogueHook


if __name__ == "__main__":
    compile_all()
