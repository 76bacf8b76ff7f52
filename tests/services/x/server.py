"""X's API v2 as a server of the tests' own, with its traps.

    async with XServer() as server:                              # a self-serve plan, the older field names
        anna, bo = server.people["anna"], server.people["bo"]    # anna follows bo; her token: server.sign_in("anna")
        server.write(bo, "Hej")
        server.fault("POST", "/2/tweets", "drop-after")

Written from facts/x.md; no real server is to be had. `bill` is what it would charge, in millionths of a dollar.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.services.doubles import Faulty
from tests.services.wire import Reply, Request
from tests.services.x.shapes import EXPANSIONS, FIELDS, Person, Tweet, entities, problem, snowflake, user

CLIENT = "client-of-anna"
READ, USER = 5_000, 10_000
POST_BODY = {"text", "reply", "quote_tweet_id", "media", "poll"}


def now() -> datetime:
    return datetime.now(UTC)


class Refusal(Exception):
    def __init__(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.reply = Reply(status, body, headers or {})


@dataclass(slots=True)
class Grant:
    """A code on its way to a token."""

    person: Person
    client: str
    challenge: str
    redirect: str
    at: datetime


class XServer(Faulty):
    """The server's state and its routes."""

    def __init__(self, *, full: bool = False, generation: str = "tweet") -> None:
        self.full = full
        self.generation = generation
        super().__init__()
        names = enumerate(("anna", "bo", "eva"), 1)
        self.people = {name: Person(str(n), name, name.title()) for n, name in names}
        self.people["anna"].follows.add("bo")
        self.tweets: dict[str, Tweet] = {}
        self.lists: dict[str, list[str]] = {"77": ["bo", "eva"]}
        self.media: dict[str, str] = {}
        self.work: list[dict[str, Any]] = []  # what X says of its work on a moving picture, upload first
        self.working: dict[str, str] = {}
        self.bookmarks: set[str] = set()
        self.access: dict[str, tuple[Person, datetime]] = {}
        self.refresh: dict[str, Person] = {}
        self.spent: set[str] = set()
        self.grants: dict[str, Grant] = {}
        self.redirects = {"http://127.0.0.1:47823/callback"}
        self.lasts = timedelta(hours=2)
        self.code_lasts = timedelta(seconds=30)
        self.scopes = ""
        self.held: asyncio.Event | None = None  # the token endpoint answers once it is set
        self.holding = asyncio.Event()
        self.lag = 0
        self.hide_people: set[str] = set()
        self.quoted_me: set[str] = set()  # who has quoted a post of anna's: she may answer them
        self.remaining = 100
        self.charges: dict[str, int] = {}
        self._numbers = itertools.count(1)

    @property
    def bill(self) -> int:
        return sum(self.charges.values())

    # ------------------------------------------------------------ what tests do past the API

    def write(self, person: Person, text: str, *, at: datetime | None = None, **fields: Any) -> Tweet:
        name = snowflake(at or now(), next(self._numbers))
        target = self.tweets.get(fields.get("target", ""))
        conversation = target.conversation if target and fields.get("kind") == "replied_to" else name
        tweet = self.tweets[name] = Tweet(name, person, text, conversation=conversation, **fields)
        return tweet

    def sign_in(self, name: str) -> tuple[str, str]:
        """A pair of tokens, access and refresh."""
        number = next(self._numbers)
        pair = f"access-{name}-{number}", f"refresh-{name}-{number}"
        self.access[pair[0]] = self.people[name], now() + self.lasts
        self.refresh[pair[1]] = self.people[name]
        return pair

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.wire.requests if request.path == path]

    def by(self, person: Person, text: str) -> list[Tweet]:
        return [t for t in self.tweets.values() if t.person is person and t.text == text and t.kind != "retweeted"]

    def press_yes(self, address: str, name: str = "anna") -> str:
        """What the user does on the page: says yes. Where the browser goes then; raises where X shows an error."""
        query = dict(parse_qsl(urlsplit(address).query))
        assert urlsplit(address).path == "/i/oauth2/authorize"
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert len(query["state"]) <= 500
        if query["redirect_uri"] not in self.redirects:  # to the letter, port and slash included
            raise AssertionError("Something went wrong: you weren't able to give access to the App.")
        self.scopes = query["scope"]
        code = f"code-{next(self._numbers)}"
        self.grants[code] = Grant(
            self.people[name], query["client_id"], query["code_challenge"], query["redirect_uri"], now()
        )
        return f"{query['redirect_uri']}?{urlencode({'state': query['state'], 'code': code})}"

    # ------------------------------------------------------------ the way in

    async def answer(self, request: Request) -> Reply:
        try:
            reply = self._route(request)
            if self.held and request.path == "/2/oauth2/token":
                self.holding.set()
                await self.held.wait()
        except Refusal as refusal:
            reply = refusal.reply
        limits = {
            "x-rate-limit-limit": "100",
            "x-rate-limit-remaining": str(self.remaining),
            "x-rate-limit-reset": str(int(now().timestamp()) + 900),
        }
        reply.headers = {"Date": format_datetime(now(), usegmt=True), **limits, **reply.headers}
        return reply

    def _route(self, request: Request) -> Reply:
        if request.path == "/2/oauth2/token":
            return self._token(request.form)
        me = self._who(request)
        routes: Sequence[tuple[str, str, Callable[..., Reply]]] = (
            ("GET", r"/2/users/me", self._me),
            ("GET", r"/2/users/(\d+)/timelines/reverse_chronological", self._home),
            ("GET", r"/2/users/(\d+)/tweets", self._user_tweets),
            ("GET", r"/2/users/(\d+)/mentions", self._mentions),
            ("GET", r"/2/lists/(\d+)/tweets", self._list),
            ("GET", r"/2/tweets/search/recent", self._search),
            ("GET", r"/2/tweets/(\d+)", self._one),
            ("POST", r"/2/tweets", self._post),
            ("DELETE", r"/2/tweets/(\d+)", self._delete),
            ("POST", r"/2/users/(\d+)/(likes|retweets|bookmarks)", self._act),
            ("DELETE", r"/2/users/(\d+)/(likes|retweets|bookmarks)/(\d+)", self._undo),
            ("POST", r"/2/media/upload", self._upload),
            ("GET", r"/2/media/upload", self._status),
            ("POST", r"/2/media/metadata", self._describe),
        )
        for method, pattern, handler in routes:
            found = re.fullmatch(pattern, request.path)
            if found and method == request.method:
                return handler(request, me, *found.groups())
        raise Refusal(404, problem("about:blank", 404, "Not Found"))

    def _who(self, request: Request) -> Person:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        person, ends = self.access.get(token, (None, now()))
        if person is None or ends <= now():
            raise Refusal(
                401, {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
            )
        return person

    # ------------------------------------------------------------ OAuth 2.0

    def _token(self, form: Mapping[str, str]) -> Reply:
        """A refresh token holds once; one used again ends the whole session."""

        def no(name: str, words: str) -> Refusal:
            return Refusal(400, {"error": name, "error_description": words})

        if form.get("grant_type") == "refresh_token":
            used = form["refresh_token"]
            person = self.refresh.pop(used, None)
            if person is None or form.get("client_id") != CLIENT:
                if used in self.spent:
                    self.access.clear()
                    self.refresh.clear()
                raise no("invalid_request", "Value passed for the token was invalid.")
            self.spent.add(used)
            self.access = {token: held for token, held in self.access.items() if held[0] is not person}
            return self._granted(person)
        grant = self.grants.pop(form.get("code", ""), None)
        if grant is None or now() - grant.at > self.code_lasts:
            raise no("invalid_request", "Value passed for the authorization code was invalid.")
        proof = urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if (form["client_id"], form["redirect_uri"], proof) != (grant.client, grant.redirect, grant.challenge):
            raise no("invalid_request", "Value passed for the code verifier did not match the code challenge.")
        return self._granted(grant.person)

    def _granted(self, person: Person) -> Reply:
        access, refresh = self.sign_in(person.username)
        body = {"token_type": "bearer", "expires_in": int(self.lasts.total_seconds()), "access_token": access}
        offline = "offline.access" in self.scopes or not self.scopes
        return Reply(200, body | ({"refresh_token": refresh} if offline else {}) | {"scope": self.scopes})

    # ------------------------------------------------------------ JSON

    def _charge(self, what: str, price: int) -> None:
        self.charges[f"{now().date()} {what}"] = price

    def _check_fields(self, request: Request) -> None:
        """An unknown parameter or value is a 400 that names it."""
        query, spelled = request.query, "tweet" if self.generation == "tweet" else "post"
        allowed = {f"{spelled}.fields": FIELDS[self.generation], "expansions": EXPANSIONS[self.generation]}
        for name, value in query.items():
            if name in allowed:
                strange = set(value.split(",")) - allowed[name]
                if strange:
                    words = f"The `{name}` query parameter value [{','.join(strange)}] is not one of [id,text]"
                    raise Refusal(400, self._invalid(words, {name: [value]}))
            elif name in ("tweet.fields", "post.fields"):
                words = f"The query parameter [{name}] is not one of [id,expansions,{spelled}.fields,user.fields]"
                raise Refusal(400, self._invalid(words, {name: [value]}))
        if self.generation != "tweet" and "affiliation" in query.get("user.fields", ""):
            words = "The `user.fields` query parameter value [affiliation] is not one of [id,name]"
            raise Refusal(400, self._invalid(words, {"user.fields": ["affiliation"]}))

    def _invalid(self, words: str, parameters: object) -> dict[str, Any]:
        whole = problem("invalid-request", 400, "One or more parameters to your request was invalid.", old_host=True)
        return {"errors": [{"parameters": parameters, "message": words}], **whole}

    def json(self, tweet: Tweet) -> dict[str, Any]:
        """A post in the server's spelling."""
        older = self.generation == "tweet"
        text, found = entities(tweet.text, tweet)
        target = self.tweets.get(tweet.target)
        whole: dict[str, Any] = {
            "id": tweet.id,
            "text": text,
            "created_at": tweet.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "author_id": tweet.person.id,
            "conversation_id": tweet.conversation,
            "lang": tweet.lang,
            "possibly_sensitive": False,
            "edit_history_tweet_ids" if older else "edit_history_post_ids": [*tweet.history, tweet.id],
            "public_metrics": {"reply_count": 0, "retweet_count": 0, "like_count": len(tweet.likes), "quote_count": 0},
        }
        if found:
            whole["entities"] = found
        if tweet.kind:
            whole["referenced_tweets" if older else "referenced_posts"] = [{"type": tweet.kind, "id": tweet.target}]
        if tweet.kind == "replied_to" and target and older:
            whole["in_reply_to_user_id"] = target.person.id
        if tweet.kind == "retweeted" and target:
            whole["text"] = f"RT @{target.person.username}: {entities(target.text, target)[0]}"[:139] + "…"
        elif len(tweet.text) > 280:  # a long one is cut, and whole in its note
            whole["note_tweet" if older else "note_post"] = {"text": text, "entities": found}
            whole["text"] = text[:279] + "…"
        if tweet.media:
            whole["attachments"] = {"media_keys": tweet.media}
        if tweet.poll:
            whole["attachments"] = {"poll_ids": [tweet.poll["id"]]}
        return whole

    def _page(self, tweets: Sequence[Tweet], meta: Mapping[str, Any], *, nonsense: bool = False) -> Reply:
        """`data` is missing where nothing was found."""
        targets = [self.tweets[t.target] for t in tweets if t.target in self.tweets]
        lost = [t.target for t in tweets if t.target and t.target not in self.tweets]
        people = {t.person.id: t.person for t in [*tweets, *targets] if t.person.username not in self.hide_people}
        for tweet in [*tweets, *targets]:
            self._charge(f"post {tweet.id}", READ)
        data = [*(self.nonsense if nonsense else ()), *map(self.json, tweets)]
        keys = [key for tweet in tweets for key in tweet.media]
        photo = {"type": "photo", "url": "https://pbs.twimg.com/a.jpg"}
        media = [{"media_key": key, "alt_text": self.media.get(key), **photo} for key in keys]
        along = {
            "users": [user(person) for person in people.values()],
            "tweets" if self.generation == "tweet" else "posts": [self.json(t) for t in targets],
            "media": media,
            "polls": [tweet.poll for tweet in [*tweets, *targets] if tweet.poll],
        }
        errors = [self._gone(name) for name in lost]
        whole = ({"data": data} if data else {}) | {"includes": along, "meta": {"result_count": len(data), **meta}}
        return Reply(200, whole | ({"errors": errors} if errors else {}))

    def _gone(self, name: str) -> dict[str, Any]:
        words = f"Could not find tweet with id: [{name}]."
        return {"value": name, "resource_id": name, "parameter": "id", "resource_type": "tweet",
                **problem("resource-not-found", 404, words, old_host=True)}  # fmt: skip

    def _cut(self, request: Request, wanted: Callable[[Tweet], bool], least: int, token: str, **more: bool) -> Reply:
        """A page: newest first; a token goes on below, `since_id` and `until_id` leave out their own post."""
        self._check_fields(request)
        query = request.query
        count = int(query.get("max_results", 10))
        if not least <= count <= 100:
            words = f"The `max_results` query parameter value [{count}] is not between {least} and 100"
            raise Refusal(400, self._invalid(words, {"max_results": [str(count)]}))
        if "start_time" in query and datetime.fromisoformat(query["start_time"]) > now():
            words = "Invalid 'start_time': must be a minimum of 10 seconds prior to the request time."
            raise Refusal(400, self._invalid(words, {"start_time": [query["start_time"]]}))
        found = [t for t in self.tweets.values() if wanted(t) and not self._lags(t)]
        found.sort(key=lambda t: int(t.id), reverse=True)
        if "since_id" in query:
            found = [t for t in found if int(t.id) > int(query["since_id"])]
        if "start_time" in query:
            found = [t for t in found if t.at >= datetime.fromisoformat(query["start_time"])]
        if "exclude" in query:
            found = [t for t in found if t.kind != "retweeted"]
        below = query.get(token, "")
        found = [t for t in found if not below or int(t.id) < int(below.removeprefix("page-"))]
        page, rest = found[:count], found[count:]
        meta: dict[str, Any] = {"newest_id": page[0].id, "oldest_id": page[-1].id} if page else {}
        if rest:
            meta["next_token"] = f"page-{page[-1].id}"
        return self._page(page, meta, nonsense=more.get("nonsense", False))

    @staticmethod
    def _lags(tweet: Tweet) -> bool:
        tweet.hidden_until -= tweet.hidden_until > 0
        return tweet.hidden_until > 0

    # ------------------------------------------------------------ reading

    def _me(self, request: Request, me: Person) -> Reply:
        self._check_fields(request)
        self._charge(f"user {me.id}", USER)
        return Reply(200, {"data": user(me)})

    def _own_only(self, me: Person, name: str) -> None:
        if name != me.id:
            words = "The `id` query parameter value is not the same as the authenticated user"
            raise Refusal(403, problem("not-authorized-for-resource", 403, words))

    def _home(self, request: Request, me: Person, name: str) -> Reply:
        self._own_only(me, name)
        seen = {me.username, *me.follows}
        return self._cut(request, lambda t: t.person.username in seen, 1, "pagination_token", nonsense=True)

    def _user_tweets(self, request: Request, me: Person, name: str) -> Reply:
        return self._cut(request, lambda t: t.person.id == name, 5, "pagination_token")

    def _mentions(self, request: Request, me: Person, name: str) -> Reply:
        self._own_only(me, name)

        def concerns(tweet: Tweet) -> bool:
            target = self.tweets.get(tweet.target)
            return f"@{me.username}" in tweet.text or (target is not None and target.person is me)

        return self._cut(request, lambda t: concerns(t) and t.kind != "retweeted", 5, "pagination_token")

    def _list(self, request: Request, me: Person, name: str) -> Reply:
        if set(request.query) & {"since_id", "until_id", "start_time"}:
            raise Refusal(400, self._invalid("The query parameter [since_id] is not one of [id]", {"since_id": []}))
        return self._cut(request, lambda t: t.person.username in self.lists[name], 1, "pagination_token")

    def _search(self, request: Request, me: Person) -> Reply:
        """Words of the last seven days; plain ones find no reposts."""
        query = request.query["query"]
        if len(query) > 512:
            raise Refusal(400, self._invalid("`query` is too long: it must be at most 512 characters", {"query": []}))
        week = now() - timedelta(days=7)
        conversation = re.fullmatch(r"conversation_id:(\d+)", query)

        def wanted(tweet: Tweet) -> bool:
            if tweet.at < week or tweet.kind == "retweeted":
                return False
            if conversation:
                return tweet.conversation == conversation[1] and tweet.id != conversation[1]
            return query.lower() in tweet.text.lower()

        return self._cut(request, wanted, 10, "next_token")

    def _one(self, request: Request, me: Person, name: str) -> Reply:
        self._check_fields(request)
        tweet = self.tweets.get(name)
        if tweet is None:
            return Reply(200, {"errors": [self._gone(name)]})
        page = self._page([tweet], {}).body
        assert isinstance(page, dict)
        return Reply(200, {"data": page["data"][0], **{k: v for k, v in page.items() if k in ("includes", "errors")}})

    # ------------------------------------------------------------ writing

    def _post(self, request: Request, me: Person) -> Reply:
        body = request.json
        strange = set(body) - POST_BODY
        if strange:
            raise Refusal(400, self._invalid(f"$.{strange.pop()}: is not defined in the schema", {}))
        text = body.get("text", "")
        self._poll(body)
        if "quote_tweet_id" in body and not self.full:
            words = "Quoting posts is not available on your plan."
            raise Refusal(403, problem("client-forbidden", 403, words, reason="client-not-enrolled"))
        target = self.tweets.get(body.get("reply", {}).get("in_reply_to_tweet_id", ""))
        summoned = target and (f"@{me.username}" in target.text or target.person.username in self.quoted_me)
        if target and not self.full and target.person is not me and not summoned:
            words = (
                "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by "
                "the author of the post you are replying to."
            )
            raise Refusal(403, problem("about:blank", 403, words))
        if any(t.at > now() - timedelta(hours=12) for t in self.by(me, text)):
            words = "You are not allowed to create a Tweet with duplicate content."
            raise Refusal(403, {"detail": words, "type": "about:blank", "title": "Forbidden", "status": 403})
        linked = entities(text, Tweet("1000000", me, text))[1].get("urls")
        kind, aim = ("replied_to", target.id) if target else ("quoted" * ("quote_tweet_id" in body), "")
        media = body.get("media", {}).get("media_ids", [])
        if any(self.working.get(name, "succeeded") != "succeeded" for name in media):
            raise Refusal(400, problem("invalid-request", 400, "Your media IDs are invalid."))
        tweet = self.write(me, text, kind=kind, target=aim or body.get("quote_tweet_id", ""), media=media)
        tweet.poll = self._poll(body)
        tweet.hidden_until = self.lag
        self._charge(f"sent {tweet.id}", 200_000 if linked else 15_000)
        return Reply(201, {"data": {"id": tweet.id, "text": entities(text, tweet)[0]}})

    def _poll(self, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """2 to 4 choices of 1 to 25 characters, for 5 minutes to a week; not beside pictures or a quote."""
        if "poll" not in body:
            return None
        asked = body["poll"]
        right = [
            set(asked) == {"options", "duration_minutes"},
            2 <= len(asked["options"]) <= 4 and all(1 <= len(label) <= 25 for label in asked["options"]),
            5 <= asked["duration_minutes"] <= 10_080,
            not {"media", "quote_tweet_id"} & set(body),
        ]
        if not all(right):
            raise Refusal(400, self._invalid("$.poll: is not valid", {}))
        ends = (now() + timedelta(minutes=asked["duration_minutes"])).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        options = [{"position": place, "label": label, "votes": 0} for place, label in enumerate(asked["options"], 1)]
        name = snowflake(now(), len(self.tweets) + 1)
        return {"id": name, "options": options, "end_datetime": ends, "voting_status": "open"}

    def _delete(self, request: Request, me: Person, name: str) -> Reply:
        tweet = self.tweets.get(name)
        if tweet is None:
            raise Refusal(404, problem("resource-not-found", 404, f"Could not find tweet with id: [{name}]."))
        if tweet.person is not me:
            raise Refusal(403, problem("about:blank", 403, "You are not permitted to delete this Tweet."))
        del self.tweets[name]
        self._charge(f"deleted {name}", 10_000)
        return Reply(200, {"data": {"deleted": True}})

    def _act(self, request: Request, me: Person, name: str, what: str) -> Reply:
        self._own_only(me, name)
        if what == "likes" and not self.full:
            words = "Liking posts is not available on your plan."
            raise Refusal(403, problem("client-forbidden", 403, words, reason="client-not-enrolled"))
        tweet = self.tweets[request.json["tweet_id"]]
        self._charge(f"{what} {tweet.id} {next(self._numbers)}", 15_000)
        if what == "retweets":
            if not self._own_repost(me, tweet.id):
                self.write(me, "", kind="retweeted", target=tweet.id)
            key = {"id": tweet.id} if self.generation == "tweet" else {"rest_id": tweet.id}
            return Reply(200, {"data": {**key, "retweeted": True}})
        (tweet.likes if what == "likes" else self.bookmarks).add(me.id if what == "likes" else tweet.id)
        return Reply(200, {"data": {"liked" if what == "likes" else "bookmarked": True}})

    def _own_repost(self, me: Person, name: str) -> str:
        mine = (t.id for t in self.tweets.values() if t.person is me and t.kind == "retweeted" and t.target == name)
        return next(mine, "")

    def _undo(self, request: Request, me: Person, name: str, what: str, target: str) -> Reply:
        self._own_only(me, name)
        self._charge(f"{what} {target} {next(self._numbers)}", 10_000)
        if what == "retweets":
            self.tweets.pop(self._own_repost(me, target), None)
            return Reply(200, {"data": {"retweeted": False}})
        (self.tweets[target].likes if what == "likes" else self.bookmarks).discard(me.id if what == "likes" else target)
        return Reply(200, {"data": {"liked" if what == "likes" else "bookmarked": False}})

    def _upload(self, request: Request, me: Person) -> Reply:
        assert b'name="media"' in request.body
        assert b'name="media_category"' in request.body
        name = str(next(self._numbers))
        self.media[name] = ""
        return self._worked(name, b"tweet_gif" in request.body)

    def _status(self, request: Request, me: Person) -> Reply:
        assert request.query["command"] == "STATUS"
        return self._worked(request.query["media_id"], True)

    def _worked(self, name: str, gif: bool) -> Reply:
        data: dict[str, Any] = {"id": name, "media_key": f"3_{name}", "expires_after_secs": 86400}
        if gif and self.work:
            data["processing_info"] = self.work.pop(0)
            self.working[name] = data["processing_info"]["state"]
        return Reply(200, {"data": data})

    def _describe(self, request: Request, me: Person) -> Reply:
        body = request.json
        self.media[body["id"]] = body["metadata"]["alt_text"]["text"]
        self._charge(f"described {body['id']}", 5_000)
        return Reply(200, {"data": {"id": body["id"]}})
