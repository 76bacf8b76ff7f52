"""post and check: the same draft, judged by the same policy, sent or only looked at."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from mbclient.cli import instants
from mbclient.cli.ask import can_ask, confirm, interruptible
from mbclient.cli.outbox import send_now, show_sent
from mbclient.cli.run import Run
from mbclient.cli.spec import Given, shown
from mbclient.core.compose import Check, StoppedError
from mbclient.core.jsonform import check_json
from mbclient.core.stores import OutboxRow
from mbclient.domain.draft import Attachment, Draft, Kind
from mbclient.domain.errors import UsageError
from mbclient.domain.post import Visibility
from mbclient.domain.safetext import SafeText, holds_none_of_a_text, own_text
from mbclient.policy.model import Finding
from mbclient.texts import _
from mbclient.texts.findings import computer_text, finding_text, fix_text, level_word, mode_word
from mbclient.texts.money import dollars
from mbclient.texts.times import when

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}\Z")  # the shape of BCP 47
MAX_TEXT = 1_000_000  # bytes of standard input: far more than any service takes


async def post(run: Run) -> int:
    """Checks, keeps in the outbox, sends. Raises `StoppedError` where the policy or an unanswered nudge stops it."""
    draft = await _draft(run, to_send=True)
    if run.given.has("--dry-run"):
        return _show_check(run, draft, run.desk.clock.now())
    rows = _submit(run, draft)
    if draft.due is None:
        rows = await send_now(run, rows[0].outbox)
    return show_sent(run, rows)


async def check(run: Run) -> int:
    """0 at allow and nudge, 3 at require_disclosure and block."""
    draft, now = await _draft(run, to_send=False), run.desk.clock.now()
    if draft.due is None or draft.due >= now:
        return _show_check(run, draft, now)
    return _show_check(run, replace(draft, due=None), draft.due)  # a time that has passed: as it would have been then


# ------------------------------------------------------------ the draft


async def _draft(run: Run, *, to_send: bool) -> Draft:
    desk, given = run.desk, run.given
    raw = _text(given)
    text = own_text(raw)
    if holds_none_of_a_text(raw):
        run.out.note(_("control characters in the text were replaced"))
    draft = await _begin(run, text)
    accounts = tuple(dict.fromkeys(given.texts("--account")))
    for name in accounts:
        desk.accounts.get(name)
    draft = replace(
        draft,
        accounts=accounts or draft.accounts,
        visibility=Visibility(given.text("--visibility", draft.visibility.value)),
        cw=own_text(given.text("--cw", draft.cw)),
        lang=_language(given, draft.lang),
        media=_media(given),
        due=_due(run, to_send),
    )
    if not SafeText.line(draft.text) and not draft.media:
        raise UsageError(_("there is no text"), _('give it as an argument, as in mbclient post "Hej", or by a pipe'))
    return draft


def _language(given: Given, kept: str) -> str:
    tag = given.text("--lang", kept)
    if given.text("--lang") and not _LANGUAGE_TAG.match(tag):
        raise UsageError(_("{tag} is no language").format(tag=shown(tag)), _("write it as sv, en or pt-BR"))
    return tag


def _text(given: Given) -> str:
    word = given.word("TEXT", "-")
    if word != "-":
        return word
    if given.texts("--media") and not given.words.get("TEXT"):
        return ""
    if sys.stdin.isatty() and not given.words.get("TEXT"):
        raise UsageError(_("there is no text"), _('give it as an argument, as in mbclient post "Hej", or by a pipe'))
    with interruptible():
        raw = _read_input()
    if len(raw) > MAX_TEXT:
        raise UsageError(_("the text is too long"), _("make it shorter"))
    try:
        return raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise UsageError(_("standard input is not UTF-8 text"), _("convert it first")) from None


def _read_input() -> bytes:
    limit = MAX_TEXT + 1
    return sys.stdin.buffer.read(limit) if hasattr(sys.stdin, "buffer") else sys.stdin.read(limit).encode()


async def _begin(run: Run, text: str) -> Draft:
    """A new post, or a reply or quote with what comes of the other post."""
    desk, given = run.desk, run.given
    answered, quoted = given.text("--reply-to"), given.text("--quote")
    if answered and quoted:
        raise UsageError(_("a post either replies or quotes"), _("leave out --reply-to or --quote"))
    if quoted:
        return replace(desk.drafting.quote(await desk.reading.find(quoted)), text=text)
    if not answered:
        return replace(desk.drafting.new(), text=text)
    draft = desk.drafting.reply(await desk.reading.find(answered))
    said = text.casefold()
    names = [name for name in draft.text.split() if name.casefold() not in said]
    return replace(draft, text=" ".join([*names, text]))


def _due(run: Run, to_send: bool) -> datetime | None:
    desk, given = run.desk, run.given
    now = desk.clock.now()
    at = given.text("--at")
    if given.has("--next-time"):
        if at:
            raise UsageError(_("--at and --next-time are two times"), _("leave one of them out"))
        slot = desk.fixes.when("schedule-next-slot", now)
        if slot is None:
            raise UsageError(_("there is no recommended time within a year"), _("give a time with --at"))
        return slot
    if not at:
        return None
    return (instants.future if to_send else instants.instant)(at, desk.judge.policy, now)


def _media(given: Given) -> tuple[Attachment, ...]:
    """Each file with the description that follows it."""
    found: list[Attachment] = []
    for flag, value in given.options:
        if flag == "--media":
            path = Path(value).expanduser().absolute()
            if not path.is_file():
                raise UsageError(_("there is no file {path}").format(path=shown(value)), _("check the path"))
            found.append(Attachment(str(path)))
        elif flag == "--alt":
            if not found or found[-1].alt:
                raise UsageError(_("--alt describes the file before it"), _("write --media FILE --alt TEXT"))
            found[-1] = replace(found[-1], alt=value)
    return tuple(found)


# ------------------------------------------------------------ the way out


def _submit(run: Run, draft: Draft) -> Sequence[OutboxRow]:
    composer, given = run.desk.composer, run.given
    reason, confirmed = given.text("--reason"), given.has("--yes")
    try:
        return composer.submit(draft, confirmed=confirmed, reason=reason)
    except StoppedError as stopped:
        if not stopped.unconfirmed or not can_ask() or not _asked(run, stopped):
            raise _kept(stopped) from None
        return composer.submit(draft, confirmed=True, reason=reason, draft_id=stopped.draft_id)


def _asked(run: Run, stopped: StoppedError) -> bool:
    for finding in stopped.verdict.findings:
        run.out.note(_message(run, finding))
    return confirm(_("Send anyway?"))


def _kept(stopped: StoppedError) -> StoppedError:
    """The same, saying where the words are and what to type."""
    advice = _("send it anyway with --yes") if stopped.unconfirmed else stopped.advice
    kept = _("the draft is kept: {id}").format(id=stopped.draft_id)
    return StoppedError(stopped.verdict, stopped.draft_id, stopped.problem, f"{advice}; {kept}")


# ------------------------------------------------------------ the verdict


def _show_check(run: Run, draft: Draft, now: datetime) -> int:
    found = run.desk.composer.check(draft, now)
    for problem in found.problems:
        run.out.note(problem)
    if run.out.json:
        run.out.object(check_json(found, run.desk.judge.policy, run.desk.clock.now()))
    else:
        _show_words(run, draft, found)
    return 3 if found.verdict.stops else 0


def _show_words(run: Run, draft: Draft, found: Check) -> None:
    out, verdict = run.out, found.verdict
    out.text(level_word(verdict.level), style=("green", "yellow", "red", "red")[verdict.level])
    for finding in verdict.findings:
        out.text(f"{finding.id} · {level_word(finding.level)} · {', '.join(finding.accounts)}", style="bold")
        out.text(_message(run, finding), indent=2)
        if computer := computer_text(finding, run.desk.world.machine.current().source):
            out.text(computer, indent=2)
        for fix in finding.fixes:
            out.text(f"- {fix_text(fix)}", indent=2)
    for name, length in found.lengths.items():
        mode = verdict.modes.get(name)
        words = [f"{length.used}/{length.limit}", *([mode_word(mode)] if mode else [])]
        words += [dollars(length.price)] if length.price else []
        out.text(f"{name}: {' · '.join(words)}")
    if draft.due is not None:
        zone = run.desk.judge.policy.zone
        out.text(_("to be sent {time}").format(time=when(draft.due, run.desk.clock.now(), zone)))
    if draft.kind is Kind.REPLY:
        out.text(_("as a reply to {id}").format(id=draft.reply_to))


def _message(run: Run, finding: Finding) -> str:
    return finding_text(finding, run.desk.judge.policy, run.desk.clock.now())
