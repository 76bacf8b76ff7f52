"""Nostr: one key, any number of relays, none of them trusted. Everything here rests on the Nostr facts."""

from mbclient.services.nostr.plugin import PLUGIN, NostrPlugin

__all__ = ["PLUGIN", "NostrPlugin"]
