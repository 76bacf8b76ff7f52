"""Joins the rooms: settings and secrets → services and storage → core → a ready desk for ui or cli."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mbclient.core.clock import SystemClock
from mbclient.core.desk import Desk, World
from mbclient.core.spending import Spending
from mbclient.domain.errors import UsageError
from mbclient.domain.lazydataclass import dataclass
from mbclient.settings.accounts import FileAccountBook
from mbclient.settings.choices import save_choice
from mbclient.settings.company import FilePolicySource
from mbclient.settings.config import Config, load_config
from mbclient.settings.machine import FileMachineSource
from mbclient.settings.paths import Paths, find_paths
from mbclient.texts import _, set_language

if TYPE_CHECKING:
    from mbclient.core.ports import Clock
    from mbclient.core.reportmerge import ReportTable


@dataclass(frozen=True, slots=True)
class Setup:
    """The settings as read, before anything heavy: enough for `config`, `themes`, `keys`, `policy validate`."""

    paths: Paths
    config: Config
    notices: tuple[str, ...] = ()


def read_settings(*, config: str | None = None, data_dir: str | None = None, lenient: bool = False) -> Setup:
    """Finds and reads every settings file and sets the language. `lenient` (the UI): last good copies, with notices.

    Raises `SettingsError`.
    """
    paths = find_paths(config, data_dir)
    notices = paths.prepare()
    read = load_config(paths, lenient=lenient)
    set_language(read.preferences.language)
    return Setup(paths, read, (*notices, *read.notices))


def build(setup: Setup, *, clock: Clock | None = None, say: Callable[[str], object] = lambda _text: None) -> Desk:
    """The desk over the real world. Opens the data file; loads neither Textual nor httpx.

    `say` is told what makes the user wait: a large data file of an earlier program.
    """
    from mbclient.services.http import Http
    from mbclient.services.kit import Kit
    from mbclient.services.pictures import WebPictures
    from mbclient.services.registry import Registry
    from mbclient.settings.logfile import keep_log
    from mbclient.settings.secrets import SecretStore
    from mbclient.storage import open_stores

    clock = clock or SystemClock()
    paths = setup.paths
    keep_log(paths.log_file)
    book = FileAccountBook(paths, setup.config.document)
    policy = FilePolicySource(paths, setup.config)
    rules = policy.current().policy
    stores = open_stores(
        paths.data_dir,
        clock,
        log_retention=timedelta(days=rules.log_retention_days),
        crosspost_window=rules.crosspost_window,
        say=say,
    )
    secrets = SecretStore(paths, book.accounts)
    purse = Spending(stores.expenses, book.accounts, clock)
    http = Http(clock, ca_file=setup.config.ca_file)
    kit = Kit(http, secrets, clock, data_file(paths), paths.data_dir / "cache", purse)
    return Desk(
        World(
            services=Registry(kit),
            stores=stores,
            secrets=secrets,
            accounts=book,
            policy=policy,
            machine=FileMachineSource(paths, policy),
            preferences=setup.config.preferences,
            clock=clock,
            pictures=WebPictures(http),
        )
    )


def choice_keeper(setup: Setup, desk: Desk) -> Callable[[str, object], None]:
    """What keeps a setting made on the screen; one of the policy's is in force at once. It raises `SettingsError`."""

    def keep(key: str, value: object) -> None:
        save_choice(setup.paths, key, value)
        if key.startswith("policy.") and isinstance(desk.world.policy, FilePolicySource):
            desk.world.policy.use(load_config(setup.paths, lenient=True))

    return keep


def build_demo(folder: Path, *, clock: Clock | None = None) -> Desk:
    """The desk over made-up services, with its data in a throw-away folder: no account, network or keyring."""
    from mbclient.services.demo import DemoServices
    from mbclient.services.demo.world import PREFERENCES, DemoBook, DemoMachine, DemoPolicy, DemoSecrets, reading_pieces
    from mbclient.storage import open_stores

    clock = clock or SystemClock()
    services = DemoServices(clock)
    stores = open_stores(folder, clock)
    desk = Desk(
        World(
            services=services,
            stores=stores,
            secrets=DemoSecrets(),
            accounts=DemoBook(clock.now().date()),
            policy=DemoPolicy(),
            machine=DemoMachine(),
            preferences=PREFERENCES,
            clock=clock,
        )
    )
    for account in desk.accounts.all():  # two weeks of made-up past, so that every pane has something to show
        desk.refresher.fill(account, services.demo(account).everything())
    stores.reading.add(reading_pieces(desk.statistics.today(), clock.now()))
    return desk


def service_names() -> tuple[str, ...]:
    """The services that are installed, by the names that commands take."""
    from mbclient.services.registry import plugin_points

    return tuple(sorted(plugin_points()))


def needs_address(service: str) -> bool:
    """Whether an account at this service is none without its server's address. Raises `UsageError`."""
    from mbclient.services.registry import load_plugin, plugin_points

    form = load_plugin(service, plugin_points()).form
    return form.url_required and not form.url


def report_table(url: str) -> ReportTable:
    """A company's database of reports, of the extra `[postgres]`. Raises `UsageError`."""
    try:
        from mbclient.storage.reporttable import PostgresReports
    except ImportError:
        raise UsageError(
            _("a company's database needs the extra [postgres]"),
            _("install it in the checkout: pip install '.[postgres]'"),
        ) from None
    return PostgresReports(url)


def data_file(paths: Paths) -> Path:
    """The one SQLite file."""
    return paths.data_dir / "mbclient.db"
