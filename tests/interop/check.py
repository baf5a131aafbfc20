#!/usr/bin/env python3
"""Compares what `interop batch` left in FOLDER with Keras: check.py FOLDER LOG [PART PARTS]

LOG is what interop printed; a missing file is explained by its line "FAILED <command>: <error>".
With PART of PARTS, every PARTS-th case from number PART on: Keras keeps one processor busy.
One line a model, a summary, exit status 1 when anything differs.
"""

import contextlib
import pathlib
import re
import sys

import h5py
import numpy as np
import onnx
import onnxruntime

from cases import (BUILT, EPOCHS_AFTER, difference, evaluate, fit, in_order, optimizer_state,
                   predict, read_data, read_json)  # before keras: it says where Keras runs

import event_files
import keras
from keras.src.legacy.saving import legacy_h5_format

PREDICTION, TRAINING, ONNX, EXACT = 2e-5, 2e-4, 1e-5, 0.0
OPSET = 17


# Keras calls a metric "mae" by its full name once it was in an .h5.
ALIASES = {"mae": "mean_absolute_error", "mse": "mean_squared_error"}


def full_names(values):
    for alias, name in ALIASES.items():
        pattern = re.compile(rf"(?<![a-z]){alias}$")
        values = {pattern.sub(name, key): value for key, value in values.items()}
    return values


class Report:
    """The comparisons of one folder."""

    def __init__(self, folder, log):
        self.folder, self.log = folder, log
        self.count, self.failures, self.worst = 0, [], {}

    @contextlib.contextmanager
    def file(self, name):
        """What fails inside is this file's failure."""
        self.name, path = name, self.folder / name
        try:
            yield path
        except Exception as error:  # whatever Keras, ONNX or NumPy have to say
            reason = f"{type(error).__name__}: {error}"
            if not path.exists():
                reason = self.log.get(str(path), "was not written")
            self.count += 1
            self.failures.append(f"{name}: {reason}")

    def compare(self, what, received, expected, tolerance):
        """Numbers, or lists of arrays."""
        self.count += 1
        if len(received) != len(expected):
            self.failures.append(f"{self.name}: {len(received)} {what}, not {len(expected)}")
            return
        largest = max(map(difference, received, expected), default=0.0)
        self.worst[what] = max(largest, self.worst.get(what, 0.0))
        if not largest <= tolerance:
            self.failures.append(f"{self.name}: {what} differ by {largest:.2e} > {tolerance:.0e}")

    def compare_named(self, what, received, expected, tolerance, through_h5=False):
        """Dictionaries of numbers or lists."""
        if through_h5:
            received, expected = map(full_names, (received, expected))
        if set(received) != set(expected):
            self.count += 1
            self.failures.append(f"{self.name}: {what} {sorted(received)}, not {sorted(expected)}")
            return
        self.compare(what, [received[key] for key in expected], list(expected.values()), tolerance)

    def print(self, story):
        worst = ", ".join(f"{what} {value:.0e}" for what, value in self.worst.items() if value)
        print(f"{'FAIL' if self.failures else 'ok  '} {self.folder.name} {story}: {worst}")
        for failure in self.failures:
            print(f"       {failure}")


# ---- Keras and its files -------------------------------------------------------------------------


def load(path):
    """A compiled model with its optimizer's state, as far as the file has it."""
    model = keras.models.load_model(path)
    if path.suffix == ".h5":
        model.optimizer = optimizer_of_h5(model, path)
    return model


def optimizer_of_h5(model, path):
    """Keras 3.15 builds the optimizer of an .h5 on no variables, so that fit fails even on its own
    files. The state is there."""
    optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
    optimizer.build(model.trainable_variables)
    with h5py.File(path) as file:
        values = legacy_h5_format.load_optimizer_weights_from_hdf5_group(file)
        values = [np.asarray(value) for value in values]
    if len(values) != len(optimizer.variables):
        raise ValueError(f"{len(values)} optimizer weights, not {len(optimizer.variables)}")
    for variable, value in zip(optimizer.variables, values):
        variable.assign(value)  # set_weights leaves out what a LossScaleOptimizer wraps
    return optimizer


def read_outputs(path):
    return in_order(np.load(path), "y")


