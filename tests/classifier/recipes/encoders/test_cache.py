"""Vectors kept on disk: shared by processes, never in the way."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.recipes.encoders import encode
from classifier.recipes.encoders.cache import VectorCache, cache_folder, chunks
from classifier.recipes.encoders.network import Vectors


class Counting:
    """An encoder that counts the texts that it is given."""

    id = "counting"

    def __init__(self) -> None:
        self.given: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.given += texts
        return np.array([[len(text), text.count("a")] for text in texts], dtype=np.float32)


def test_what_was_put_is_found_by_encoder_and_text(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "new" / "vectors.sqlite3")
    row = np.array([0.25, -1.5], dtype=np.float32)
    cache.put("one", {"a text": row, "half an emoji \ud83d": row * 2})
    found = cache.get("one", ["a text", "unheard", "half an emoji \ud83d"])
    assert found.keys() == {"a text", "half an emoji \ud83d"}
    np.testing.assert_array_equal(found["a text"], row)
    np.testing.assert_array_equal(found["half an emoji \ud83d"], row * 2)
    assert cache.get("other", ["a text"]) == {}


def test_more_texts_than_a_statement_takes(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "vectors.sqlite3")
    rows = {str(n): np.array([n], dtype=np.float32) for n in range(1234)}
    cache.put("one", rows)
    found = cache.get("one", list(rows))
    assert {text: float(row[0]) for text, row in found.items()} == {str(n): n for n in range(1234)}


def test_only_new_texts_are_encoded_and_each_once(tmp_path: Path) -> None:
    cache, encoder = VectorCache(tmp_path / "vectors.sqlite3"), Counting()
    encode(encoder, ["a", "bb"], keep=True, cache=cache)
    rows = encode(encoder, ["bb", "ccc", "a", "ccc"], keep=True, cache=cache)
    np.testing.assert_array_equal(rows, [[2, 0], [3, 0], [1, 1], [3, 0]])
    assert encoder.given == ["a", "bb", "ccc"]


def test_nothing_is_kept_unless_asked_for(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "vectors.sqlite3")
    encode(Counting(), ["a"], cache=cache)
    assert cache.get("counting", ["a"]) == {}


def test_what_was_encoded_before_a_failure_is_kept(tmp_path: Path) -> None:
    class Failing(Counting):
        def encode(self, texts: Sequence[str]) -> Vectors:
            if self.given:
                raise KeyboardInterrupt
            return super().encode(texts)

    cache, texts = VectorCache(tmp_path / "vectors.sqlite3"), [str(n) for n in range(300)]
    with pytest.raises(KeyboardInterrupt):
        encode(Failing(), texts, keep=True, cache=cache)
    assert cache.get("counting", texts).keys() == set(texts[:128])


@pytest.mark.parametrize("content", [b"no database", b""])
def test_a_file_that_is_no_database_is_no_obstacle(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite3"
    path.write_bytes(content)
    rows = encode(Counting(), ["a"], keep=True, cache=VectorCache(path))
    np.testing.assert_array_equal(rows, [[1, 1]])


def test_a_folder_that_cannot_be_made_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = VectorCache(tmp_path / "file" / "vectors.sqlite3")
    np.testing.assert_array_equal(encode(Counting(), ["a"], keep=True, cache=cache), [[1, 1]])


PUT = """
import pathlib, sys
import numpy as np
from classifier.recipes.encoders.cache import VectorCache
cache = VectorCache(pathlib.Path(sys.argv[1]))
for n in range(100):
    cache.put("one", {f"{sys.argv[2]} {n}": np.ones(1), f"both {n}": np.ones(1)})
"""


def test_processes_put_beside_each_other(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite3"
    command = [sys.executable, "-c", PUT, str(path)]
    root = Path(__file__).parents[4]
    running = [subprocess.Popen([*command, str(n)], cwd=root) for n in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    texts = [f"{who} {n}" for who in ("0", "1", "2", "both") for n in range(100)]
    assert len(VectorCache(path).get("one", texts)) == 400


MAKE = """
import pathlib, sys
import numpy as np
from classifier.recipes.encoders.cache import VectorCache
print("ready", flush=True)
for path in sys.stdin:
    VectorCache(pathlib.Path(path.strip())).put("one", {sys.argv[1]: np.ones(1)})
    print("put", flush=True)
"""


def test_processes_that_make_the_file_at_once_all_put(tmp_path: Path) -> None:
    root, pipe = Path(__file__).parents[4], subprocess.PIPE
    running = [
        subprocess.Popen([sys.executable, "-c", MAKE, who], cwd=root, stdin=pipe, stdout=pipe)
        for who in "012"
    ]
    assert [process.stdout.readline() for process in running if process.stdout] == [b"ready\n"] * 3
    paths = [tmp_path / f"{n}.sqlite3" for n in range(40)]
    for path in paths:
        for process in running:
            assert process.stdin
            process.stdin.write(f"{path}\n".encode())
            process.stdin.flush()
        assert [each.stdout.readline() for each in running if each.stdout] == [b"put\n"] * 3
    assert [process.communicate()[0] for process in running] == [b""] * 3
    assert [len(VectorCache(path).get("one", "012")) for path in paths] == [3] * 40


def test_the_folder_is_chosen_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAGLOOP_CACHE_DIR", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("TAGLOOP_CACHE_DIR")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder() == tmp_path / "home" / ".cache" / "tagloop"


@settings(max_examples=30)
@given(st.lists(st.integers()), st.integers(1, 7))
def test_chunks_keep_every_value_in_order(values: list[int], size: int) -> None:
    parts = list(chunks(values, size))
    assert [value for part in parts for value in part] == values
    assert all(len(part) == size for part in parts[:-1])
