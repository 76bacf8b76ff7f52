"""The files that come with the program: themes and the example of config.toml."""

from __future__ import annotations

from pathlib import Path

from mbclient.domain.errors import SettingsError
from mbclient.texts import _

_PACKAGE = Path(__file__).resolve().parent.parent
_PLACES = (_PACKAGE, _PACKAGE.parent.parent)  # inside the wheel; at the root of a checkout


def shipped(name: str) -> Path:
    """The file or folder `name`, in the wheel or in the checkout. Raises SettingsError: a broken installation."""
    for place in _PLACES:
        if (place / name).exists():
            return place / name
    raise SettingsError(_("the installation lacks {name}").format(name=name), _("install mbclient again"))