def check_onnx(path, x, expected, report, tolerance=ONNX):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    (opset,) = [entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    report.compare("opsets", [opset], [OPSET], EXACT)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [entry.name for entry in session.get_inputs()]
    for samples in (len(x[0]), 5):  # the batch is free
        feed = {name: array[:samples] for name, array in zip(names, x, strict=True)}
        outputs = session.run(None, feed)
        report.compare("onnxruntime", outputs, [y[:samples] for y in expected], tolerance)


# ---- Cases ---------------------------------------------------------------------------------------


def check_read(report, expected, arrays):
    """What C++ read from Keras' two files, and how it went on."""
    for name in ("from_keras.npz", "from_h5.npz"):
        with report.file(name) as path:
            report.compare("predictions", read_outputs(path), in_order(arrays, "y"), PREDICTION)
    with report.file("evaluate.json") as path:
        report.compare_named("evaluation", read_json(path), expected["evaluate"], TRAINING)
    if not expected["trains"]:
        return
    for kind in ("keras", "h5"):
        with report.file(f"history_{kind}.json") as path:
            report.compare_named("history", read_json(path), expected["history"], TRAINING,
                                 through_h5=kind == "h5")
    with report.file("continued.json") as path:
        report.compare_named("evaluation", read_json(path), expected["continued_evaluate"],
                             TRAINING)


def check_written(report, expected, arrays, x, y):
    """What Keras reads from the files that C++ wrote."""
    for name in ("written.keras", "written.h5"):
        with report.file(name) as path:
            model = load(path)
            report.compare("predictions", predict(model, x), in_order(arrays, "y"), PREDICTION)
            report.compare("weights", model.get_weights(), in_order(arrays, "w"), EXACT)
            report.compare("optimizer variables", optimizer_state(model), in_order(arrays, "o"),
                           EXACT)
            if expected["trains"]:
                history = fit(model, x, y, EPOCHS_AFTER)
                report.compare_named("Keras' history", history, expected["history"], TRAINING,
                                     through_h5=True)
    if not expected["trains"]:
        return
    for name in ("continued.keras", "continued.h5"):
        with report.file(name) as path:
            model = load(path)
            report.compare("trained predictions", predict(model, x), in_order(arrays, "c"),
                           TRAINING)
            report.compare("trained optimizer variables", optimizer_state(model),
                           in_order(arrays, "s"), TRAINING)


def check_keras_model(folder, log):
    report = Report(folder, log)
    expected, arrays = read_json(folder / "expected.json"), np.load(folder / "expected.npz")
    x, y = read_data(folder)
    check_read(report, expected, arrays)
    check_written(report, expected, arrays, x, y)
    with report.file("model.onnx") as path:
        check_onnx(path, x, in_order(arrays, "y"), report)
    report.print(expected["story"])
    return report


def check_built_model(name, folder, log):
    """A model that C++ made and trained: Keras must see the same in both files."""
    report = Report(folder, log)
    x, y = read_data(folder)
    half = BUILT[name].get("tolerance")
    keras.config.set_dtype_policy(BUILT[name].get("policy", "float32"))
    prediction, training, of_onnx = (half or usual for usual in (PREDICTION, TRAINING, ONNX))
    for kind in ("keras", "h5"):
        with report.file(f"built.{kind}") as path:
            model = load(path)
            outputs = predict(model, x)
            with report.file(f"from_{kind}.npz") as path:
                report.compare("predictions", read_outputs(path), outputs, prediction)
            with report.file(f"evaluate_{kind}.json") as path:
                report.compare_named("evaluation", read_json(path), evaluate(model, x, y),
                                     training, through_h5=kind == "h5")
            if BUILT[name]["trains"]:
                with report.file(f"history_{kind}.json") as path:
                    history = fit(model, x, y, EPOCHS_AFTER)
                    report.compare_named("history", read_json(path), history, training,
                                         through_h5=kind == "h5")
    with report.file("model.onnx") as path:
        check_onnx(path, x, read_outputs(folder / "from_keras.npz"), report, of_onnx)
    keras.config.set_dtype_policy("float32")
    report.print("built in C++")
    return report


def read_log(path):
    """{file that was to be written: why it was not}"""
    reasons = {}
    for line in path.read_text().splitlines():
        if line.startswith("FAILED "):
            command, _, error = line.removeprefix("FAILED ").partition(": ")
            for word in command.split():
                reasons.setdefault(word, f"{command.split()[0]}: {error}")
    return reasons


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    log = read_log(pathlib.Path(sys.argv[2]))
    part, parts = map(int, sys.argv[3:5]) if len(sys.argv) > 3 else (0, 1)
    models = sorted(root.glob("m[0-9]*"))
    if not models:
        sys.exit(f"{root}: no models")
    events = root / "event_files"
    cases = [lambda folder=folder: check_keras_model(folder, log) for folder in models]
    cases += [lambda name=name: check_built_model(name, root / f"built_{name}", log)
              for name in BUILT]
    cases.append(lambda: event_files.check(events, Report(events, log), TRAINING))
    reports = []
    for check in cases[part::parts]:
        keras.utils.clear_session()
        reports.append(check())
    failed = sum(bool(report.failures) for report in reports)
    count = sum(report.count for report in reports)
    print(f"{len(reports)} cases, {count} comparisons: {len(reports) - failed} passed, "
          f"{failed} failed")
    sys.exit(failed > 0)


main()
