"""What a fetched profile shows of its owner (policy facts 3.4): held against what the user has confirmed."""

from __future__ import annotations

from mbclient.policy.cleaning import clean, fold, read
from mbclient.policy.model import Policy
from mbclient.policy.names import book


def profile_shows(policy: Policy, *, name: str, text: str, handle: str) -> tuple[bool | None, bool | None]:
    """Whether display name, biography and fields show (the employer, the person).

    None for what the policy does not name: then the user's confirmation stands alone. A handle under one of the
    employer's domains shows the employer, as holding it proves the domain.
    """
    return _shows_employer(policy, f"{name}\n{text}", handle), _shows_person(policy, f"{name}\n{text}")


def _shows_employer(policy: Policy, profile: str, handle: str) -> bool | None:
    employer = policy.employer
    if not employer.name and not employer.aliases:
        return None
    host = handle.rpartition("@")[2].casefold()
    domains = tuple(domain.casefold() for domain in employer.domains)
    if any(host == domain or host.endswith(f".{domain}") for domain in domains):
        return True
    return bool(book(employer, ()).employer.find(read(profile)))


def _shows_person(policy: Policy, profile: str) -> bool | None:
    if not policy.person_name:
        return None
    wanted, shown = (f" {' '.join(_words(text))} " for text in (policy.person_name, profile))
    return wanted in shown


def _words(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in fold(clean(text))).split()
