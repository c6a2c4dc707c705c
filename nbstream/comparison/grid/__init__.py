"""The grid of a comparison: variants, rows, cells, and the requests that fill them."""

from nbstream.comparison.grid.cell import Cell
from nbstream.comparison.grid.rows import Row
from nbstream.comparison.grid.variant import Variant

__all__ = ["Cell", "Row", "Variant"]
