"""Bloggy: its known calls, with and without the Twitter-like API beside them."""
