"""A request as a script that sends it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from nbstream._util.files import write_atomically
from nbstream._util.names import did_you_mean
from nbstream.client.sent import SentRequest
from nbstream.errors import ArgumentError, FileError, StateError
from nbstream.export.scripts import Plan, curl_script, httpx_script, nbstream_script, openai_script
from nbstream.views.inert import inert_markdown

__all__ = ["CODE_MIMETYPE", "Code", "CodeKind", "code_for"]

CODE_MIMETYPE = "application/vnd.nbstream.code+json"
CodeKind = Literal["openai", "httpx", "curl", "nbstream"]

_SCRIPTS: dict[CodeKind, Callable[[Plan], str]] = {
    "openai": openai_script,
    "httpx": httpx_script,
    "curl": curl_script,
    "nbstream": nbstream_script,
}
_MARKDOWN_CHARS = 100_000
"""A longer script, as with an image, is in an output once."""


@dataclass(frozen=True, slots=True, repr=False)
class Code:
    r"""A script. As a cell's value it is shown with a Copy button; ``str(code)`` is its text.

    Parameters
    ----------
    text
        The script.
    language
        ``"python"`` or ``"sh"``.

    Examples
    --------
    >>> code = Code("print('Hello')\n", "python")
    >>> str(code)
    "print('Hello')\n"
    """

    text: str
    language: str

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        data: dict[str, Any] = {CODE_MIMETYPE: {"language": self.language}, "text/plain": self.text}
        if len(self.text) <= _MARKDOWN_CHARS:
            data["text/markdown"] = inert_markdown(_fenced(self.text, self.language))
        return data

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        r"""Write the script to a file, in UTF-8.

        Parameters
        ----------
        path
            The file.
        overwrite
            Whether to replace a file that exists.

        Raises
        ------
        FileError
            When the file exists, or cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Code("print('Hello')\n", "python").save(f"{folder}/hello.py")
        ...     Path(folder, "hello.py").read_text()
        "print('Hello')\n"
        """
        path = Path(path)
        if path.exists() and not overwrite:
            raise FileError(f"There is a file {path.name!r} already.", advice="Add overwrite=True.")
        try:
            write_atomically(path, self.text)
        except OSError as error:
            advice = "Check that the folder exists and is writable."
            raise FileError(f"{path.name!r} cannot be written: {error.strerror}.", advice=advice) from error


def code_for(sent: SentRequest | None, kind: CodeKind) -> Code:
    """The script for a request.

    Parameters
    ----------
    sent
        The request; None if it is not known.
    kind
        What the script uses.

    Raises
    ------
    StateError
        When the request is not known, or cannot be written in that way.
    ArgumentError
        When there is no such kind.
    """
    if kind not in _SCRIPTS:
        kinds = ", ".join(get_args(CodeKind))
        near = did_you_mean(str(kind), _SCRIPTS)
        raise ArgumentError(f"There is no code for {kind!r}.", advice=f"{near} Kinds: {kinds}.".lstrip())
    if sent is None:
        raise StateError(
            "The request of this reply is not available: it was not sent in this session.",
            advice="Send the message again, then await the reply.",
        )
    return Code(_SCRIPTS[kind](Plan.of(sent)), "sh" if kind == "curl" else "python")


def _fenced(text: str, language: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
