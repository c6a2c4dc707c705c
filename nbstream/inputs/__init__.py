"""Images, files, cells and errors of the notebook as parts of a message.

`prepared` is light: the converters are imported when a message holds something to convert.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nbstream.types.attachments import Prepared
from nbstream.types.content import as_content

__all__ = ["prepared"]


def prepared(given: object) -> Prepared:
    """A message as it can be sent: text, content parts, or a list that also holds images and files.

    Raises
    ------
    ArgumentError
        If a part of it cannot be sent.

    Examples
    --------
    >>> prepared("Hello").content
    'Hello'
    >>> prepared(["What is this?", "https://example.com/cat.png"]).content[1]
    {'type': 'image_url', 'image_url': {'url': 'https://example.com/cat.png'}}
    """
    if isinstance(given, Prepared):
        return given
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        return Prepared(as_content(given))
    items = list(given)
    if not items or all(isinstance(item, Mapping) for item in items):
        return Prepared(as_content(items))
    from nbstream.inputs.values import from_values

    return from_values(items)
