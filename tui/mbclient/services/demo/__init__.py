"""Made-up services for `mbclient --demo`: several accounts, two weeks of posts, no network, nothing kept."""

from mbclient.services.demo.services import DemoServices

__all__ = ["DemoServices"]
