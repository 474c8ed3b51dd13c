"""Tags a second of the serving process, each prediction stored before its answer.

`python -m benchmarks.serving --model linear|embedding --clients 1,16,64` trains a model on the
demo's items, starts the real serving process and calls it with texts that are all different, from
so many connections at a time. Beside the times stands the processor time that the process itself
spent on a call, which depends less on what else the machine does. The last line is JSON by number
of clients: `req_per_s`, `p50_ms`, `p99_ms`, `errors`.

`--swaps N` then has 64 clients make `--requests` calls while two models are promoted in turn, and
tells how many calls failed and how long after a promotion the old model gave its last answer.
`--peer ray` measures Ray Serve beside it, with the same model and one replica that stores nothing;
`--peer-python` names an interpreter that has `ray[serve]`, where this one has not.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from benchmarks import serving_world as world
from benchmarks.databases import ENGINES, fresh_database
from benchmarks.serving_load import Load, call_of, load
from benchmarks.serving_peer import peer

MODELS = ("linear", "embedding", "keywords")
TEXTS = 10_000
WARM_SECONDS = 3.0
SWAP_CLIENTS = 64
HEADING = "clients    req/s    p50 ms    p99 ms  errors  server CPU us/req"


def main() -> None:
    """Print a table, then JSON."""
    options = _options()
    with fresh_database(options.engine):
        secret = world.build(options.model)
        texts = world.varied(world.read_texts()[0], TEXTS)
        bodies = [{"project": world.SLUG, "title": title, "body": body} for title, body in texts]
        calls = [call_of(body, secret=secret) for body in bodies]
        print(f"{options.model} on {options.engine}, {options.workers} serving process(es)")
        with world.serving(SERVING_WORKERS=str(options.workers), SERVING_RATE="0") as (port, pid):
            found = _measure(port, pid, calls, options)
            if options.swaps:
                _swap(port, calls, options.swaps, options.requests)
        _check_stored(found)
    if options.peer:
        _compare(options, found, texts)
    print(json.dumps({clients: seen.figures() for clients, seen in found.items()}))


def _measure(
    port: int, pid: int, calls: Sequence[bytes], options: argparse.Namespace
) -> dict[str, Load]:
    found = {}
    asyncio.run(load(port, calls, clients=16, seconds=WARM_SECONDS))
    print(HEADING)
    for clients in options.clients:
        before = world.cpu_seconds(pid)
        seen = asyncio.run(load(port, calls, clients=clients, seconds=options.seconds))
        _show(clients, seen, world.cpu_seconds(pid) - before)
        found[str(clients)] = seen
    return found


def _show(clients: int, seen: Load, spent: float) -> None:
    told, each = seen.figures(), 1e6 * spent / max(1, len(seen.milliseconds))
    times = f"{told['p50_ms']:9.2f} {told['p99_ms']:9.2f}"
    print(f"{clients:7d} {told['req_per_s']:8.1f} {times} {told['errors']:7.0f} {each:18.0f}")
    for reason in seen.reasons:
        print(f"        {reason}")


def _swap(port: int, calls: Sequence[bytes], swaps: int, requests: int) -> None:
    """Promote back and forth while clients call; print what failed and how soon it had effect."""
    promoted: list[tuple[float, int]] = []
    with ThreadPoolExecutor(1) as pool:
        seen = Load()
        going = pool.submit(
            asyncio.run, load(port, calls, clients=SWAP_CLIENTS, limit=requests, into=seen)
        )
        for number in range(swaps):
            # Spread over all the calls, however fast they are.
            while len(seen.milliseconds) < number * requests / (swaps + 1) and not going.done():
                time.sleep(0.01)
            model = 2 - number % 2
            world.promote(model)
            promoted.append((time.monotonic(), model))
        going.result()
    print(
        f"{swaps} swaps within {len(seen.milliseconds):,} calls: {seen.errors} failed; the old "
        f"model's last answer came {_lag(seen, promoted):.2f} s after a promotion at most"
    )
    for reason in seen.reasons:
        print(f"        {reason}")


def _lag(seen: Load, promoted: Sequence[tuple[float, int]]) -> float:
    """Return the most seconds from a promotion to the last answer of the model before it."""
    ends = [moment for moment, _ in promoted[1:]] + [float("inf")]
    return max(
        when - moment if number != model else 0.0
        for (moment, model), end in zip(promoted, ends, strict=True)
        for when, number in seen.models
        if moment <= when < end
    )


def _check_stored(found: dict[str, Load]) -> None:
    """Stop where fewer predictions are stored than were answered."""
    from classifier.models import Prediction

    answered, stored = sum(s.statuses[200] for s in found.values()), Prediction.objects.count()
    if stored < answered:
        raise SystemExit(f"{answered - stored} of {answered} answered predictions are not stored.")


def _compare(
    options: argparse.Namespace, found: dict[str, Load], texts: Sequence[tuple[str, str]]
) -> None:
    theirs = peer(options.peer_python, options.model, options.clients, options.seconds, texts)
    if isinstance(theirs, str):
        print(theirs)
        return
    print("Ray Serve, one replica, nothing stored")
    print("clients    req/s    p50 ms    p99 ms  errors  ours / theirs")
    for clients, told in theirs.items():
        ratio = found[clients].figures()["req_per_s"] / max(told["req_per_s"], 0.1)
        times = f"{told['p50_ms']:9.2f} {told['p99_ms']:9.2f}"
        print(f"{clients:>7} {told['req_per_s']:8.1f} {times} {told['errors']:7.0f} {ratio:13.1f}x")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=MODELS, default="linear")
    parser.add_argument("--clients", type=_numbers, default=[1, 16, 64])
    parser.add_argument("--engine", choices=ENGINES, default="postgresql")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--swaps", type=int, default=0)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--peer", choices=["ray"])
    parser.add_argument("--peer-python", default=sys.executable)
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


if __name__ == "__main__":
    main()
