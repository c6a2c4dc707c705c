"""Several answers to one prompt, as parallel requests."""

from nbstream.samples.samples import Samples

__all__ = ["Samples"]
