"""The use cases: refresh, compose, send, meter, accounts. They know ports, not the things behind them."""
