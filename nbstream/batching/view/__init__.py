"""Shows a batch in a notebook: a live table while its kernel runs, and the text that the notebook saves."""
