"""What leaves a notebook: answers with their origin, and requests as code."""

from nbstream.export.code import Code, CodeKind, code_for
from nbstream.export.origins import add_origins

__all__ = ["Code", "CodeKind", "add_origins", "code_for"]
