"""The yardsticks that run as programs of their own."""
