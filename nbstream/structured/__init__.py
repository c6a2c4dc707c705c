"""Answers that are data: the schema that is sent, the rows as they close, and the validated value."""
