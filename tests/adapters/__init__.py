"""The worked example of docs/adapters.md: a package of its own, installed and discovered as any other would be."""
