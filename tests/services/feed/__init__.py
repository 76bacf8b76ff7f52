"""Tests of the feed adapter."""
