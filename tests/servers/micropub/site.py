"""A web site in one file on django-indieweb: run by the venv that install.sh made, never imported by the tests.

    python site.py PORT TOKEN FOLDER

Home page with the Link header's endpoints, IndieAuth with PKCE, Micropub and media below /indieweb/, and /login/,
which signs the only user in. TOKEN may do everything.
"""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import django
from django.conf import settings

PORT, TOKEN, FOLDER = sys.argv[1], sys.argv[2], Path(sys.argv[3])
BASE = f"http://127.0.0.1:{PORT}"
ME = f"{BASE}/"

settings.configure(
    DEBUG=False,
    SECRET_KEY="only for tests",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SITE_ID=1,
    USE_TZ=True,
    LOGIN_URL="/login/",
    MEDIA_ROOT=str(FOLDER / "media"),
    MEDIA_URL="/media/",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.sites",
        "indieweb",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(FOLDER / "site.db")}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INDIEWEB_REQUIRE_PKCE_S256=True,
    INDIEWEB_MICROPUB_HANDLER=f"{__name__}.Handler",
)
django.setup()

from django.contrib.auth import get_user_model, login  # noqa: E402  # Django is ready from here on
from django.core.management import call_command  # noqa: E402
from django.http import HttpResponse, HttpResponseRedirect  # noqa: E402
from django.urls import include, path  # noqa: E402
from indieweb.handlers import InMemoryMicropubHandler  # noqa: E402
from indieweb.models import Token  # noqa: E402


class Handler(InMemoryMicropubHandler):
    """One for all requests, where the package makes one for each; addresses are whole outside and paths inside."""

    state = InMemoryMicropubHandler()

    def __init__(self):
        self.__dict__ = self.state.__dict__

    def create_entry(self, properties, user):
        entry = super().create_entry(properties, user)
        entry.properties["url"] = [BASE + entry.url]
        return entry

    def update_entry(self, url, updates, user):
        return super().update_entry(urlsplit(url).path, updates, user)

    def delete_entry(self, url, user):
        super().delete_entry(urlsplit(url).path, user)

    def get_entry(self, url, user):
        return super().get_entry(urlsplit(url).path, user)

    def get_config(self, user):
        return {**super().get_config(user), "media-endpoint": f"{BASE}/indieweb/media/"}


def home(request):
    response = HttpResponse(
        "<title>Anna Ek</title><meta name=description content='Jobbar på Grönkvist'>", content_type="text/html"
    )
    links = {
        "micropub": "micropub",
        "authorization_endpoint": "auth",
        "token_endpoint": "token",
        "indieauth-metadata": "auth/metadata",
    }
    response["Link"] = ", ".join(f'<{BASE}/indieweb/{place}/>; rel="{rel}"' for rel, place in links.items())
    return response


def sign_in(request):
    login(request, get_user_model().objects.get(), backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponseRedirect(request.get_full_path().partition("next=")[2] or "/")  # it comes unescaped


urlpatterns = [path("", home), path("login/", sign_in), path("indieweb/", include("indieweb.urls"))]

if __name__ == "__main__":
    sys.modules[settings.ROOT_URLCONF] = sys.modules[__name__]
    call_command("migrate", verbosity=0)
    anna = get_user_model().objects.create_user("anna")
    token = Token(owner=anna, client_id=ME, me=ME, scope="create update delete undelete media", key=TOKEN)
    token.save()
    call_command("runserver", f"127.0.0.1:{PORT}", use_reloader=False, verbosity=0)
