"""`mbclient meter`: the policy meter on one line, from the local ledger alone."""

from __future__ import annotations

from mbclient.cli import instants
from mbclient.cli.output import ascii_only
from mbclient.cli.run import Run
from mbclient.core.jsonform import meter_json
from mbclient.texts.meter import format_meter, meter_text


def meter(run: Run) -> int:
    desk, given = run.desk, run.given
    policy, now = desk.judge.policy, desk.clock.now()
    if given.has("--at"):
        now = instants.instant(given.text("--at"), policy, now)
    for fault in desk.judge.loaded.faults:  # the figures would else pass for those of the company's own rules
        run.out.note(fault)
    targets = desk.accounts.default_names()
    status = desk.judge.status(targets, now)
    local = now.astimezone().tzinfo
    if run.out.json:
        run.out.object(meter_json(status, meter_text(status, policy, targets, local_zone=local).text))
    elif given.has("--format"):
        run.out.line(format_meter(given.text("--format"), status, policy, targets, ascii=ascii_only()))
    else:
        words = meter_text(status, policy, targets, run.out.line_width, ascii=ascii_only(), local_zone=local)
        run.out.line(words.line)
    return 0
