"""What the composer says under the text: a counter a target, the identity, the verdict, its fixes with their keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from mbclient.domain.lazydataclass import dataclass
from mbclient.policy.model import Finding, Level, Mode, Policy
from mbclient.texts import _, ngettext
from mbclient.texts.findings import computer_text, finding_text, fix_text, level_word, mode_word
from mbclient.texts.money import dollars
from mbclient.ui.draftwords import MODE_SIGNS
from mbclient.ui.hanging import Hanging
from mbclient.ui.wrap import NO_BREAK

if TYPE_CHECKING:
    from mbclient.core.compose import Check

SIGNS = {Level.ALLOW: "✓", Level.NUDGE: "!", Level.REQUIRE_DISCLOSURE: "‼", Level.BLOCK: "■"}
COLOURS = {
    Level.ALLOW: "bold $success",
    Level.NUDGE: "bold $warning",
    Level.REQUIRE_DISCLOSURE: "bold $warning",
    Level.BLOCK: "bold $error",
}
_FOR_WHAT_STOPS = ("choose-identified-account", "not-a-competitor")


@dataclass(frozen=True, slots=True)
class Offer:
    """A fix that one key applies: its id, the account it concerns (for `drop-target`), its words."""

    fix: str
    account: str
    words: str


class VerdictView(Widget):
    """Painted, never a widget a finding: it changes at every pause in typing."""

    DEFAULT_CSS = """
    VerdictView { height: auto; width: 1fr; padding: 0 1; background: $background; }
    """
    ALLOW_SELECT = False

    def __init__(self, fix_keys: Sequence[str]) -> None:
        super().__init__(id="verdict")
        self._fix_keys = tuple(fix_keys)
        self._content = Hanging(Content(""), 0)
        self.offers: tuple[Offer, ...] = ()

    def show(
        self,
        check: Check,
        policy: Policy,
        now: datetime,
        *,
        machine: str,
        hint: str = "",
        offered: Callable[[str], bool],
        missing: Callable[[str], Mapping[str, int]] = lambda _fix: {},
    ) -> None:
        """`machine`: who says whose computer this is. `hint`: what the last press of a key led to. `offered`: whether a
        fix can be applied now; `missing`: how many characters an account lacks for it.

        The keys stand above the findings: on a small screen these may be longer than there is room for.
        """
        self.offers = _offers(check.verdict.findings, offered)[: len(self._fix_keys)]
        pieces: list[tuple[str, str]] = [*_counters(check), ("\n", "")]
        if hint:
            pieces += [(hint, "bold $accent"), ("\n", "")]
        pieces += _level(check)
        if self.offers:
            pieces.append(("\n", ""))
        for key, offer in zip(self._fix_keys, self.offers, strict=False):
            # no break between a key and its words
            whole = [(f" {key} ", "reverse"), (f" {offer.words}", "")]
            pieces += [*((words.replace(" ", NO_BREAK), style) for words, style in whole), ("  ", "")]
        pieces += _findings(check, policy, now, machine)
        pieces += _misfits(check.verdict.findings, missing)
        self._content = Hanging(Content.assemble(*pieces), 0)
        self.refresh(layout=True)

    def render(self) -> Hanging:
        return self._content


def _counters(check: Check) -> list[tuple[str, str]]:
    pieces: list[tuple[str, str]] = []
    for name, length in check.lengths.items():
        mode = check.verdict.modes.get(name)
        sign, colour = MODE_SIGNS[mode] if mode is not None else ("·", "")
        style = "bold $error" if length.over else "$warning" if length.used * 10 > length.limit * 9 else "$text-muted"
        mark = " ‼" if length.over else ""
        pieces += [
            (f"{sign} ", colour),
            (f"{name} ", "bold"),
            (f"{length.used}/{length.limit}{mark}", style),
            (f" ×{len(check.threads[name])}" if name in check.threads else "", "bold"),
            (f" {dollars(length.price)}" if length.price else "", "$text-muted"),
            ("  ", ""),
        ]
    return pieces or [(_("no account is chosen"), "$warning")]


def _level(check: Check) -> list[tuple[str, str]]:
    level = check.verdict.level
    pieces = [(f"{SIGNS[level]} {level_word(level)}", COLOURS[level])]
    if set(check.verdict.modes.values()) == {Mode.ANONYMOUS_ALLOWED}:
        pieces.append((f" · {mode_word(Mode.ANONYMOUS_ALLOWED)}", "$primary"))
    return pieces


def _findings(check: Check, policy: Policy, now: datetime, machine: str) -> list[tuple[str, str]]:
    pieces: list[tuple[str, str]] = []
    targets = set(check.verdict.modes)
    for finding in check.verdict.findings:
        pieces += [("\n", ""), (f"{SIGNS[finding.level]} ", COLOURS[finding.level])]
        if set(finding.accounts) < targets:  # of several targets it concerns these
            pieces.append((f"{', '.join(finding.accounts)}: ", "bold"))
        pieces.append((finding_text(finding, policy, now), ""))
        if words := computer_text(finding, machine):
            pieces.append((f"\n  {words}", "$text-muted"))
    return pieces


def _misfits(findings: Sequence[Finding], missing: Callable[[str], Mapping[str, int]]) -> list[tuple[str, str]]:
    """Fixes that would be offered if they fitted (policy facts 6, P4)."""
    pieces: list[tuple[str, str]] = []
    for fix in dict.fromkeys(fix for finding in findings for fix in finding.fixes):
        for account, number in missing(fix).items():
            words = ngettext(
                "{fix}: does not fit, {n} character is missing on {account}",
                "{fix}: does not fit, {n} characters are missing on {account}",
                number,
            )
            pieces += [("\n", ""), (words.format(fix=fix_text(fix), n=number, account=account), "$text-muted")]
    return pieces


def _offers(findings: Sequence[Finding], offered: Callable[[str], bool]) -> tuple[Offer, ...]:
    """Every fix once, in the findings' order; `drop-target` names the account it removes."""
    found: dict[tuple[str, str], Offer] = {}
    for finding in findings:
        for fix in finding.fixes:
            if finding.level <= Level.NUDGE and fix in _FOR_WHAT_STOPS:
                continue  # a reminder needs neither another account nor a reason: it can be sent as it is
            accounts = finding.accounts if fix == "drop-target" else ("",)
            for account in accounts:
                if offered(fix):
                    words = f"{fix_text(fix)} ({account})" if account else fix_text(fix)
                    found.setdefault((fix, account), Offer(fix, account, words))
    return tuple(found.values())
