"""The same isolated homes as the terminal UI's tests."""

from tests.ui.conftest import clock, demo, home, isolated, own

__all__ = ["clock", "demo", "home", "isolated", "own"]
