"""How a chat is kept: as a file with its conversation, never as a pickle with its key."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from nbstream._util.files import write_atomically
from nbstream.conversation.conversation import Conversation
from nbstream.conversation.transcript import check_replaceable, transcript_for
from nbstream.errors import StateError

__all__ = ["Savable"]


class Savable:
    """What has a conversation that can be written to a file."""

    conversation: Conversation

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the conversation to a file: JSON lines, or Markdown if the name ends in ``.md``.

        The file is replaced atomically, so that a crash leaves the old or the new file.

        Parameters
        ----------
        path
            The file. A file written by `save` in the same format is replaced.
        overwrite
            Also replace any other file.

        Raises
        ------
        StateError
            If the file exists and was not written by `save`.

        Examples
        --------
        >>> import tempfile
        >>> from nbstream import Chat
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Chat("demo", system="You are terse.").save(f"{folder}/talk.jsonl")
        ...     Chat.load(f"{folder}/talk.jsonl", "demo").system
        'You are terse.'
        """
        if not overwrite:
            check_replaceable(Path(path))
        write_atomically(Path(path), transcript_for(path, self.conversation))

    def __reduce__(self) -> NoReturn:
        raise StateError(
            "A chat cannot be pickled: it has a key and open connections.",
            advice="Use chat.save(path) and Chat.load(path), or pickle chat.conversation.",
        )
