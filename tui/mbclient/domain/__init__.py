"""What everyone in the house talks about: posts, authors, accounts, drafts. Frozen, no I/O, no clock."""
