"""The content that clients may send: text and inline data.

The model's server acts with the rights and the network of the relay's operator. So URLs that it would fetch
(a local file, an internal service), ids of the operator's uploads and unknown parts are rejected.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

__all__ = ["Content", "Text"]

Text = Annotated[str, Field(min_length=1)]


_DATA = re.compile(r"data:[A-Za-z0-9/.+-]+;base64,", re.ASCII)


def _in_itself(url: str) -> str:
    if not _DATA.match(url):
        told = "Only inline data is accepted. Send it as data:TYPE;base64,DATA"
        raise PydanticCustomError("not_data", told)
    return url


_DataURL = Annotated[str, AfterValidator(_in_itself)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _TextPart(_Closed):
    type: Literal["text"]
    text: str


class _Image(_Closed):
    url: _DataURL
    detail: Literal["auto", "low", "high"] | None = None


class _ImagePart(_Closed):
    type: Literal["image_url"]
    image_url: _Image


class _Audio(_Closed):
    data: Text
    format: Literal["wav", "mp3"]


class _AudioPart(_Closed):
    type: Literal["input_audio"]
    input_audio: _Audio


class _File(_Closed):
    file_data: _DataURL
    filename: str | None = None


class _FilePart(_Closed):
    type: Literal["file"]
    file: _File


# An error's location may contain tags of unions, which must not be reported as fields.
def _type(part: Any) -> str:
    return f"<{part.get('type')}>" if isinstance(part, dict) else ""


def _kind(content: Any) -> str:
    return "<parts>" if isinstance(content, list) else "<text>"


_Part = Annotated[
    Annotated[_TextPart, Tag("<text>")]
    | Annotated[_ImagePart, Tag("<image_url>")]
    | Annotated[_AudioPart, Tag("<input_audio>")]
    | Annotated[_FilePart, Tag("<file>")],
    Discriminator(
        _type,
        custom_error_type="unknown_part",
        custom_error_message="Send a part of the type text, image_url, input_audio or file",
    ),
]
Content = Annotated[
    Annotated[Text, Tag("<text>")] | Annotated[list[_Part], Field(min_length=1), Tag("<parts>")],
    Discriminator(_kind),
]
"""Content of a message, as text or in parts."""
