"""`mbclient keys`: the one table of commands and keys, as the user has bound them."""

from __future__ import annotations

from mbclient.cli.run import Run
from mbclient.core.keytable import DEFAULT_KEYS, Scope
from mbclient.texts import N_, _

_SCOPES = {
    Scope.ANYWHERE: N_("Everywhere"),
    Scope.READING: N_("Reading"),
    Scope.FIGURES: N_("Among the figures"),
    Scope.COMPOSER: N_("In the composer"),
}


def keys(run: Run) -> int:
    table = DEFAULT_KEYS.rebound(run.setup.config.preferences.keys)
    if run.out.json:
        for action in table:
            run.out.object(
                {
                    "schema": 1,
                    "action": action.id,
                    "keys": list(action.keys),
                    "scope": action.scope.value,
                    "text": action.label,
                    "description": action.description,
                }
            )
        return 0
    for number, (scope, title) in enumerate(_SCOPES.items()):
        if number:
            run.out.line()
        run.out.line(_(title), "bold")
        run.out.rows((f"{action.shown_keys:<14} {action.id}", action.description) for action in table.in_scope(scope))
    return 0
