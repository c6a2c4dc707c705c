"""Refuses images for models that are known not to accept them, before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence

from nbstream.client.route import Route
from nbstream.errors import ArgumentError
from nbstream.types.content import image_url
from nbstream.types.messages import Message

__all__ = ["check_images"]


async def check_images(route: Route, messages: Sequence[Message]) -> None:
    """Check that a model accepts the images of a request.

    Models on this machine are text only. Of others the server's list of models is asked, which not every
    server fills in: then its answer to the request decides.

    Raises
    ------
    ArgumentError
        If the model does not accept images.
    """
    if not _has_image(messages):
        return
    accepts = False if route.local else await route.client.accepts_images(route.model)
    if accepts is not False:
        return
    if _has_image(messages[-1:]):
        advice = "Choose another model with -m, or remove the images."
    else:
        advice = "Earlier turns contain images: choose another model with -m, or add --alone."
    raise ArgumentError(f"{route.model} does not accept images.", advice=advice)


def _has_image(messages: Sequence[Message]) -> bool:
    parts = (part for message in messages if not isinstance(message.content, str) for part in message.content)
    return any(image_url(part) is not None for part in parts)
