"""What the peers share: the cases of cases.json, the clock of benchmarks/measure.hpp, and answering
with one JSON line for each case named as an argument or, without arguments, on standard input."""
import json
import math
import pathlib
import resource
import statistics
import sys
import time

import numpy as np

CASES = json.loads((pathlib.Path(__file__).parents[1] / "cases.json").read_text())
THREADS = 2


def flat_layers(items):
    """(class name, config) of each layer, repetitions written out."""
    for item in items:
        for _ in range(item.get("repeat", 1)):
            if "repeat" in item:
                yield from flat_layers(item["layers"])
            else:
                yield item["class_name"], item["config"]


def net_of(case):
    """The input's shape and the layers."""
    net = CASES["nets"][case["net"]]
    return net["input_shape"], list(flat_layers(net["layers"]))


def make_samples(case):
    """x (samples, ...) and class numbers that follow from it."""
    input_shape, _ = net_of(case)
    random = np.random.default_rng(1)
    count = case.get("samples", case["batch"])
    x = random.standard_normal([count, *input_shape], dtype=np.float32)
    return x, np.clip((x.reshape(count, -1)[:, 0] + 2) * 2.5, 0, 9).astype(np.int64)


def measure(step, finish, repetitions=5, milliseconds=100):
    def run(steps):
        start = time.perf_counter()
        for _ in range(steps):
            step()
        finish()
        return (time.perf_counter() - start) * 1000

    spent = run(2)
    while spent < 200:
        spent += run(1)
    steps = 1
    taken = run(steps)
    while taken < milliseconds / 4:
        steps *= 2
        taken = run(steps)
    steps = max(1, math.ceil(milliseconds * steps / taken))
    times = sorted(run(steps) / steps for _ in range(repetitions))
    return {"median_ms": statistics.median(times), "fastest_ms": times[0],
            "slowest_ms": times[-1], "repetitions": repetitions}


def serve(runner, kind, make_steps, finish=lambda: None):
    """Answers. make_steps(case) gives {how: step} for the ways to run it; the fastest counts. finish()
    waits for a device that is only told to make its steps."""
    prepared = {}

    def answer(name):
        case = next((case for case in CASES["cases"] if case["name"] == name), {})
        if case.get("kind") != kind:
            return {"not_supported": f"not one of the {kind} cases"}
        if name not in prepared:
            prepared[name] = make_steps(case)
        timings = [{**measure(step, finish), "how": how} for how, step in prepared[name].items()]
        best = min(timings, key=lambda timing: timing["median_ms"])
        for timing in timings:
            if timing["median_ms"] > 1.7 * best["median_ms"]:
                del prepared[name][timing["how"]]  # not worth another try
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        ways = {timing["how"]: timing["median_ms"] for timing in timings}
        return {**best, "ways": ways, "peak_mb": round(peak, 1)}

    for line in sys.argv[1:] or sys.stdin:
        name = line.strip()
        print(json.dumps({"runner": runner, "case": name, **answer(name)}), flush=True)
