"""What services tell of besides replies, likes and their like, by the names that they have for it.

Mastodon: facts 3. Misskey: its notifications' types; a fork's own are added by its people, and stay as they are called.
"""

from __future__ import annotations

from mbclient.texts import N_, _

_OTHER = {
    "poll": N_("has a poll that is over"),
    "pollEnded": N_("has a poll that is over"),
    "status": N_("has posted"),
    "note": N_("has posted"),
    "update": N_("edited a post that you boosted"),
    "quoted_update": N_("edited a post that you quoted"),
    "follow_request": N_("wants to follow you"),
    "receiveFollowRequest": N_("wants to follow you"),
    "followRequestAccepted": N_("lets you follow"),
    "severed_relationships": N_("your server cut you off from people elsewhere"),
    "moderation_warning": N_("your server's moderators have warned you"),
    "scheduledNotePosted": N_("a post that the server kept for you is out"),
    "scheduledNotePostFailed": N_("a post that the server kept for you could not go out"),
}


def other_words(name: str) -> str:
    """For `NotificationKind.OTHER`: what has happened, in plain words; the service's own name where we have none."""
    known = _OTHER.get(name)
    if known is not None:
        return _(known)
    return name.replace("_", " ") or _("something else has happened")
