"""Paths, config.toml, company policy, secrets, themes."""
