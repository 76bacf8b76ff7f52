"""Screens that lie on top of the main one; each is loaded when it is first asked for."""
