"""What is sent with a prompt besides its text, as a reader sees it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from nbstream.types.content import Content

__all__ = ["Attachment", "Prepared"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """One image, file or cell that was sent with a prompt.

    Parameters
    ----------
    name
        Its name in the notebook, or its file name.
    note
        Its format and size, and what was changed or left out.
    alt
        What an image shows: the title of a figure, or its name. Empty for anything else.
    thumbnail
        A small copy of an image as a ``data:`` URL; empty if there is none.

    Examples
    --------
    >>> str(Attachment("sales.csv", "first 100 of 2,000 rows"))
    'sales.csv: first 100 of 2,000 rows'
    """

    name: str
    note: str = ""
    alt: str = ""
    thumbnail: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.note}" if self.note else self.name

    def as_dict(self) -> dict[str, str]:
        """The fields that are not empty, as JSON."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message in the format of the API, and a description of what it holds besides its text.

    Examples
    --------
    >>> Prepared("Hello").attachments
    ()
    """

    content: Content
    attachments: tuple[Attachment, ...] = ()
