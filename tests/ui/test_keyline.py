"""The last line of a screen: what can be done now, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from mbclient.core.desk import Desk
from mbclient.core.stores import SendState
from mbclient.ui.keyline import KeyLine
from tests.ui.running import MovableClock, Program, running


def offered(program: Program) -> set[str]:
    """The actions of the keys that stand there."""
    return {item.action for item in program.app.screen.query_one(KeyLine).shown}


async def test_without_a_post_nothing_is_offered_that_needs_one(own: Desk, clock: MovableClock) -> None:
    own.preferences = replace(own.preferences, undo_seconds=60)
    async with running(own, clock) as program:
        await program.until(lambda: "compose" in offered(program))
        assert not {"thread", "reply", "undo"} & offered(program)
        await program.press("u")
        assert program.says() == ["There is nothing to take back: everything has been sent."]

        own.composer.submit(replace(own.drafting.new(), text="openssl"), confirmed=True, undo_seconds=60)
        await program.until(lambda: "undo" in offered(program))
        assert not {"thread", "reply"} & offered(program)

        clock.jump_to(11, 45)
        await own.sender.flush()
        await program.until(lambda: program.rows(SendState.SENT) and program.texts() == ["openssl"])
        await program.until(lambda: {"thread", "reply"} <= offered(program))
        await program.until(lambda: "undo" not in offered(program))


def wanted(program: Program) -> list[tuple[str, str]]:
    """As the toolkit finds what can be done now, asking for every key of every part."""
    found: dict[str, str] = {}
    for key, (_node, binding, enabled, _tooltip) in program.app.screen.active_bindings.items():
        if enabled and key_line(program)._may_stand(binding) and key_line(program)._offers(binding.action):
            found.setdefault(binding.action, key)
    return list(found.items())


def key_line(program: Program) -> KeyLine:
    return program.app.screen.query_one(KeyLine)


async def test_it_has_what_the_toolkit_finds_that_can_be_done(own: Desk, clock: MovableClock) -> None:
    async with running(own, clock) as program:
        for keys in ((), ("c",), ("x",), ("escape",), ("slash",), ("escape",), ("shift+tab",)):
            await program.press(*keys)
            assert [(item.action, item.key) for item in key_line(program)._read()] == wanted(program), keys
