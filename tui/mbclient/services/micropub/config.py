"""What a site says of itself: where files go, which blogs it has, to where it passes posts on (facts/micropub.md A)."""

from __future__ import annotations

from collections.abc import Sequence

from mbclient.domain.lazydataclass import dataclass
from mbclient.domain.safetext import SafeText
from mbclient.services.addresses import web_link
from mbclient.services.fields import identity, items, obj, string


@dataclass(frozen=True, slots=True)
class Target:
    """A blog of the account's, or a place that posts are passed on to. `chosen`: by the site, if one says nothing."""

    uid: str
    name: str = ""
    chosen: bool = False

    def answers_to(self, wanted: str) -> bool:
        return wanted.casefold() in (self.uid.casefold(), self.name.casefold())


@dataclass(frozen=True, slots=True)
class Config:
    """`q=config`, as far as it is used. `blogs`: where the account has several; `visibility`: whom it can keep out."""

    media: str = ""
    targets: tuple[Target, ...] = ()
    visibility: frozenset[str] = frozenset()
    blogs: tuple[Target, ...] = ()

    @classmethod
    def read(cls, raw: object) -> Config:
        """It may be an empty object."""
        told = obj(raw)
        hides = frozenset(word for word in items(told.get("visibility")) if isinstance(word, str))
        media = web_link(told.get("media-endpoint"))
        return cls(media, _listed(told.get("syndicate-to")), hides, _listed(told.get("destination")))

    def chosen(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """The uids of the wanted targets, by name or uid in any case; without a wish those of the site's own choice.

        Raises `LookupError` with the first that is not there.
        """
        if not wanted:
            return tuple(target.uid for target in self.targets if target.chosen)
        return tuple(dict.fromkeys(_found(self.targets, name) for name in wanted))

    def blog(self, wanted: str) -> str:
        """The uid of the wanted blog, likewise; empty without a wish: the site has its own default."""
        return _found(self.blogs, wanted) if wanted else ""


def _found(among: Sequence[Target], wanted: str) -> str:
    for target in among:
        if target.answers_to(wanted):
            return target.uid
    raise LookupError(wanted)


def _listed(raw: object) -> tuple[Target, ...]:
    return tuple(
        Target(uid, SafeText.line(string(target, "name"), max_characters=100), target.get("checked") is True)
        for target in map(obj, items(raw))
        if (uid := identity(target, "uid"))
    )
