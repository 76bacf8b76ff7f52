"""Micropub and micro.blog: doubles written from the facts, and a real Micropub server where one is installed."""
