"""A long answer: sections about streaming, combined from sentences."""

from __future__ import annotations

from nbstream.demo.choice import pick

__all__ = ["long_text"]

MIN_CHARACTERS = 20_000
PARAGRAPHS = 3
SENTENCES_PER_PARAGRAPH = 5

OPENING = "A long walk through the streaming of answers, so that there is something to scroll through."

TITLES = (
    "What a token is",
    "Why the first one matters most",
    "From the socket to the screen",
    "When the line goes quiet",
    "Reading faster than writing",
    "How to stop well",
    "What is worth keeping",
    "Where the time goes",
)

SENTENCES = (
    "A token is a piece of text of about four characters, and a model writes one after another.",
    "Nobody waits for the last word when the first one is already on the screen.",
    "The time to the first token is what a reader feels; the rate after it only has to keep up.",
    "A server sends each piece as an event, and an empty line says that the event is complete.",
    "Between the server and the page there are buffers, and each of them would like to be full.",
    "A network may cut an event anywhere, even in the middle of a character.",
    "What was shown stays shown: a stream that breaks must not take its text away again.",
    "A pause of a second is a long time for a cursor and a short one for a network.",
    "People read four or five words a second, and a good model writes faster than that.",
    "Sixty frames a second are plenty; painting each token on its own only warms the room.",
    "An answer that grows at its end should leave the reader's place where it was.",
    "Stopping is part of the conversation: it closes the stream and keeps what is there.",
    "A finish reason says why the model ended: it was done, or it ran into a limit.",
    "Counting tokens at the end tells what the answer took, and what the next one may take.",
    "A notebook is read more often than it is run, so the saved answer has to stand alone.",
    "The same prompt with the same seed should give the same answer, or say why it does not.",
    "Retrying before the first word is invisible; retrying after it is a different answer.",
    "A cell that waits for its answer keeps the order of the notebook, and so does Run All.",
    "Half a table is not a table yet, and half a code block is already code.",
    "What comes from a model is text, and text should never get to run by itself.",
)


def long_text(seed: str) -> str:
    """Markdown of at least 20,000 characters; the same for the same `seed`."""
    parts = [OPENING]
    number = 0
    while sum(map(len, parts)) < MIN_CHARACTERS:
        number += 1
        parts.append(f"## {number}. {pick(TITLES, seed, number)}")
        parts += [_paragraph(seed, number, index) for index in range(PARAGRAPHS)]
    return "\n\n".join(parts)


def _paragraph(seed: str, section: int, number: int) -> str:
    sentences = (pick(SENTENCES, seed, section, number, index) for index in range(SENTENCES_PER_PARAGRAPH))
    return " ".join(sentences)
