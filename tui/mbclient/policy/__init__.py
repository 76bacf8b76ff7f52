"""The company's policy as pure functions: `evaluate` judges a draft, `status` feeds the meter."""
