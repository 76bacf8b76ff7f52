"""The Bluesky adapter: by its parts, against a double that can be made to fail, and against the real servers."""
