"""Compare prompts, models and parameters on the same rows."""
