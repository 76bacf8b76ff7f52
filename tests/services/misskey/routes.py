"""What the endpoints of the tests' own Misskey do (facts/misskey.md 3, 4, 5, 12)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.services.misskey.server import ALL_PERMISSIONS, MisskeyServer, Refusal
from tests.services.misskey.shapes import Note, Person, bound, iso, policies, shown
from tests.services.wire import Reply, Request

KINDS = {
    "i": "read:account",
    "notes/timeline": "read:account",
    "notes/state": "read:account",
    "notes/create": "write:notes",
    "notes/edit": "write:notes",
    "notes/delete": "write:notes",
    "notes/reactions/create": "write:reactions",
    "notes/reactions/delete": "write:reactions",
    "notes/favorites/create": "write:favorites",
    "notes/favorites/delete": "write:favorites",
    "i/notifications": "read:notifications",
    "drive/files/create": "write:drive",
    "notes/polls/vote": "write:votes",
}
WIDTHS = ("public", "home", "followers", "specified")
Body = dict[str, Any]


class Routes:
    """One request of one person."""

    def __init__(self, server: MisskeyServer, me: Person | None, permissions: str) -> None:
        self._server = server
        self._anybody = me
        self._permissions = permissions

    @property
    def _me(self) -> Person:
        if self._anybody is None:
            raise Refusal("CREDENTIAL_REQUIRED", 401)
        return self._anybody

    def answer(self, endpoint: str, body: Body, request: Request) -> Reply:
        if endpoint.startswith("miauth/") and endpoint.endswith("/check"):
            return self._check(endpoint.split("/")[1])
        routes: dict[str, Callable[[Body], object]] = {
            "meta": lambda b: self._server.meta,
            "i": lambda b: self._me.whole() | {"policies": policies(self._me)},
            "users/show": self._user,
            "users/notes": self._own,
            "notes/timeline": self._home,
            "notes/local-timeline": self._local,
            "notes/user-list-timeline": lambda b: self._page(b, lambda n: n.user.username == b["listId"]),
            "notes/search-by-tag": lambda b: self._page(b, lambda n: f"#{b['tag']}" in (n.text or "")),
            "notes/search": self._search,
            "notes/show": lambda b: self._shown(self._one(b["noteId"])),
            "notes/state": lambda b: {"isFavorited": self._me.id in self._one(b["noteId"]).favourites},
            "notes/conversation": self._conversation,
            "notes/children": self._children,
            "notes/create": lambda b: self._create(b, request),
            "notes/delete": self._delete,
            "notes/unrenote": self._unrenote,
            "notes/reactions/create": self._react,
            "notes/reactions/delete": self._unreact,
            "notes/polls/vote": self._vote,
            "notes/favorites/create": lambda b: self._favourite(b, True),
            "notes/favorites/delete": lambda b: self._favourite(b, False),
            "i/notifications": self._notifications,
            "drive/files/create": lambda b: self._upload(request),
        }
        if self._server.behaviour.edit:
            routes["notes/edit"] = self._edit
        if endpoint not in routes:
            raise Refusal("UNKNOWN_API_ENDPOINT", 404)
        if endpoint in KINDS:
            self._check_allowed(KINDS[endpoint])
        found = routes[endpoint](body)
        if isinstance(found, Reply):
            return found
        return Reply(204) if found is None else Reply(200, found)

    def _check_allowed(self, kind: str) -> None:
        self._me  # noqa: B018  # refuses who is nobody
        if self._permissions != ALL_PERMISSIONS and kind not in self._permissions.split(","):
            raise Refusal("PERMISSION_DENIED", 403)

    def _check(self, session: str) -> Reply:
        """The token is handed out once."""
        token = self._server.sessions.pop(session, "")
        if not token:
            return Reply(200, {"ok": False})
        return Reply(200, {"ok": True, "token": token, "user": self._server.tokens[token][0].whole()})

    # ------------------------------------------------------------ reading

    def _shown(self, note: Note) -> Body:
        return shown(note, self._server.notes.values(), self._anybody)

    def _sees(self, note: Note) -> bool:
        me = self._anybody
        if note.visibility in ("public", "home") or (me and note.user is me):
            return True
        if me is None:
            return False
        if note.visibility == "followers":
            return note.user.username in me.follows or bool(note.reply and note.reply.user is me)
        return me.id in note.seen_by or bool(note.reply and note.reply.user is me)

    def _page(self, body: Body, wanted: Callable[[Note], bool]) -> list[object]:
        notes = [note for note in self._server.notes.values() if wanted(note) and self._sees(note)]
        found = self._cut(body, notes, lambda note: note.id)
        return [*(self._shown(note) for note in found)]

    def _cut(self, body: Body, items: Iterable[Any], id_of: Callable[[Any], str]) -> list[Any]:
        """`sinceId` alone runs upward from its bound; before 2024.5 the newest came first."""
        limit = body.get("limit", 10)
        if not isinstance(limit, int) or not 1 <= limit <= 100:
            raise Refusal("INVALID_PARAM", info={"param": "#/properties/limit/maximum"})
        since = body.get("sinceId") or (bound(body["sinceDate"]) if "sinceDate" in body else "")
        until = body.get("untilId") or (bound(body["untilDate"]) if "untilDate" in body else "")
        upward = bool(since) and not until and not self._server.behaviour.descending
        chosen = [each for each in items if id_of(each) > since and (not until or id_of(each) < until)]
        return sorted(chosen, key=id_of, reverse=not upward)[:limit]

    def _home(self, body: Body) -> list[object]:
        me = self._me
        seen = {me.username, *me.follows}
        return [*self._server.nonsense, *self._page(body, lambda n: n.user.username in seen)]

    def _local(self, body: Body) -> list[object]:
        if not policies(self._me)["ltlAvailable"]:
            raise Refusal("LTL_DISABLED")
        return self._page(body, lambda n: n.user.host is None and n.visibility == "public")

    def _own(self, body: Body) -> list[object]:
        """Without `withReplies` the replies are missing."""
        if body.get("withReplies") and body.get("withFiles"):
            raise Refusal("BOTH_WITH_REPLIES_AND_WITH_FILES")

        def wanted(note: Note) -> bool:
            if note.user.id != body["userId"] or (note.reply and not body.get("withReplies", False)):
                return False
            return body.get("withRenotes", True) or not note.pure

        return self._page(body, wanted)

    def _search(self, body: Body) -> list[object]:
        if not policies(self._me)["canSearchNotes"]:
            raise Refusal("UNAVAILABLE")
        return self._page(body, lambda n: body["query"].lower() in (n.text or "").lower())

    def _one(self, note_id: str) -> Note:
        note = self._server.notes.get(note_id)
        if note is None or not self._sees(note):
            raise Refusal("NO_SUCH_NOTE")
        return note

    def _conversation(self, body: Body) -> list[object]:
        """The nearest parent first."""
        above, note = list[Note](), self._one(body["noteId"]).reply
        while note is not None:
            above.append(note)
            note = note.reply
        start = body.get("offset", 0)
        return [self._shown(each) for each in above[start : start + body.get("limit", 10)]]

    def _children(self, body: Body) -> list[object]:
        """One level, quotes among the replies."""
        note = self._one(body["noteId"])
        return self._page(body, lambda n: n.reply is note or (n.renote is note and not n.pure))

    def _notifications(self, body: Body) -> list[object]:
        me = self._me
        if body.get("markAsRead", True):
            for item in me.notifications:
                item["isRead"] = True
        return self._cut(body, me.notifications, lambda item: item["id"])

    def _user(self, body: Body) -> object:
        for person in self._server.people.values():
            if person.username == body["username"] and person.host == body.get("host"):
                return person.lite()
        raise Refusal("NO_SUCH_USER", 404)

    # ------------------------------------------------------------ writing

    def _create(self, body: Body, request: Request) -> object:
        """Keys that are not known are passed over in silence."""
        server, me = self._server, self._me
        same = me.id + json.dumps(body, sort_keys=True)
        if server.behaviour.repeats and same in server.repeated:
            at, note = server.repeated[same]
            if datetime.now(UTC) - at < timedelta(seconds=60):
                return {"createdNote": self._shown(note)}
        fields = self._checked(body)
        note = server.write(me, **fields)
        server.repeated[same] = (note.at, note)
        parent, renoted = note.reply, note.renote
        if parent and parent.user is not me:
            server.notify(parent.user, "reply", me, note)
        elif renoted and renoted.user is not me:
            server.notify(renoted.user, "renote" if note.pure else "quote", me, note)
        return {"createdNote": self._shown(note)}

    def _length(self, text: str) -> int:
        return len(text.encode("utf-16-le")) // 2 if self._server.behaviour.utf16 else len(text)

    def _checked(self, body: Body) -> Body:
        server = self._server
        text, cw = body.get("text"), body.get("cw")
        reply, renote = self._target(body, "replyId"), self._target(body, "renoteId")
        files = body.get("fileIds")
        visibility = body.get("visibility", "public")
        if visibility not in WIDTHS or files == [] or (files and len(files) > 16):
            raise Refusal("INVALID_PARAM")
        if text is not None and self._length(text) > int(server.meta["maxNoteTextLength"]):
            code = "MAX_LENGTH" if server.behaviour.utf16 else "INVALID_PARAM"
            raise Refusal(code, info={"param": "#/properties/text/maxLength"})
        if cw is not None and not 1 <= self._length(cw) <= server.behaviour.max_cw:
            raise Refusal("INVALID_PARAM", info={"param": "#/properties/cw/maxLength"})
        if not renote and not files and not (text and text.strip()):
            raise Refusal("INVALID_PARAM")
        if any(name not in server.files for name in files or []):
            raise Refusal("NO_SUCH_FILE")
        narrower = [
            not policies(self._me)["canPublicNote"],
            any(word in (text or "") for word in server.sensitive_words),
            reply is not None and reply.visibility != "public",
        ]
        if visibility == "public" and any(narrower):
            visibility = "home"
        return {
            "text": text.strip() if text else None,
            "cw": cw,
            "visibility": visibility,
            "local_only": bool(body.get("localOnly")) or bool(reply and reply.local_only),
            "reply": reply,
            "renote": renote,
            "files": [server.files[name] for name in files or []],
            "poll": self._poll(body.get("poll")),
            "seen_by": {*body.get("visibleUserIds", []), *([reply.user.id] if reply else [])},
        }

    @staticmethod
    def _poll(asked: Body | None) -> Body | None:
        """2 to 10 choices, each another, of 1 to 50 characters; times are milliseconds on the way in."""
        if not asked:
            return None
        choices = asked["choices"]
        if not 2 <= len(choices) <= 10 or len(set(choices)) < len(choices):
            raise Refusal("INVALID_PARAM")
        if not all(1 <= len(choice) <= 50 for choice in choices) or asked.get("expiredAfter", 1) < 1:
            raise Refusal("INVALID_PARAM")
        after = asked.get("expiredAfter")
        ends = iso(datetime.now(UTC) + timedelta(milliseconds=after)) if after else None
        shown_choices = [{"text": choice, "votes": 0} for choice in choices]
        return {"choices": shown_choices, "multiple": asked.get("multiple", False), "expiresAt": ends}

    def _vote(self, body: Body) -> None:
        """One choice a call; where one may choose several, each once."""
        note, me, choice = self._one(body["noteId"]), self._me, body["choice"]
        if not note.poll:
            raise Refusal("NO_POLL")
        ends = note.poll.get("expiresAt")
        if ends and datetime.fromisoformat(ends) < datetime.now(UTC):
            raise Refusal("ALREADY_EXPIRED")
        if not 0 <= choice < len(note.poll["choices"]):
            raise Refusal("INVALID_CHOICE")
        mine = {place for who, place in note.votes if who == me.id}
        if choice in mine or (mine and not note.poll["multiple"]):
            raise Refusal("ALREADY_VOTED")
        note.votes.add((me.id, choice))

    def _target(self, body: Body, name: str) -> Note | None:
        if not body.get(name):
            return None
        kind = "REPLY" if name == "replyId" else "RENOTE"
        note = self._server.notes.get(body[name])
        if note is None:
            raise Refusal(f"NO_SUCH_{kind}_TARGET")
        if note.pure:
            raise Refusal(f"CANNOT_{kind}_TO_A_PURE_RENOTE")
        wanted = body.get("visibility", "public")
        if kind == "REPLY" and note.visibility == "specified" != wanted:
            raise Refusal("CANNOT_REPLY_TO_SPECIFIED_VISIBILITY_NOTE_WITH_EXTENDED_VISIBILITY")
        if kind == "RENOTE" and (
            note.visibility == "specified" or (note.visibility == "followers" and note.user is not self._me)
        ):
            raise Refusal("CANNOT_RENOTE_DUE_TO_VISIBILITY")
        return note

    def _edit(self, body: Body) -> object:
        note = self._own_note(body["editId"])
        fields = self._checked(body)
        for name, value in fields.items():
            setattr(note, name, value)
        note.edited = datetime.now(UTC)
        self._server.tell_of_edit(note)
        return {"createdNote": self._shown(note)}

    def _own_note(self, note_id: str) -> Note:
        note = self._one(note_id)
        if note.user is not self._me:
            raise Refusal("ACCESS_DENIED", 403)
        return note

    def _delete(self, body: Body) -> None:
        self._server.remove(self._own_note(body["noteId"]).id)

    def _unrenote(self, body: Body) -> None:
        """Every own note that points there, quotes included."""
        target = self._one(body["noteId"])
        for note in [n for n in self._server.notes.values() if n.user is self._me and n.renote is target]:
            self._server.remove(note.id)

    def _react(self, body: Body) -> None:
        note, me = self._one(body["noteId"]), self._me
        if note.reactions.get(me.id) == body["reaction"]:
            raise Refusal("ALREADY_REACTED")
        note.reactions[me.id] = body["reaction"]
        if note.user is not me:
            self._server.notify(note.user, "reaction", me, note, reaction=body["reaction"])

    def _unreact(self, body: Body) -> None:
        if self._one(body["noteId"]).reactions.pop(self._me.id, None) is None:
            raise Refusal("NOT_REACTED")

    def _favourite(self, body: Body, on: bool) -> None:
        favourites = self._one(body["noteId"]).favourites
        if (self._me.id in favourites) is on:
            raise Refusal("ALREADY_FAVORITED" if on else "NOT_FAVORITED")
        (favourites.add if on else favourites.discard)(self._me.id)

    def _upload(self, request: Request) -> object:
        self._me  # noqa: B018  # refuses who is nobody
        fields = dict(re.findall(rb'name="(name|comment|isSensitive)"\r\n\r\n([^\r]*)\r\n', request.body))
        kind = re.search(rb'name="file"; filename="[^"]+"\r\nContent-Type: ([\w/+.-]+)', request.body)
        assert kind is not None
        number = f"f{len(self._server.files) + 1}"
        file = self._server.files[number] = {
            "id": number,
            "type": kind[1].decode(),
            "name": fields[b"name"].decode(),
            "url": f"{self._server.url}/files/{number}",
            "comment": fields.get(b"comment", b"").decode() or None,
            "isSensitive": fields.get(b"isSensitive") == b"true",
        }
        return file
