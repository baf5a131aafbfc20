"""Runs the floor, banach and the peers on every case in turn, on this machine, and writes what came
out to benchmarks/results/ and into docs/benchmarks.md. scripts/bench calls it with the peers' Python:
compare.py BUILD_FOLDER ROUNDS [CASE...]
"""
import importlib.metadata
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from page import ROOT, put_into_page

PEERS = {"keras": "keras_steps", "torch": "torch_steps", "onnxruntime": "onnxruntime_predict"}
NAMES = {"floor": "floor", "banach": "banach", "keras": "Keras on TensorFlow", "torch": "PyTorch",
         "onnxruntime": "onnxruntime"}
PACKAGES = ("keras", "tensorflow-cpu", "torch", "onnxruntime")


class Runner:
    """A process that answers the name of a case with a line of JSON."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)

    def ask(self, case):
        try:
            print(case, file=self.process.stdin, flush=True)
            return json.loads(self.process.stdout.readline())
        except (OSError, json.JSONDecodeError):
            return {"not_supported": "the runner ended"}

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def runners_of(build):
    runners = {"floor": Runner([build / "bin/bench_floor"]),
               "banach": Runner([build / "bin/bench_run"])}
    for name, script in PEERS.items():
        runners[name] = Runner([sys.executable, ROOT / f"benchmarks/peers/{script}.py"])
        runners[name].ask("none")  # until it has imported what it needs
    return runners


def compare(case, runners, rounds):
    """{runner: {"ms": [each round's median], ...}}; the order turns around every other round."""
    asked = [name for name in runners if name in ("floor", "banach", *case["peers"])]
    answers = {}
    for i in range(rounds):
        for name in asked if i % 2 == 0 else reversed(asked):
            if "not_supported" in answers.get(name, {}):
                continue
            time.sleep(0.3)  # the other's threads may still spin
            answer = runners[name].ask(case.get(f"{name}_case", case["name"]))
            answers.setdefault(name, {"ms": []}).update(answer)
            if "median_ms" in answer:
                answers[name]["ms"].append(answer["median_ms"])
    return answers


def ratio(numerator, denominator):
    """The median over rounds, or None."""
    if not numerator or not denominator:
        return None
    return statistics.median(a / b for a, b in zip(numerator, denominator))


def judge(case, answers):
    """{against: {"ratio": ..., "target": ..., "passed": ...}} for each target of the case; against
    the floor smaller is better."""
    ours = answers["banach"]["ms"]
    verdicts = {}
    for against, target in case["targets"].items():
        theirs = answers[against]["ms"]
        value = ratio(ours, theirs) if against == "floor" else ratio(theirs, ours)
        passed = None if value is None else (value <= target if against == "floor"
                                             else value >= target)
        verdicts[against] = {"ratio": value, "target": target, "passed": passed}
    return verdicts


def run_child(command):
    """Seconds and peak megabytes of a process of its own."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        raise RuntimeError(f"{command} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def start_rows(what, command):
    """A process's milliseconds and peak megabytes, medians of 15."""
    seconds, peaks = zip(*(run_child(command) for _ in range(15)))
    return [(what, 1000 * statistics.median(seconds), "ms", 50),
            ("its peak memory", statistics.median(peaks), "MB", 100)]


def footprint(build):
    """Start, memory and size: (what, value, unit, limit)."""
    program = build / "bin/bench_first_prediction"
    rows = start_rows("start to first prediction, tutorial net", [program])
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("keras", "h5"):
            saved = pathlib.Path(folder) / f"tutorial.{suffix}"
            run_child([program, "save", saved])
            rows += start_rows(f"the same, loaded from a .{suffix} file", [program, saved])
    rows.append(("peak memory of the literal tutorial program",
                 run_child([build / "bin/mnist_selu", "1"])[1], "MB", 430))
    rows.append(("1000 dense layers: plan and first steps",
                 1000 * run_child([build / "bin/bench_deep"])[0], "ms", 1000))
    with tempfile.TemporaryDirectory() as folder:
        stripped = shutil.copy((build / "lib/libbanach.so").resolve(), folder)
        subprocess.run(["strip", stripped], check=True)
        rows.append(("library, stripped", pathlib.Path(stripped).stat().st_size / 1e6, "MB", 6))
    return rows


def machine():
    cpuinfo = dict(re.findall(r"^(\w[\w ]*?)\s*: (.*)$",
                              pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE))
    flags = cpuinfo.get("flags", "").split()
    best = [name for name in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if name in flags]
    return {"cpu": cpuinfo.get("model name", platform.machine()),
            "family": cpuinfo.get("cpu family"), "model": cpuinfo.get("model"),
            "instructions": best, "python": platform.python_version(),
            **{package: importlib.metadata.version(package) for package in PACKAGES
               if has_package(package)}}


def has_package(name):
    try:
        return bool(importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return False


def in_units(milliseconds):
    return f"{1000 * milliseconds:.3g} us" if milliseconds < 0.1 else f"{milliseconds:.3g} ms"


def time_cell(answer):
    if answer is None:
        return ""
    if not answer["ms"]:
        return "not yet" if "not_supported" in answer else "failed"
    spread = (max(answer["ms"]) - min(answer["ms"])) / statistics.median(answer["ms"])
    return f"{in_units(statistics.median(answer['ms']))} ±{50 * spread:.0f} %"


def verdict_cell(against, verdict):
    sign = "<=" if against == "floor" else ">="
    target = f"{sign} {verdict['target']:.2f}"
    if verdict["ratio"] is None:
        return f"{NAMES[against]}: not measured ({target})"
    word = "passed" if verdict["passed"] else "**missed**"
    return f"{NAMES[against]}: {verdict['ratio']:.2f} ({target}) {word}"


def write_table(results):
    columns = ["banach", "floor", *PEERS]
    lines = [f"| case | {' | '.join(NAMES[name] for name in columns)} | ratios |",
             "|---" * (len(columns) + 2) + "|"]
    for name, result in results["cases"].items():
        cells = [time_cell(result["answers"].get(column)) for column in columns]
        verdicts = "; ".join(verdict_cell(*item) for item in result["verdicts"].items())
        lines.append(f"| {name} | {' | '.join(cells)} | {verdicts} |")
    lines += ["", "| footprint | measured | limit | |", "|---|---|---|---|"]
    for what, value, unit, limit in results["footprint"]:
        lines.append(f"| {what} | {value:.3g} {unit} | < {limit} {unit} | "
                     f"{'passed' if value < limit else '**missed**'} |")
    versions = ", ".join(f"{package} {results['machine'][package]}" for package in PACKAGES
                         if package in results["machine"])
    lines = [f"Measured on: {results['machine']['cpu']} (family {results['machine']['family']}, "
             f"model {results['machine']['model']}; {', '.join(results['machine']['instructions'])})"
             f", 2 threads; {versions}; median of {results['rounds']} rounds, half the spread.",
             "", *lines]
    return "\n".join(lines)


def main():
    build, rounds, names = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    cases = json.loads((ROOT / "benchmarks/cases.json").read_text())["cases"]
    runners = runners_of(build)
    results = {"machine": machine(), "rounds": rounds, "cases": {}}
    for case in cases:
        if case.get("device") == "gpu" or names and case["name"] not in names:
            continue
        answers = compare(case, runners, rounds)
        verdicts = judge(case, answers)
        results["cases"][case["name"]] = {"answers": answers, "verdicts": verdicts}
        print(case["name"], {name: time_cell(answer) for name, answer in answers.items()},
              "; ".join(verdict_cell(*item) for item in verdicts.items()), flush=True)
    for runner in runners.values():
        runner.end()
    if names:
        return  # a part of the list is for the eye only
    results["footprint"] = footprint(build)
    cpu = re.sub(r"\W+", "_", results["machine"]["cpu"].lower()).strip("_")
    path = ROOT / f"benchmarks/results/{cpu}_family_{results['machine']['family']}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + "\n")
    put_into_page("cases", write_table(results))


main()
