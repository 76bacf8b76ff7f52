"""The made-up world of the demo: people under .example, and what they say. Every name here is invented."""

from __future__ import annotations

from mbclient.domain.lazydataclass import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    handle: str
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """One post of the script. `reply`: it answers an earlier post of mine."""

    who: str
    text: str
    tags: tuple[str, ...] = ()
    cw: str = ""
    alt: str = ""
    reply: bool = False
    boosted_by: str = ""
    link: str = ""
    lang: str = "en"
    poll: tuple[str, ...] = ()


PEOPLE = {
    "mastodon": (
        Person("mira@harbour.example", "Mira Holm"),
        Person("tariq@harbour.example", "Tariq Aziz"),
        Person("ops@status.example", "Harbour Status"),
        Person("lena@kaffe.example", "Lena Kaffe"),
        Person("oskar@fjord.example", "Oskar Lind"),
        Person("ci-bot@forge.example", "Forge CI 🤖"),
    ),
    "bluesky": (
        Person("noor.sky.example", "Noor Haddad"),
        Person("bram.sky.example", "Bram de Wit"),
        Person("paper-crane.sky.example", "Paper Crane Press"),
        Person("yuki.sky.example", "ゆき (Yuki)"),
    ),
    "misskey": (Person("fox@den.example", "Fox of the Den 🦊"), Person("ada@den.example", "Ada L.")),
}

LINES = {
    "mastodon": (
        Line("mira@harbour.example", "OpenSSL point release is out: two moderate fixes, no API change. Our images are rebuilt and rolling now. #openssl #infosec", ("openssl", "infosec"), link="https://releases.example/openssl"),
        Line("lena@kaffe.example", "Dagens kaffe: en etiopisk naturlig som smakar blåbär och söndag. ☕", lang="sv"),
        Line("tariq@harbour.example", "Release notes for 4.2 are ready for review. If your team changed a default, please read section 3 twice.", ("release",), link="https://wiki.example/4.2"),
        Line("ops@status.example", "Resolved: elevated latency on the message queue, 09:12–09:31. Cause: one full disk. Post-mortem tomorrow."),
        Line("oskar@fjord.example", "Vi söker en testare som gillar att ha fel i god tid. Kontor vid vattnet, hund tillåten. #jobb", ("jobb",), lang="sv"),
        Line("ci-bot@forge.example", "main is green again after 3 h 12 min. 1 482 passed, 0 failed."),
        Line("mira@harbour.example", "@anna the certificate for the intranet expires in nine days; I put it on the board.", reply=True),
        Line("lena@kaffe.example", "Season finale thoughts. I was NOT ready.", cw="tv spoilers"),
        Line("tariq@harbour.example", "A small thing that helped: we write the rollback before the release. #release #ops", ("release", "ops"), boosted_by="oskar@fjord.example"),
        Line("oskar@fjord.example", "Whiteboard från dagens genomgång av kundflödet.", alt="Whiteboard: three boxes labelled order, pay, ship; a red arrow from pay back to order", lang="sv"),
        Line("ops@status.example", "Planned maintenance Thursday 22:00–22:30: database failover test. No action needed."),
        Line("mira@harbour.example", "Giveaway! Share this to win absolutely nothing, but feel the wind. #giveaway", ("giveaway",)),
        Line("tariq@harbour.example", "Phishing drill result: 4 % clicked, 61 % reported. Reporting is the number that matters. #infosec", ("infosec",)),
        Line("lena@kaffe.example", "Katten har upptäckt tangentbordet. Allt är nu iiiiiiiiiii.", lang="sv"),
    ),
    "bluesky": (
        Line("noor.sky.example", "Reading the new CVE for a popular archive tool: path traversal, again. Update before lunch, not after. #cve", ("cve",), link="https://advisories.example/2026-114"),
        Line("bram.sky.example", "Train is late, so I finally cleaned my bookmarks. Both of them."),
        Line("paper-crane.sky.example", "New issue: how a port authority moved forty systems without a freeze week.", link="https://papercrane.example/ports"),
        Line("yuki.sky.example", "仕事のメモは短く、日付をつけて。 Short notes, with a date. That is the whole method.", lang="ja"),
        Line("noor.sky.example", "Patch Tuesday in numbers: 71 fixes, 3 already used in the wild. #infosec", ("infosec",)),
        Line("bram.sky.example", "Hot take: the best dashboard is an email that says nothing happened.", boosted_by="noor.sky.example"),
        Line("paper-crane.sky.example", "We are looking for stories about release notes that people actually read.", ("release",)),
        Line("yuki.sky.example", "Saw a heron on the way to work 🐦", alt="A grey heron on a mooring post in morning light"),
    ),
    "misskey": (
        Line("fox@den.example", "federation tip: clock skew breaks signatures long before it breaks your calendar #ops", ("ops",)),
        Line("ada@den.example", "lunch poll: soup or soup?", poll=("soup", "soup, but louder", "a sandwich, quietly")),
        Line("fox@den.example", "wrote down how we test openssl upgrades on a fleet of eleven very different boxes", ("openssl",), link="https://den.example/notes/ossl"),
        Line("ada@den.example", "my plant leans towards the monitor. me too"),
    ),
}  # fmt: skip

OWN = (
    "Morning! Today: certificate rotation and two interviews. – Anna Ek, Harbour & Sons",
    "Wrote up how we read release notes as a team: one reader, five lines, before coffee. – Anna Ek, Harbour & Sons",
    "Tack för alla svar om lösenordshanterare, sammanställning på fredag. – Anna Ek, Harbour & Sons",
    "The failover test went fine; the only thing that fell over was my tea. – Anna Ek, Harbour & Sons",
)
