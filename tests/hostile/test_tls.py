"""Certificates that are not to be trusted, and a company's own that are (reliability facts 4.4)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from mbclient.bootstrap import read_settings
from mbclient.domain.errors import SettingsError, UnreachableError
from mbclient.services.http import Http
from mbclient.settings.config import CONFIG
from mbclient.settings.show import config_show
from tests.services.kit import SystemClock

x509 = pytest.importorskip("cryptography.x509", reason="certificates are made with cryptography")
NEWEST = ssl.TLSVersion.TLSv1_3
TOKEN = "canary-0123456789abcdef"


def certificate(folder: Path, host: str = "127.0.0.1") -> Path:
    """A self-signed certificate and its key in one file."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Grönkvist test CA")])
    now, day = datetime.now(UTC), timedelta(days=1)
    place = x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - day, now + day)
        .add_extension(x509.SubjectAlternativeName([place]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form, bare = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = folder / f"{host}.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(serialization.Encoding.PEM, form, bare)
    )
    return path


@asynccontextmanager
async def serving(
    path: Path, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
) -> AsyncIterator[tuple[str, list[bytes]]]:
    """An https server; gives its address and what it has read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    if newest is not NEWEST:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = newest
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/", heard


async def ask(url: str, ca_file: Path | None) -> int:
    http = Http(SystemClock(), ca_file=str(ca_file or ""))
    try:
        return (await http.request("POST", url, headers={"Authorization": f"Bearer {TOKEN}"}, json={})).status
    finally:
        await http.aclose()


async def test_a_certificate_that_nobody_vouches_for_is_refused_with_its_reason(tmp_path: Path) -> None:
    async with serving(certificate(tmp_path)) as (url, heard):
        with pytest.raises(UnreachableError, match="self-signed certificate"):
            await ask(url, None)
        assert heard == []


async def test_a_companys_own_is_trusted_by_its_file(tmp_path: Path) -> None:
    path = certificate(tmp_path)
    async with serving(path) as (url, heard):
        assert await ask(url, path) == 200
        assert TOKEN.encode() in heard[0]


async def test_another_companys_is_not(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    async with serving(certificate(tmp_path)) as (url, heard):
        with pytest.raises(UnreachableError, match="certificate verify failed"):
            await ask(url, certificate(other))
        assert heard == []


async def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    path = certificate(tmp_path, "127.0.0.2")
    async with serving(path) as (url, heard):
        with pytest.raises(UnreachableError, match="certificate is not valid for"):
            await ask(url, path)
        assert heard == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the old version, which is the point
async def test_tls_before_1_2_is_refused(tmp_path: Path) -> None:
    path = certificate(tmp_path)
    lax = ssl.create_default_context(cafile=path)
    lax.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    lax.set_ciphers("ALL:@SECLEVEL=0")
    async with serving(path, ssl.TLSVersion.TLSv1_1) as (url, heard):
        with pytest.raises(UnreachableError):
            await ask(url, path)
        assert heard == []
        _reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":")[-1].strip("/")), ssl=lax)
        assert writer.get_extra_info("ssl_object").version() == "TLSv1.1"  # who is lax gets in
        writer.close()


async def test_the_context_has_everything_on() -> None:
    context = await Http(SystemClock()).tls()
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def settings_with(folder: Path, value: str) -> str:
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "config.toml").write_text(f'[network]\nca_file = "{value}"\n', "utf-8")
    return str(folder / "config.toml")


def test_the_setting_reaches_the_client(tmp_path: Path) -> None:
    path = certificate(tmp_path)
    setup = read_settings(config=settings_with(tmp_path / "home", str(path)), data_dir=str(tmp_path / "home" / "data"))
    assert setup.config.ca_file == str(path)
    assert {each.key: each.value for each in config_show(setup.config)}["network.ca_file"] == str(path)


@pytest.mark.parametrize("kind", ["missing", "relative", "no certificate", "folder"])
def test_a_wrong_file_is_told_with_its_line(tmp_path: Path, kind: str) -> None:
    (tmp_path / "text.pem").write_text("hello", "utf-8")
    value = {"missing": tmp_path / "x.pem", "relative": "x.pem", "no certificate": tmp_path / "text.pem"}.get(
        kind, tmp_path
    )
    with pytest.raises(SettingsError) as caught:
        read_settings(config=settings_with(tmp_path / "home", str(value)), data_dir=str(tmp_path / "home" / "data"))
    assert (caught.value.line, caught.value.key) == (2, "network.ca_file")


def test_no_setting_turns_the_checks_off() -> None:
    network = CONFIG["network"]
    assert isinstance(network, dict)
    assert set(network) == {"ca_file"}
