"""Real content with known tags, read where it lies."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "mlcontent.csv"


@dataclass(frozen=True)
class Content:
    """One item with the tag that people agreed on."""

    external_id: str
    title: str
    body: str
    tag: str


def read_content() -> list[Content]:
    """Return the course's items in file order; skip the test where the file is absent."""
    if not SHARED.exists():
        pytest.skip(f"{SHARED.name} is not beside the project: no real content to run the loop on")
    with SHARED.open(newline="", encoding="utf-8") as file:
        return [
            Content(row["id"], row["title"], row["description"], row["tag"])
            for row in csv.DictReader(file)
        ]


def as_csv(items: list[Content]) -> bytes:
    """Return the items as a CSV file that does not tell their tags."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "title", "description"])
    writer.writerows([item.external_id, item.title, item.body] for item in items)
    return text.getvalue().encode()
