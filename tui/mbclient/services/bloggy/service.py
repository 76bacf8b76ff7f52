"""The adapter and its plugin: GNU social's, over Bloggy's reading and posting."""

from __future__ import annotations

from dataclasses import replace

from mbclient.core.ports import LoginDialog, LoginForm, Profile, SignedIn, SignIn
from mbclient.domain.account import Account
from mbclient.domain.capabilities import Capabilities
from mbclient.domain.errors import UsageError
from mbclient.domain.post import Mine, Post
from mbclient.domain.safetext import SafeText
from mbclient.services.bloggy.posting import BloggyPosting
from mbclient.services.bloggy.reading import BloggyReading
from mbclient.services.bloggy.site import find_bloggy
from mbclient.services.gnusocial.api import Api
from mbclient.services.gnusocial.login import GnuSocialPlugin
from mbclient.services.gnusocial.service import GnuSocial
from mbclient.services.kit import Kit
from mbclient.texts import _


class Bloggy(GnuSocial):
    """One account. Where the Twitter-like API is missing, home is one's own RSS and nothing but posting acts."""

    def __init__(self, account: Account, kit: Kit) -> None:
        api = Api(account, kit, find=find_bloggy)
        self._bloggy = BloggyReading(api)
        super().__init__(api, self._bloggy, BloggyPosting(api, self._bloggy))

    @property
    def capabilities(self) -> Capabilities:
        can = super().capabilities
        if self.api.known_site.root:
            return can
        return replace(
            can,
            reply=False,
            boost=False,
            like=False,
            delete=False,
            thread=False,
            notifications=False,
            feeds=("home",),
        )

    async def verify(self) -> Profile:
        """By RSS a nick is only known to exist: whether the password is right the first post tells."""
        if not await self._bloggy.plain():
            return await super().verify()
        feed, site = await self._bloggy.own_rss(), self.api.known_site
        nick = SafeText.line(self._bloggy.nick)
        return Profile(
            handle=SafeText.line(f"{nick}@{site.domain}"),
            name=feed.title or nick,
            text=SafeText(f"{feed.title}\n{feed.about}".strip()),
            remote_id=str(nick),
            url=f"{site.base}/{nick}",
        )

    async def delete(self, post: Post) -> None:
        await self._bloggy.need_api("delete")
        await super().delete(post)

    async def set_liked(self, post: Post, on: bool) -> Mine:
        await self._bloggy.need_api("like")
        return await super().set_liked(post, on)

    async def set_boosted(self, post: Post, on: bool) -> Mine:
        await self._bloggy.need_api("boost")
        return await super().set_boosted(post, on)


class BloggyPlugin(GnuSocialPlugin):
    """What the registry finds."""

    name = "bloggy"
    title = "Bloggy"

    @property
    def form(self) -> LoginForm:
        return LoginForm(url_required=True, handle_required=True, secret=_("Password"), rank=90)

    def _opened(self, account: Account, kit: Kit) -> GnuSocial:
        return Bloggy(account, kit)

    async def sign_in(self, request: SignIn, dialog: LoginDialog, kit: Kit) -> SignedIn:
        if not request.secret:
            raise UsageError(_("no password was given"), _("Bloggy knows no other way to sign in"))
        return await super().sign_in(request, dialog, kit)


PLUGIN = BloggyPlugin()
