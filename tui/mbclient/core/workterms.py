"""Reading work terms for the user: what is wrong with one is said in the user's language."""

from __future__ import annotations

from collections.abc import Iterable

from mbclient.domain.errors import UsageError
from mbclient.domain.terms import Fault, TermError, Terms, compile_terms
from mbclient.texts import N_, _

FAULTS = {
    Fault.CONTROL: N_("holds a control character"),
    Fault.LONG: N_("is longer than 200 characters"),
    Fault.EMPTY: N_("is empty"),
    Fault.MENTION: N_("has no handle after the @; write @name or @name@host"),
    Fault.STAR_INSIDE: N_("has a * inside; it can only end a word"),
    Fault.TAG: N_("has no tag after the #; write #tag, of letters, digits and _"),
    Fault.STAR_ALONE: N_("has nothing before its *; write at least one letter"),
    Fault.QUOTE: N_('has a " without its other one'),
    Fault.EMPTY_PHRASE: N_("has nothing between its quotation marks"),
    Fault.FROM: N_("has no handle after from:; write from:name or from:name@host"),
    Fault.DOMAIN: N_("has no host after domain:; write the host alone, as in domain:example.org"),
    Fault.LANG: N_("has no language after lang:; write its short name, as in lang:sv"),
}


def read_terms(terms: Iterable[str], exclude: Iterable[str] = ()) -> Terms:
    """As `compile_terms`; its error is one line that names the term. Raises `UsageError`."""
    try:
        return compile_terms(terms, exclude)
    except TermError as error:
        problem = _("the term {term!r} {fault}").format(term=error.term, fault=_(FAULTS[error.fault]))
        raise UsageError(problem) from None
