"""Bluesky and other servers of the AT Protocol. Everything here rests on the Bluesky facts."""

from mbclient.services.bluesky.plugin import PLUGIN, BlueskyPlugin

__all__ = ["PLUGIN", "BlueskyPlugin"]
