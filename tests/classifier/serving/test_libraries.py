"""Libraries are there before a model needs them, so that a promotion does not wait for them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from classifier.recipes import get
from classifier.recipes.artifact import write_artifact
from tests.classifier.recipes.examples import LABELS, TEXTS
from tests.loop.stack import ROOT

LOAD = """
import json, pathlib, sys
from classifier.recipes.artifact import read_artifact
from classifier.serving.libraries import import_libraries

import_libraries()
before = {name for name in sys.modules if name.split(".")[0] != "torch"}
read_artifact(pathlib.Path(sys.argv[1])).predict_proba(["bread"])
roots = {"skops", "sklearn", "scipy", "onnxruntime", "tokenizers", "torch", "transformers"}
print(json.dumps([name for name in set(sys.modules) - before if name.split(".")[0] in roots]))
"""


@pytest.mark.parametrize("name", ["linear", "embedding"])
def test_loading_a_model_imports_no_library(name: str, tmp_path: Path) -> None:
    kind = get(name)
    model = kind(kind.parameters_type.from_dict({}))
    model.fit(TEXTS, LABELS)
    write_artifact(tmp_path, model, temperature=1.0, snapshot_hash="")
    command = [sys.executable, "-c", LOAD, str(tmp_path)]
    assert json.loads(subprocess.check_output(command, text=True, cwd=ROOT)) == []
