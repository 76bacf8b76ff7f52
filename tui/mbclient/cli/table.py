"""Every command, in the order help lists them. Help, completions, the reading of a command line and tests use it."""

from __future__ import annotations

from mbclient.cli.spec import Argument, Command, Option
from mbclient.domain.account import Known
from mbclient.texts import N_

_ACCOUNTS = Option("--account", "NAME", N_("this account only; may be repeated"), many=True)
_LIMIT = Option("--limit", "N", N_("how many at most; 40 unless told"))
_YES_NO = (Known.YES.value, Known.NO.value)
_TEXT = Argument("TEXT", N_("the post's text; - or nothing: from standard input"), required=False)
_POST_ID = Argument("ID", N_("a post's id, as `mbclient timeline --json` gives it"))
_OUTBOX_ID = Argument("ID", N_("an outbox id, or an unambiguous beginning of it"))
_DRAFT_ID = Argument("ID", N_("a draft's id, or an unambiguous beginning of it"))
_PERIOD = Option("--period", "P", N_("a week such as 2026-W48, or a month such as 2026-11"))
_AT = Option("--at", "TIME", N_("such as 15:00, 2026-11-24 15:00 or 2026-11-24T14:00:00Z"))
_DRAFT = (
    Option("--account", "NAME", N_("post through this account; may be repeated"), many=True),
    Option("--reply-to", "ID", N_("answer this post")),
    Option("--quote", "ID", N_("quote this post")),
    Option("--cw", "TEXT", N_("a content warning, shown instead of the text")),
    Option("--visibility", "V", N_("who may see it"), choices=("public", "unlisted", "followers", "direct")),
    Option("--lang", "L", N_("the text's language, such as sv or en")),
    Option("--media", "FILE", N_("attach a file; may be repeated"), many=True),
    Option("--alt", "TEXT", N_("describes the file before it"), many=True),
    _AT,
    Option("--next-time", "", N_("at the next recommended time")),
    Option("--reason", "TEXT", N_("send in spite of a finding, where the policy lets you")),
    Option("--yes", "", N_("confirm reminders beforehand")),
    Option("--dry-run", "", N_("only say what the policy says")),
)

