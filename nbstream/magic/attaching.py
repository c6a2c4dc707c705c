"""What the options of a `%%chat` cell add to its prompt: images, files and other cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from nbstream.magic.args import ChatOptions
from nbstream.types.attachments import Prepared
from nbstream.types.content import ContentPart, TextPart

__all__ = ["about_failure", "has_inputs", "with_inputs"]

_QUESTION = "Explain this error and show the corrected code."


def has_inputs(options: ChatOptions) -> bool:
    """Whether a cell sends anything besides its prompt."""
    return bool(options.images or options.files or options.with_cells)


def with_inputs(shell: InteractiveShell, options: ChatOptions, prompt: str) -> str | Prepared:
    """The prompt below what the options name; the prompt itself if they name nothing.

    Raises
    ------
    ConfigError
        If something does not exist, or cannot be sent.
    """
    if not has_inputs(options):
        return prompt
    from nbstream.inputs.cells import cell_block, cell_numbers
    from nbstream.inputs.named import file_named, image_named, names_in

    variables = shell.user_ns
    found: list[tuple[ContentPart, Any]] = []
    found += [cell_block(shell, number) for number in cell_numbers(options.with_cells)]
    found += [file_named(name, variables) for name in names_in(options.files, variables)]
    found += [image_named(name, variables) for name in names_in(options.images, variables)]
    return _message(found, prompt)


def about_failure(shell: InteractiveShell, words: str) -> Prepared:
    """A question about the last error of the notebook.

    Raises
    ------
    StateError
        If there was none, or it is one of nbstream.
    """
    from nbstream.inputs.failures import blocks, last_failure

    return _message(blocks(last_failure(shell)), words or _QUESTION)


def _message(found: Sequence[tuple[ContentPart, Any]], prompt: str) -> Prepared:
    from nbstream.inputs.values import joined

    text: TextPart = {"type": "text", "text": prompt}
    blocks = [part for part, _ in found if part.get("type") == "text"]
    images = [part for part, _ in found if part.get("type") != "text"]
    above = joined([*blocks, text])
    content = [{"type": "text", "text": above}, *images] if images else above
    return Prepared(content, tuple(shown for _, shown in found))
