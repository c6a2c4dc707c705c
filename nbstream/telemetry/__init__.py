"""What is told about requests: log lines, spans, and their names."""
