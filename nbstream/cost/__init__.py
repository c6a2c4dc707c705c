"""What requests cost: prices, estimates before sending, usage of a session, budgets."""