COMMANDS: tuple[Command, ...] = (
    Command(
        "account add",
        "accounts:add",
        N_("sign in to a service and keep the account"),
        "mbclient account add mastodon --url https://mastodon.example --name work",
        (
            Option("--name", "N", N_("your own short name for it; the service's name unless told")),
            Option("--url", "U", N_("the server's address")),
            Option("--handle", "H", N_("your name there")),
            Option("--pseudonymous", "", N_("this is my private, anonymous account")),
            Option("--secret-stdin", "", N_("read the password or token from standard input")),
        ),
        (Argument("SERVICE", N_("mastodon, bluesky, local, or another that is installed")),),
    ),
    Command("account list", "accounts:show", N_("the accounts and how they are"), "mbclient account list --json"),
    Command(
        "account check",
        "accounts:check",
        N_("read the own profile: does the account work, what does it show?"),
        "mbclient account check work",
        (),
        (Argument("NAME", N_("one account; all unless told"), required=False),),
    ),
    Command(
        "account remove",
        "accounts:remove",
        N_("forget an account and its secret; nothing is deleted at the service"),
        "mbclient account remove work",
        (),
        (Argument("NAME", N_("the account")),),
    ),
    Command(
        "account confirm",
        "accounts:confirm",
        N_("say what an account's profile shows of you"),
        "mbclient account confirm work --employer yes --real-name yes",
        (
            Option("--employer", "yes|no", N_("the profile shows where you work"), choices=_YES_NO),
            Option("--real-name", "yes|no", N_("the profile shows your name"), choices=_YES_NO),
        ),
        (Argument("NAME", N_("the account")),),
    ),
    Command(
        "timeline",
        "reading:timeline",
        N_("fetch what is new and print a view"),
        "mbclient timeline --view Work --limit 20",
        (
            Option("--view", "NAME", N_("a view's name or number; Work unless told")),
            _ACCOUNTS,
            _LIMIT,
            Option("--offline", "", N_("only what is kept here")),
        ),
    ),
    Command(
        "search",
        "reading:search",
        N_("search what was received, or the services"),
        'mbclient search --remote "release notes"',
        (Option("--remote", "", N_("ask the services instead of the archive")), _ACCOUNTS, _LIMIT),
        (Argument("QUERY", N_('words, "a phrase", word*'), many=True),),
    ),
    Command(
        "thread",
        "reading:thread",
        N_("the conversation around a post"),
        "mbclient thread work:109372843234",
        (),
        (_POST_ID,),
    ),
    Command(
        "post",
        "posting:post",
        N_("check a post against the policy and send it"),
        'mbclient post "Vi har släppt 2.0" --account work --next-time',
        _DRAFT,
        (_TEXT,),
    ),
    Command(
        "check",
        "posting:check",
        N_("what the policy says of a text; nothing is kept"),
        'mbclient check "Grattis Blåbet!" --at 11:40',
        tuple(option for option in _DRAFT if option.flag not in ("--yes", "--dry-run", "--reason")),
        (_TEXT,),
    ),
    Command("delete", "deeds:delete", N_("delete an own post"), "mbclient delete work:109372843234", (), (_POST_ID,)),
    Command("like", "deeds:like", N_("like a post"), "mbclient like work:109372843234", (), (_POST_ID,)),
    Command("unlike", "deeds:unlike", N_("take a like back"), "mbclient unlike work:109372843234", (), (_POST_ID,)),
    Command("boost", "deeds:boost", N_("boost a post"), "mbclient boost work:109372843234", (), (_POST_ID,)),
    Command("unboost", "deeds:unboost", N_("take a boost back"), "mbclient unboost work:109372843234", (), (_POST_ID,)),
    Command(
        "notifications",
        "reading:notifications",
        N_("fetch and print replies, mentions, likes, followers"),
        "mbclient notifications --limit 10",
        (_LIMIT,),
    ),
    Command("outbox list", "outbox:show", N_("what waits, failed, or went lately"), "mbclient outbox list --json"),
    Command(
        "outbox retry", "outbox:retry", N_("send a kept post again now"), "mbclient outbox retry 01J", (), (_OUTBOX_ID,)
    ),
    Command(
        "outbox cancel",
        "outbox:cancel",
        N_("take back what has not been sent"),
        "mbclient outbox cancel 01J",
        (),
        (_OUTBOX_ID,),
    ),
    Command("outbox flush", "outbox:flush", N_("send everything that is due"), "mbclient outbox flush"),
    Command("drafts list", "drafts:show_all", N_("the kept drafts"), "mbclient drafts list"),
    Command("drafts show", "drafts:show", N_("one kept draft, whole"), "mbclient drafts show 01J", (), (_DRAFT_ID,)),
    Command("drafts delete", "drafts:delete", N_("throw a draft away"), "mbclient drafts delete 01J", (), (_DRAFT_ID,)),
    Command(
        "meter",
        "meter:meter",
        N_("the policy meter on one line, for a prompt or a status bar"),
        'mbclient meter --format "{symbol} {count}/{limit} {next}"',
        (
            _AT,
            Option("--format", "TEXT", N_("with {count} {limit} {planned} {state} {next} {current} {mode} {symbol}")),
        ),
    ),
    Command("policy show", "policy:show", N_("the policy in force, and where it comes from"), "mbclient policy show"),
    Command(
        "policy explain",
        "policy:explain",
        N_("one rule: its words, its parameters, today's facts"),
        "mbclient policy explain P2-SLOT",
        (),
        (Argument("RULE", N_("1 to 5, P1 to P5, or a finding's id")),),
    ),
    Command(
        "policy log",
        "policy:log",
        N_("the decision log, which only you can read"),
        "mbclient policy log --json",
        (Option("--delete", "", N_("delete it all")),),
    ),
    Command(
        "policy test",
        "policy_files:test",
        N_("run scenarios through a policy before it is rolled out"),
        "mbclient policy test scenarios.jsonl",
        (),
        (Argument("FILE", N_("JSON Lines, one scenario a line; - : standard input")),),
    ),
    Command(
        "policy validate",
        "policy_files:validate",
        N_("is a policy file in order?"),
        "mbclient policy validate /etc/mbclient/policy.toml",
        (),
        (Argument("FILE", N_("a policy.toml")),),
    ),
    Command("machine show", "machine:show", N_("whose computer this is, and who says so"), "mbclient machine show"),
    Command(
        "machine declare",
        "machine:declare",
        N_("say whose computer this is"),
        "mbclient machine declare private",
        (),
        (Argument("OWNER", N_("work or private"), choices=("work", "private")),),
    ),
    Command(
        "stats",
        "stats:stats",
        N_("your own figures; the last 14 days unless told"),
        "mbclient stats --from 2026-11-01 --to 2026-11-30",
        (
            Option("--from", "DATE", N_("the first day")),
            Option("--to", "DATE", N_("the last day")),
            Option("--csv", "", N_("a table for a spreadsheet, a line a day")),
        ),
    ),
    Command(
        "report write",
        "report:write",
        N_("your own company report of a week or month, shown before it is written"),
        "mbclient report write --period 2026-W48 report.json",
        (_PERIOD,),
        (Argument("FILE", N_("where it goes")),),
    ),
    Command(
        "report merge",
        "report:merge_",
        N_("sums and medians of the reports of five people or more"),
        "mbclient report merge --rate 400 reports/*.json",
        (
            Option("--rate", "N", N_("what an hour costs, for an estimate")),
            Option("--database", "URL", N_("what the company's database tells, instead of files")),
            _PERIOD,
        ),
        (Argument("FILES", N_("files of `report write`, all of one period"), required=False, many=True),),
    ),
    Command(
        "report submit",
        "report:submit",
        N_("put your own company report into the company's database, shown before it goes"),
        "mbclient report submit --period 2026-W48",
        (_PERIOD,),
    ),
    Command(
        "export",
        "export:export",
        N_("own posts or a view as a feed for a web page, or as data"),
        "mbclient export --format atom --output ~/public_html/posts.atom",
        (
            Option(
                "--format",
                "FORM",
                N_("atom, jsonfeed, html, csv or jsonl"),
                choices=("atom", "jsonfeed", "html", "csv", "jsonl"),
            ),
            Option("--view", "N", N_("a view's name or number, instead of your own posts")),
            Option("--mine", "", N_("your own posts: so it is unless told")),
            Option("--output", "FILE", N_("into this file, whole or not at all; else to standard output")),
        ),
    ),
    Command(
        "filter test",
        "filters:test",
        N_("mark posts from standard input with the terms that match"),
        "mbclient timeline --view Home --json | mbclient filter test",
        (Option("--view", "N", N_("a view's name or number; Work unless told")),),
    ),
    Command("config show", "config:show", N_("the settings in force, and where each is set"), "mbclient config show"),
    Command("config path", "config:path", N_("where every file lies"), "mbclient config path --json"),
    Command(
        "config validate",
        "config:validate",
        N_("are the settings in order?"),
        "mbclient config validate ~/config.toml",
        (),
        (Argument("FILE", N_("a config.toml; your own unless told"), required=False),),
    ),
    Command("keys", "keys:keys", N_("every action of the terminal UI with its keys"), "mbclient keys --json"),
    Command("doctor", "doctor:doctor", N_("what works, what does not, what to do"), "mbclient doctor"),
    Command("themes", "themes:themes", N_("the themes there are"), "mbclient themes"),
    Command(
        "completions",
        "completions:completions",
        N_("completions for a shell"),
        "mbclient completions bash > ~/.local/share/bash-completion/completions/mbclient",
        (),
        (Argument("SHELL", N_("which shell"), choices=("bash", "zsh", "fish")),),
    ),
)

BY_NAME = {command.name: command for command in COMMANDS}
FIRST_WORDS = tuple(dict.fromkeys(command.name.partition(" ")[0] for command in COMMANDS))


def group(word: str) -> tuple[Command, ...]:
    """The commands whose first of two words this is: `account` has add, list, check, remove, confirm."""
    return tuple(command for command in COMMANDS if command.name.startswith(f"{word} "))
