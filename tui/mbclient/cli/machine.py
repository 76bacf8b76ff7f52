"""machine show and declare: whose computer this is (policy facts 3.3)."""

from __future__ import annotations

from mbclient.cli.run import Run
from mbclient.policy.model import Machine
from mbclient.texts import _
from mbclient.texts.findings import machine_source, machine_word


def show(run: Run) -> int:
    found = run.desk.world.machine.current()
    if run.out.json:
        run.out.object({"schema": 1, "machine": found.machine.value, "source": found.source})
        return 0
    run.out.text(f"{machine_word(found.machine)}: {machine_source(found.source)}")
    if found.machine is Machine.UNDECLARED:
        run.out.text(_("say whose it is with `mbclient machine declare work` or `private`"))
    return 0


def declare(run: Run) -> int:
    """The user's own word, kept for this computer alone and noted in the decision log."""
    machine = Machine(run.given.word("OWNER"))
    run.desk.world.machine.declare(machine)
    run.desk.judge.record_fact("machine", machine.value)
    return show(run)
