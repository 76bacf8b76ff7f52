"""The adapter for JaikuEngine, against a server of the tests' own."""
