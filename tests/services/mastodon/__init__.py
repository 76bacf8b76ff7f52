"""The Mastodon adapter, against the tests' own server and against a mock that others wrote."""
