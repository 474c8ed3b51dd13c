"""The card of a dataset: what is in it and how it came about, for people and for hubs."""

import json
from collections import Counter
from collections.abc import Mapping

from labeling.export.formats.base import Context

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
LARGEST = "1M<n<10M"


def card(context: Context, counts: Mapping[str, Counter[str]], left_out: int) -> str:
    """Return the dataset card as Markdown with its YAML head.

    Args:
        context: the project and the filter.
        counts: labels by split.
        left_out: how many items had no label.
    """
    total = sum(split.total() for split in counts.values())
    return "\n".join([*_head(context, counts, total), "", *_text(context, counts, left_out), ""])


def _head(context: Context, counts: Mapping[str, Counter[str]], total: int) -> list[str]:
    size = next((name for limit, name in SIZES if total < limit), LARGEST)
    names = [f"          '{number}': {_quoted(n)}" for number, n in enumerate(context.labels)]
    files = [
        line
        for split in counts
        for line in (f"  - split: {split}", f"    path: data/{split}-*.parquet")
    ]
    splits = [
        line
        for split, labels in counts.items()
        for line in (f"  - name: {split}", f"    num_examples: {labels.total()}")
    ]
    texts = [
        line
        for name in ("external_id", "title", "body", "url")
        for line in (f"  - name: {name}", "    dtype: string")
    ]
    return [
        "---",
        f"pretty_name: {_quoted(context.name)}",
        "task_categories:",
        "- text-classification",
        "size_categories:",
        f"- {size}",
        "configs:",
        "- config_name: default",
        "  data_files:" if files else "  data_files: []",
        *files,
        "dataset_info:",
        "  features:",
        *texts,
        "  - name: label",
        "    dtype:",
        "      class_label:",
        "        names:",
        *names,
        "  splits:" if splits else "  splits: []",
        *splits,
        "---",
    ]


def _text(context: Context, counts: Mapping[str, Counter[str]], left_out: int) -> list[str]:
    splits = list(counts)
    table = [
        f"| {label.replace('|', '/')} | "
        + " | ".join(f"{counts[split][label]:,}" for split in splits)
        + " |"
        for label in context.labels
    ]
    chosen = ", ".join(f"{name} = {value}" for name, value in context.filters.items())
    return [
        f"# {context.name}",
        "",
        *([context.description, ""] if context.description else []),
        f"Exported on {context.exported_at:%Y-%m-%d}; " + (f"only {chosen}." if chosen else "all."),
        "",
        f"| label | {' | '.join(splits)} |",
        "|---|" + "---:|" * len(splits),
        *table,
        "",
        f"{left_out:,} items without a label are left out." if left_out else "Every item is in it.",
        "The split `test` is the gold holdout: no model of the project was trained on it.",
        "",
        "## How the labels were reached",
        "",
        "People labeled the items by a written guideline. Where several looked at one item and",
        "agreed, that is its label; where they did not, a reviewer decided. Some labels came in",
        "with the items.",
        "",
        "## Licence",
        "",
        "Not stated. Whoever publishes this dataset has to state one that the texts allow.",
    ]


def _quoted(text: str) -> str:
    # JSON's quoting is YAML's as well.
    return json.dumps(text, ensure_ascii=False)
