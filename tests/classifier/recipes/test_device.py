"""Which device a fine-tuning takes, told without a GPU."""

from pathlib import Path
from typing import Any

import pytest

from classifier.recipes import RecipeError

torch = pytest.importorskip("torch", reason="the extra “encoder” is missing")

from classifier.recipes.tuning.device import Device, choose_device, process_count  # noqa: E402


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start from no wish of the environment."""
    monkeypatch.delenv("TAGLOOP_TRAINING_DEVICE", raising=False)
    monkeypatch.delenv("TAGLOOP_TRAINING_PROCESSES", raising=False)


def have(monkeypatch: pytest.MonkeyPatch, gpus: int, *, bf16: bool = True) -> None:
    """Let torch see that many GPUs."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: bf16)


def test_without_a_gpu_it_is_the_cpu_in_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    have(monkeypatch, 0)
    device = choose_device()
    assert (str(device), device.is_gpu) == ("cpu (fp32)", False)


@pytest.mark.parametrize(
    ("wanted", "rank", "expected"),
    [
        ("auto", 0, "cuda:0 (bf16)"),
        ("auto", 1, "cuda:1 (bf16)"),
        ("auto", 2, "cuda:0 (bf16)"),
        ("cuda", 1, "cuda:1 (bf16)"),
        ("cuda:1", 0, "cuda:1 (bf16)"),
        ("cpu", 0, "cpu (fp32)"),
    ],
)
def test_with_two_gpus(
    wanted: str, rank: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    have(monkeypatch, 2)
    monkeypatch.setenv("TAGLOOP_TRAINING_DEVICE", wanted)
    assert str(choose_device(rank)) == expected


def test_a_gpu_without_bf16_is_used_in_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    have(monkeypatch, 1, bf16=False)
    assert choose_device() == Device("cuda:0", bf16=False)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("tpu", "TAGLOOP_TRAINING_DEVICE is “tpu”; it can be auto, cpu, cuda or cuda:N"),
        ("cuda:x", "it can be auto, cpu, cuda or cuda:N"),
        ("cuda", "is “cuda”, and this machine has 0 GPUs"),
        ("cuda:3", "is “cuda:3”, and this machine has 0 GPUs"),
    ],
)
def test_a_device_that_is_not_there_is_told(
    wanted: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    have(monkeypatch, 0)
    monkeypatch.setenv("TAGLOOP_TRAINING_DEVICE", wanted)
    with pytest.raises(RecipeError, match=message):
        choose_device()


@pytest.mark.parametrize(
    ("wanted", "gpus", "expected"), [("1", 0, 1), ("3", 0, 3), ("auto", 0, 1), ("auto", 4, 4)]
)
def test_processes_are_chosen_by_the_environment(
    wanted: str, gpus: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    have(monkeypatch, gpus)
    monkeypatch.setenv("TAGLOOP_TRAINING_PROCESSES", wanted)
    assert process_count() == expected


@pytest.mark.parametrize("wanted", ["0", "-1", "many", ""])
def test_a_number_of_processes_that_is_none_is_told(
    wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAGLOOP_TRAINING_PROCESSES", wanted)
    with pytest.raises(RecipeError, match="it must be auto or 1, 2, 3"):
        process_count()


@pytest.mark.parametrize("bf16", [True, False])
def test_bf16_computes_in_bf16_and_keeps_fp32(bf16: bool, tiny_folder: Path) -> None:
    from classifier.recipes.encoders.export import tokenizer_of
    from classifier.recipes.tuning.loop import Tuning
    from classifier.recipes.tuning.state import Keeper
    from tests.classifier.recipes.test_plan import plan_of_examples

    plan = plan_of_examples(str(tiny_folder))
    seen: list[Any] = []
    tokenizer = tokenizer_of(tiny_folder)
    tuning = Tuning(plan, tokenizer, device=Device("cpu", bf16=bf16), keeper=Keeper(None))
    encoder: Any = tuning.model.encoder
    layer = encoder.encoder.layer[0].intermediate.dense
    layer.register_forward_hook(lambda _, __, output: seen.append(output.dtype))
    model = tuning.run()
    assert set(seen) == {torch.bfloat16 if bf16 else torch.float32}
    assert {each.dtype for each in model.parameters()} == {torch.float32}
