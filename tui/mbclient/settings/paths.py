"""Where everything lies: from the options, the environment and the system's conventions (contract, section 1)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from mbclient.domain.lazydataclass import dataclass
from mbclient.settings.files import make_folder

APP = "mbclient"


@dataclass(frozen=True, slots=True)
class Paths:
    """Absolute paths. Nothing here has to exist, and making a `Paths` touches no file.

    `company_policy_files` stand in the order of who wins; `config_is_ours`: the settings folder is the platform's
    own for this program, not the folder of a file that the user named. `tried_policy_file`: the company file, also
    among the others, that MBCLIENT_COMPANY_POLICY names.
    """

    config_file: Path
    data_dir: Path
    log_file: Path
    own_themes: Path
    company_policy_files: tuple[Path, ...]
    machine_file: Path
    config_is_ours: bool = True
    tried_policy_file: Path | None = None

    @property
    def config_dir(self) -> Path:
        return self.config_file.parent

    @property
    def accounts_file(self) -> Path:
        """What logging in writes."""
        return self.config_dir / "accounts.toml"

    @property
    def choices_file(self) -> Path:
        """What is chosen in the UI."""
        return self.config_dir / "choices.toml"

    @property
    def declaration_file(self) -> Path:
        """The user's own word on whose computer this is."""
        return self.data_dir / "machine.toml"

    @property
    def secrets_file(self) -> Path:
        """Secrets in plain text, only after a yes; not beside the settings, which people share as dotfiles."""
        return self.data_dir / "secrets.toml"

    @property
    def last_good(self) -> Path:
        """Copies of every settings file as it last was in order."""
        return self.data_dir / "last-good"

    def prepare(self) -> list[str]:
        """Make the folders that the program writes to, private. Gives notices; raises SettingsError."""
        notices = make_folder(self.config_dir) if self.config_is_ours else []
        notices += make_folder(self.data_dir)
        if self.log_file.parent != self.data_dir:
            notices += make_folder(self.log_file.parent)
        return notices


def find_paths(config: str | Path | None = None, data_dir: str | Path | None = None) -> Paths:
    """The paths of this run. Options win over MBCLIENT_CONFIG and MBCLIENT_DATA_DIR, these over the platform's.

    With both a settings file and a data folder named, the run is isolated: own themes and the log too stand there.
    """
    named_config = _named(config, "MBCLIENT_CONFIG")
    named_data = _named(data_dir, "MBCLIENT_DATA_DIR")
    tried = _named(None, "MBCLIENT_COMPANY_POLICY")
    own_config = named_config.parent if named_config else _platform("user_config_path")
    data = named_data or _platform("user_data_path")
    isolated = named_config is not None and named_data is not None
    themes = own_config if isolated or named_config is None else _platform("user_config_path")
    return Paths(
        config_file=named_config or own_config / "config.toml",
        data_dir=data,
        log_file=(data if isolated else _platform("user_state_path")) / "mbclient.log",
        own_themes=themes / "themes",
        company_policy_files=_company_files(tried),
        machine_file=_system_folder() / "machine.toml",
        config_is_ours=named_config is None,
        tried_policy_file=tried,
    )


def _named(option: str | Path | None, variable: str) -> Path | None:
    value = str(option or os.environ.get(variable, ""))
    # Absolute now, so that a later change of folder moves nothing; links stay, the user's own may be one.
    return Path(os.path.abspath(os.path.expanduser(value))) if value else None  # noqa: PTH100, PTH111 - see above


def _platform(kind: str) -> Path:
    import platformdirs  # late: an isolated run, and every test, does without

    folder: Path = getattr(platformdirs, kind)(APP, appauthor=False)
    return folder


def _system_folder() -> Path:
    if sys.platform == "darwin":
        return Path("/Library/Application Support") / APP
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / APP
    return Path("/etc") / APP


def _company_files(tried: Path | None) -> tuple[Path, ...]:
    """The system's, the XDG folders' in order, then the try-out file: the first that sets a key wins (policy 4.2)."""
    folders = (os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
    files = [_system_folder() / "policy.toml"]
    files += [Path(folder) / APP / "policy.toml" for folder in folders if Path(folder).is_absolute()]
    if tried:
        files.append(tried)
    return tuple(dict.fromkeys(files))
