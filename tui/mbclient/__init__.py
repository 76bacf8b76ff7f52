"""mbclient: a terminal microblog client for work, with the company's policy built in as a help."""

__version__ = "0.1.0"
