"""TensorBoard's logs: what Keras' callback and banach's write of the same fit, and what the package
tensorboard reads of both.

`make` fits a net with Keras' callback, `check` compares. Tags, steps, plugins, types and shapes must
be equal in the same order; the values are compared with Keras' and with those that banach told.
"""

import json

import numpy as np
from cases import (BATCH, EPOCHS_AFTER, numbered,
                   read_json)  # before keras: it says where Keras runs
from decks import Random

import keras
from tensorboard.backend.event_processing import event_accumulator, event_file_loader
from tensorboard.plugins.histogram import summary_v2
from tensorboard.util import tensor_util

RUNS = ("train", "validation")
HISTOGRAM_FREQ = 2


# ---- Made by Keras -------------------------------------------------------------------------------


def net():
    layers = keras.layers
    model = keras.Sequential([
        layers.Input((6, 6, 2)),
        layers.Conv2D(3, 3, use_bias=False, name="conv"),
        layers.BatchNormalization(name="norm"),
        layers.Flatten(name="flat"),
        layers.Dense(5, activation="selu", name="hidden"),
        layers.Dense(3, activation="softmax", name="kind"),
    ], name="net")
    rate = keras.optimizers.schedules.ExponentialDecay(0.01, 4, 0.5)
    model.compile(keras.optimizers.Adam(rate), "categorical_crossentropy", metrics=["accuracy"])
    return model


def make(folder, seed):
    """The model, its data, and the logs of Keras' callback. update_freq is 1, since otherwise Keras
    3 leaves out epochs that end between two batches to log."""
    keras.utils.set_random_seed(seed)
    random, samples = Random([seed, 77]), 40
    x = random.normal((samples, 6, 6, 2))
    y = np.eye(3, dtype="float32")[random.generator.integers(0, 3, samples)]
    np.savez(folder / "data.npz", **numbered("x", [x]), **numbered("y", [y]))
    model = net()
    model.optimizer.build(model.trainable_variables)  # else the file has none of its variables
    model.save(folder / "keras.keras")
    callback = keras.callbacks.TensorBoard(folder / "keras", histogram_freq=HISTOGRAM_FREQ,
                                           write_steps_per_second=True, update_freq="batch")
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS_AFTER, shuffle=False, verbose=0,
              validation_data=(x, y), callbacks=[callback])


def commands(folder):
    yield (f"log {folder}/keras.keras {EPOCHS_AFTER} {folder}/data.npz {folder}/banach "
           f"{folder}/told.json {folder}/told.npz")


# ---- Compared ------------------------------------------------------------------------------------


class Value:
    """What is logged under a tag at a step."""

    def __init__(self, step, value):
        self.step, self.tag = step, value.tag
        plugin = value.metadata.plugin_data
        self.array = tensor_util.make_ndarray(value.tensor)
        self.kind = (step, value.tag, plugin.plugin_name, plugin.content, value.tensor.dtype,
                     self.array.shape)
        self.is_histogram = plugin.plugin_name == "histograms"

    def is_number(self):
        return self.array.dtype.kind == "f" and not self.is_histogram

    def is_rate(self):
        return self.tag.endswith("steps_per_second")


def read(folder):
    """The values in the one file of a folder, in order."""
    (path,) = folder.iterdir()
    events = event_file_loader.EventFileLoader(str(path)).Load()
    return [Value(event.step, value) for event in events for value in event.summary.value]


def same_structure(a, b):
    if [value.kind for value in a] == [value.kind for value in b]:
        return
    for received, expected in zip(a, b):
        if received.kind != expected.kind:
            raise ValueError(f"{received.kind}, Keras has {expected.kind}")
    raise ValueError(f"{len(a)} values, Keras has {len(b)}")


def compare_with_keras(report, received, expected, tolerance):
    same_structure(received, expected)
    numbers = [(a.array, b.array) for a, b in zip(received, expected)
               if a.is_number() and not a.is_rate()]
    report.compare("scalars", *zip(*numbers), tolerance)
    buckets = [(a.array, b.array) for a, b in zip(received, expected) if a.is_histogram]
    if buckets:
        ends = [(a[:, :2], b[:, :2]) for a, b in buckets]
        counts = [(a[:, 2].sum(), b[:, 2].sum()) for a, b in buckets]
        report.compare("ends of buckets", *zip(*ends), tolerance)
        report.compare("counts of buckets", *zip(*counts), 0.0)


