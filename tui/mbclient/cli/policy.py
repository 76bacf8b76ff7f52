"""policy show, explain, log: the policy in force, one rule with today's facts, and the decision log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mbclient.cli.run import Run
from mbclient.core.figuretables import OUTCOMES
from mbclient.core.jsonform import Json
from mbclient.core.preferences import LoadedPolicy
from mbclient.domain.safetext import SafeText
from mbclient.policy.model import Level
from mbclient.policy.table import policy_table
from mbclient.texts import _, times
from mbclient.texts.explain import Row
from mbclient.texts.explain import explain as explained
from mbclient.texts.findings import level_word, rule_text

RULES = (1, 2, 3, 4, 5)


def show(run: Run) -> int:
    """The rules with their parameters, the files they come from, and what the company has fixed."""
    desk = run.desk
    loaded, status = desk.judge.loaded, desk.judge.status()
    if run.out.json:
        run.out.object(
            {
                "schema": 1,
                "digest": loaded.digest,
                "sources": list(loaded.sources),
                "locked": sorted(loaded.locked),
                "notices": list(loaded.notices),
                "policy": policy_table(loaded.policy),
            }
        )
        return 0
    for number in RULES:
        rule = explained(str(number), loaded.policy, status)
        run.out.text(f"{number}. {rule.name}", style="bold")
        run.out.text(rule_text(number, loaded.policy), indent=3)
        _rows(run, rule.parameters, loaded)
    sources = ", ".join(loaded.sources) or _("the built-in rules and your own settings")
    run.out.text(_("Read from: {sources}").format(sources=sources))
    if loaded.locked:
        run.out.text(_("Fixed by the company: {keys}").format(keys=", ".join(sorted(loaded.locked))))
    return 0


def _rows(run: Run, rows: Sequence[Row], loaded: LoadedPolicy | None = None) -> None:
    fixed = loaded.locked if loaded else frozenset()
    run.out.rows(
        [(row.label, f"{row.value} ({_('fixed')})" if row.key in fixed else row.value) for row in rows], indent=3
    )


def explain(run: Run) -> int:
    """A rule in its words, when it speaks, its parameters, today's facts."""
    desk = run.desk
    policy, now = desk.judge.policy, desk.clock.now()
    names = [account.name for account in desk.accounts.all()]
    accounts = desk.judge.account_facts(now)
    found = explained(run.given.word("RULE"), policy, desk.judge.status(names, now), accounts)
    if run.out.json:
        run.out.object(
            {
                "schema": 1,
                "id": found.id,
                "name": found.name,
                "text": found.text,
                "decides": [{"id": finding, "text": text} for finding, text in found.decides],
                "parameters": [_row_json(row) for row in found.parameters],
                "facts": [_row_json(row) for row in found.facts],
            }
        )
        return 0
    run.out.text(f"{found.id} · {found.name}", style="bold")
    run.out.text(found.text)
    for finding, text in found.decides:
        run.out.text(f"{finding}: {text}", indent=2)
    for title, rows in ((_("Parameters"), found.parameters), (_("Today"), found.facts)):
        if rows:
            run.out.text(title, style="bold")
            _rows(run, rows)
    return 0


def _row_json(row: Row) -> Json:
    return {"key": row.key, "label": row.label, "value": row.value}


def log(run: Run) -> int:
    """The decision log, oldest first, as it is kept; `--delete` empties it."""
    kept = run.desk.world.stores.log
    if run.given.has("--delete"):
        number = kept.delete()
        if run.out.json:
            run.out.object({"schema": 1, "deleted": number})
        else:
            run.out.text(_("{n} entries deleted").format(n=number))
        return 0
    entries = kept.entries()
    for entry in entries:
        if run.out.json:
            run.out.object(entry)
        else:
            run.out.line(_entry_words(run, entry))
    if not entries and not run.out.json:
        run.out.text(_("the decision log is empty"))
    return 0


def _entry_words(run: Run, entry: object) -> SafeText:
    """For people: the policy's own time, and words where `--json` has names."""
    assert isinstance(entry, dict)
    desk = run.desk
    at = times.whole(datetime.fromisoformat(entry["ts"]), desk.clock.now(), desk.judge.policy.zone)
    if "fact" in entry:
        return SafeText.line(f"{at} · {entry['fact']}: {entry['value']}")
    level = level_word(Level[str(entry["level"]).upper()])
    outcome = OUTCOMES.get(entry["outcome"])
    findings = [finding["id"] for finding in entry["findings"]]
    parts = [at, level, _(outcome) if outcome else entry["outcome"], " ".join(entry["accounts"]), *findings]
    return SafeText.line(" · ".join(parts))
