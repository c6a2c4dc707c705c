"""Tables of figures: printed for people, written as JSON for comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    name: str
    figures: Mapping[str, float]


@dataclass(frozen=True)
class Table:
    name: str
    title: str
    rows: list[Row]

    def __str__(self) -> str:
        columns = list(dict.fromkeys(column for row in self.rows for column in row.figures))
        lines = [
            f"{self.name}: {self.title}",
            "| | " + " | ".join(columns) + " |",
            "|---" * (len(columns) + 1) + "|",
        ]
        for row in self.rows:
            cells = [f"{row.figures[column]:,.4g}" if column in row.figures else "" for column in columns]
            lines.append(f"| {row.name} | " + " | ".join(cells) + " |")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, object]:
        return {
            "name": self.name,
            "title": self.title,
            "rows": {row.name: dict(row.figures) for row in self.rows},
        }
