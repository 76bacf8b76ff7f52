"""Two real Nostr relays with different manners: nostr-sdk's LocalRelay, and nostr-relay.

What they answer to the same event differs (a duplicate is a yes of the one and a no of the other), so tests publish
to both.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers import installation
from tests.servers.processes import HOST, answers, free_port, run_folder, running, says_ready

LOCAL_RELAY = """
import asyncio, sys
from nostr_sdk import LocalRelayBuilder

async def main():
    relay = LocalRelayBuilder().addr("127.0.0.1").port(int(sys.argv[1])).build()
    await relay.run()
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
CONFIG = """
relay_name: test
storage:
  sqlalchemy.url: sqlite+aiosqlite:///{folder}/nostr.sqlite3
  validators:
    - nostr_relay.validators.is_not_too_large
    - nostr_relay.validators.is_signed
    - nostr_relay.validators.is_recent
    - nostr_relay.validators.is_not_hellthread
gunicorn:
  bind: {host}:{port}
  workers: 1
authentication:
  enabled: false
verification:
  nip05_verification: disabled
"""


@dataclass(frozen=True)
class NostrRelays:
    """Addresses. ``local`` keeps events in memory and can search; ``stored`` keeps them in a file and cannot."""

    local: str
    stored: str

    @property
    def both(self) -> tuple[str, str]:
        """The two of them, ``local`` first."""
        return self.local, self.stored


@contextmanager
def nostr_relays() -> Iterator[NostrRelays]:
    """Run both; what is sent to them stays until the end. Raises ServerUnavailableError or ServerFailedError."""
    venv = installation.nostr_folder()
    with ExitStack() as stack:
        folder = stack.enter_context(run_folder("nostr"))
        yield NostrRelays(_local(stack, venv, folder), _stored(stack, venv, folder))


def _local(stack: ExitStack, venv: Path, folder: Path) -> str:
    port = free_port()
    command: list[str | Path] = [venv / "bin/python", "-c", LOCAL_RELAY, str(port)]
    stack.enter_context(running("local-relay", command, folder, says_ready, ports=(port,)))
    return f"ws://{HOST}:{port}"


def _stored(stack: ExitStack, venv: Path, folder: Path) -> str:
    port = free_port()
    config = folder / "relay.yaml"
    config.write_text(CONFIG.format(folder=folder, host=HOST, port=port), "utf-8")
    command: list[str | Path] = [venv / "bin/nostr-relay", "-c", config, "serve"]
    stack.enter_context(
        running("nostr-relay", command, folder, lambda _: answers(f"http://{HOST}:{port}/"), ports=(port,))
    )
    return f"ws://{HOST}:{port}"
