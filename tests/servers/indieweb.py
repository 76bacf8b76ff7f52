"""A real Micropub and IndieAuth server: django-indieweb, as a web site of one user in one file."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import httpx

from tests.servers import installation
from tests.servers.processes import HOST, answers, free_port, run_folder, running

SITE = Path(__file__).parent / "micropub/site.py"
TOKEN = "a-token-that-may-do-everything"
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@dataclass(frozen=True)
class MicropubServer:
    """A running site; ``token`` may create, update, delete and upload."""

    base_url: str
    token: str = field(default=TOKEN, repr=False)

    @property
    def authorization(self) -> dict[str, str]:
        """The header that signs a request."""
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, text: str, published: str) -> str:
        """Post from outside the client under test; return the entry's address."""
        body = {"type": ["h-entry"], "properties": {"content": [text], "published": [published]}}
        answer = httpx.post(
            f"{self.base_url}/indieweb/micropub/", json=body, headers=self.authorization, trust_env=False
        )
        return str(answer.raise_for_status().headers["location"])

    def count(self, text: str) -> int:
        """Tell how many entries have exactly this text."""
        url = f"{self.base_url}/indieweb/micropub/?q=source&limit=1000"
        items = httpx.get(url, headers=self.authorization, trust_env=False).raise_for_status().json()["items"]
        return sum(item["properties"]["content"] == [text] for item in items)

    def press_yes(self, address: str) -> str:
        """Sign in at the page of the address and say yes; return where the browser is led."""
        with httpx.Client(trust_env=False, follow_redirects=True) as browser:
            page = browser.get(address)
            assert page.is_success, page.text
            form = {name: unescape(value) for name, value in _FIELD.findall(page.text)}
            token = browser.cookies.get("csrftoken") or form.get("csrfmiddlewaretoken", "")
            answer = browser.post(
                f"{self.base_url}/indieweb/auth/",
                data={**form, "csrfmiddlewaretoken": token, "action": "approve"},
                headers={"Referer": address},
                follow_redirects=False,
            )
        return str(answer.headers["location"])


@contextmanager
def micropub_server() -> Iterator[MicropubServer]:
    """Run the site. Raises ServerUnavailableError or ServerFailedError."""
    venv = installation.micropub_folder()
    port = free_port()
    server = MicropubServer(f"http://{HOST}:{port}")
    with run_folder("micropub") as folder:
        command: list[str | Path] = [venv / "bin/python", SITE, str(port), server.token, folder]
        with running("micropub", command, folder, lambda _: answers(f"{server.base_url}/"), ports=(port,)):
            yield server
