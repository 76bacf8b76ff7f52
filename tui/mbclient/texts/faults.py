"""What is wrong with a policy or a scenario, in the language in use."""

from __future__ import annotations

from mbclient.policy.values import NEAREST, Problem
from mbclient.texts import _
from mbclient.texts.outside import told


def fault_text(problem: Problem) -> str:
    """What is wrong, after its key; without the nearest known key. A value named `reason` is a library's sentence."""
    values = {name: told(str(value)) if name == "reason" else value for name, value in problem.values}
    said = _(problem.template).format(**values)
    return f"{problem.key}: {said}" if problem.path else said


def problem_text(problem: Problem) -> str:
    """As `str(problem)`, all of it in one sentence."""
    said = fault_text(problem)
    return _(NEAREST).format(problem=said, key=problem.advice) if problem.advice else said
