"""The adapter for GNU social and other Twitter-compatible servers, against a server of the tests' own."""
