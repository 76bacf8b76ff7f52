"""Folding: what makes two words the same word, and where a folded character stood in the text as written."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from mbclient.domain.latepattern import late

_CLUSTERS_OF_WORDS = late(r"\s+|\S+")


def fold(text: str) -> str:
    """Upper and lower case and the forms of an accented letter are the same; å stays å."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def folded_with_places(text: str) -> tuple[str, Sequence[int]]:
    """The folded text and, for each border between its characters, where that is in `text`."""
    folded = fold(text)
    if len(folded) == len(text) and all(map(_folds_alone, text, folded)):
        return folded, range(len(text) + 1)
    for clusters in (_clusters(text), _CLUSTERS_OF_WORDS.findall(text)):
        parts = [fold(cluster) for cluster in clusters]
        if "".join(parts) == folded:
            return folded, _places(clusters, parts)
    return folded, [min(place, len(text)) for place in range(len(folded) + 1)]


def _folds_alone(character: str, folded: str) -> bool:
    return character == folded or fold(character) == folded


def _clusters(text: str) -> list[str]:
    """Each character with the marks that follow it."""
    clusters: list[str] = []
    for character in text:
        if clusters and unicodedata.combining(character):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _places(clusters: Sequence[str], parts: Sequence[str]) -> list[int]:
    """A border inside a cluster lies at the cluster's end: a highlight is never cut within a letter."""
    places = [0]
    end = 0
    for cluster, part in zip(clusters, parts, strict=True):
        end += len(cluster)
        places += [end] * len(part)
    return places
