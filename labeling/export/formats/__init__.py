"""The formats of an export. A new one is a class and an entry in `FORMATS`."""

from collections.abc import Mapping

from labeling.export.formats.base import Context, Format
from labeling.export.formats.csv import Csv
from labeling.export.formats.doccano import Doccano
from labeling.export.formats.hugging_face import HuggingFace
from labeling.export.formats.json_lines import JsonLines
from labeling.export.formats.label_studio import LabelStudio
from labeling.export.formats.parquet import Parquet

FORMATS: Mapping[str, Format] = {
    "csv": Csv(),
    "jsonl": JsonLines(),
    "parquet": Parquet(),
    "huggingface": HuggingFace(),
    "labelstudio": LabelStudio(),
    "doccano": Doccano(),
}

__all__ = ["FORMATS", "Context", "Format"]
