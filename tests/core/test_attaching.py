"""Which files a draft takes along: those that are there, of a kind, size and number that every target takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mbclient.domain.draft import Attachment
from mbclient.domain.errors import UsageError
from tests.core.fakes import Office, a_draft


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "my picture.png"
    path.write_bytes(b"\x89PNG" + bytes(96))
    return path


@pytest.mark.parametrize("form", ["{path}", "  {path}\n", "'{path}'", '"{path}"', "file://{path}", "{escaped}"])
def test_a_path_as_terminals_give_it(office: Office, picture: Path, form: str) -> None:
    typed = form.format(path=picture, escaped=str(picture).replace(" ", "\\ "))
    assert office.desk.attaching.read_path(typed, a_draft()) == picture


def test_the_home_folder_is_known(office: Office, picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(picture.parent))
    assert office.desk.attaching.read_path("~/my picture.png", a_draft()) == picture


@pytest.mark.parametrize("typed", ["", ".", "/nowhere/at/all.png", "~nobody-of-that-name/x.png", "\x1b[2J", "a\0b"])
def test_what_is_no_file_is_refused_in_plain_words(office: Office, typed: str) -> None:
    with pytest.raises(UsageError) as caught:
        office.desk.attaching.read_path(typed, a_draft())
    assert "\x1b" not in str(caught.value)


def test_every_target_is_asked(office: Office, picture: Path) -> None:
    sky = office.service("sky")
    draft = a_draft("Hej", "work", "sky")
    sky.capabilities = replace(sky.capabilities, media_types=("image/jpeg",))
    with pytest.raises(UsageError, match="sky takes no image/png"):
        office.desk.attaching.read_path(str(picture), draft)
    sky.capabilities = replace(sky.capabilities, media_types=("image/png",), max_image_bytes=99)
    with pytest.raises(UsageError, match="larger than the 99 bytes"):
        office.desk.attaching.read_path(str(picture), draft)
    sky.capabilities = replace(sky.capabilities, max_image_bytes=100)
    assert office.desk.attaching.read_path(str(picture), draft) == picture


def test_a_moving_picture_may_have_a_bound_of_its_own(office: Office, tmp_path: Path) -> None:
    work = office.service("work")
    work.capabilities = replace(work.capabilities, media_types=(), max_image_bytes=9, max_gif_bytes=100)
    for name, size, goes in (("a.gif", 100, True), ("b.gif", 101, False), ("c.png", 10, False), ("d.png", 9, True)):
        (tmp_path / name).write_bytes(b"x" * size)
        if goes:
            office.desk.attaching.read_path(str(tmp_path / name), a_draft())
        else:
            with pytest.raises(UsageError, match="larger than the"):
                office.desk.attaching.read_path(str(tmp_path / name), a_draft())


def test_no_more_than_the_service_takes(office: Office, picture: Path) -> None:
    full = a_draft(media=(Attachment(str(picture)),))
    with pytest.raises(UsageError, match="work takes 1 attachment"):
        office.desk.attaching.read_path(str(picture), full)


def test_the_shortest_limit_of_descriptions_counts(office: Office) -> None:
    work, sky = office.service("work"), office.service("sky")
    work.capabilities = replace(work.capabilities, max_alt=1500)
    sky.capabilities = replace(sky.capabilities, max_alt=0)
    assert office.desk.attaching.alt_limit(a_draft("Hej", "work", "sky")) == 1500
    assert office.desk.attaching.alt_limit(a_draft("Hej", "sky")) == 0