def expected_scalars(told):
    """{(run, tag, step): value} from what banach told: each epoch's logs and steps, each batch's."""
    expected = {}
    for name, values in told["history"].items():
        run = "validation" if name.startswith("val_") else "train"
        short = name.removeprefix("val_")
        for epoch, (value, iterations) in enumerate(zip(values, told["iterations"])):
            expected[run, f"epoch_{short}", epoch] = value
            if run == "validation":
                expected[run, f"evaluation_{short}_vs_iterations", iterations] = value
    for epoch, rate in enumerate(told["learning_rate"]):
        expected["train", "epoch_learning_rate", epoch] = rate
    for batch, logs in enumerate(told["batches"], start=1):
        for name, value in logs.items():
            expected["train", f"batch_{name}", batch] = value
    return expected


def compare_scalars_with_told(report, logs, told):
    expected = expected_scalars(told)
    received = {(run, value.tag, value.step): value for run in RUNS for value in logs[run]
                if value.is_number()}
    rates = [value.array for value in received.values() if value.is_rate()]
    if not rates or min(rates) <= 0:
        raise ValueError(f"steps per second: {rates}")
    received = {key: float(value.array) for key, value in received.items() if not value.is_rate()}
    expected = {key: float(np.float32(value)) for key, value in expected.items()}
    report.compare_named("scalars told", received, expected, 0.0)


def compare_histograms_with_told(report, values, told, weights):
    """Buckets of the weights at the end of each epoch, by tensorboard's own code."""
    received = {(value.step, value.tag): value.array for value in values if value.is_histogram}
    expected = {}
    for epoch in range(0, EPOCHS_AFTER, HISTOGRAM_FREQ):
        for name in told["weights"]:
            summary = summary_v2.histogram_pb(name, weights[f"epoch{epoch}/{name}"])
            expected[epoch, f"net/{name}/histogram"] = tensor_util.make_ndarray(
                summary.value[0].tensor)
    report.compare_named("histograms told", received, expected, 0.0)


def check_graph(values, folder):
    """Keras makes the same model of the JSON."""
    (graph,) = [value.array.item() for value in values if value.tag == "keras"]
    received = keras.models.model_from_json(graph.decode()).get_config()
    expected = keras.models.load_model(folder / "keras.keras").get_config()
    if json.dumps(received, sort_keys=True) != json.dumps(expected, sort_keys=True):
        raise ValueError(f"{received}, expected {expected}")


def check_dashboard(folder, run, values):
    """TensorBoard's backend finds every tag of a run, with all its steps."""
    accumulator = event_accumulator.EventAccumulator(
        str(folder / run), size_guidance={event_accumulator.TENSORS: 0})
    tags = set(accumulator.Reload().Tags()[event_accumulator.TENSORS])
    if tags != {value.tag for value in values}:
        raise ValueError(f"TensorBoard has the tags {sorted(tags)}")
    for tag in tags:
        steps = [event.step for event in accumulator.Tensors(tag)]
        if steps != [value.step for value in values if value.tag == tag]:
            raise ValueError(f"TensorBoard has {tag} at the steps {steps}")


def check(folder, report, tolerance):
    logs = {}
    for run in RUNS:
        with report.file(f"banach/{run}") as path:
            logs[run] = read(path)
            compare_with_keras(report, logs[run], read(folder / "keras" / run), tolerance)
            check_dashboard(folder / "banach", run, logs[run])
    with report.file("banach/train"):
        check_graph(logs["train"], folder)
    with report.file("told.json") as path:
        told = read_json(path)
        compare_scalars_with_told(report, logs, told)
    with report.file("told.npz") as path:
        compare_histograms_with_told(report, logs["train"], told, np.load(path))
    report.print("TensorBoard's logs of a fit")
    return report
