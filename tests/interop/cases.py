"""What generate.py and check.py share: the files of a case, data, what counts as equal."""

import json
import os
import warnings

os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import absl.logging
import numpy as np
import tensorflow as tf

absl.logging.set_verbosity(absl.logging.ERROR)  # Keras warns of every .h5 that it writes
warnings.filterwarnings("ignore", message="The structure of `inputs`")  # [x] for x is allowed
warnings.filterwarnings("ignore", message="Even though the `tf.config")  # see evaluate

BATCH = 16
EPOCHS_BEFORE, EPOCHS_AFTER = 2, 3

# The models that `interop build` makes, by the data that they take: shapes of the inputs, and for
# each output the number of classes ("one_hot") or of values ("values"). One that computes in float16
# has a tolerance of its own, 8 roundings of values of up to 1, and needs its policy: Keras does not
# restore that of a model itself.
BUILT = {
    "tutorial": {"inputs": [(28, 28, 1)], "outputs": [("one_hot", 10)], "trains": False},
    "functional": {
        "inputs": [(8, 8, 3), (5,)],
        "outputs": [("one_hot", 3), ("values", 1)],
        "trains": True,
    },
    "mixed_float16": {
        "inputs": [(8, 8, 2)],
        "outputs": [("one_hot", 4)],
        "trains": True,
        "tolerance": 4e-3,
        "policy": "mixed_float16",
    },
}


def numbered(prefix, arrays):
    return {f"{prefix}{i}": np.asarray(array) for i, array in enumerate(arrays)}


def in_order(archive, prefix):
    """The arrays prefix0, prefix1, ... of an npz."""
    arrays = []
    while f"{prefix}{len(arrays)}" in archive:
        arrays.append(archive[f"{prefix}{len(arrays)}"])
    return arrays


def read_data(folder):
    data = np.load(folder / "data.npz")
    return in_order(data, "x"), in_order(data, "y")


def read_json(path):
    return json.loads(path.read_text())


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n")


def difference(received, expected):
    """The largest error: relative to values above 1, else absolute."""
    received, expected = (np.asarray(value, "float64") for value in (received, expected))
    if received.shape != expected.shape:
        raise ValueError(f"shape {received.shape} instead of {expected.shape}")
    if received.size == 0:
        return 0.0
    error = np.max(np.abs(received - expected) / np.maximum(1, np.abs(expected)))
    return float(error) if np.isfinite(error) else float("inf")


def fit(model, x, y, epochs):
    # Makes the variables of the metrics; else TensorFlow traces the first step twice.
    evaluate(model, [array[:BATCH] for array in x], [array[:BATCH] for array in y])
    options = {"batch_size": BATCH, "epochs": epochs, "shuffle": False, "verbose": 0}
    return model.fit(x, y, **options).history


def evaluate(model, x, y):
    tf.config.run_functions_eagerly(True)  # a graph costs more than it saves here
    try:
        return model.evaluate(x, y, batch_size=BATCH, verbose=0, return_dict=True)
    finally:
        tf.config.run_functions_eagerly(False)


def predict(model, x):
    """A list of arrays, one an output."""
    outputs = model(x if len(x) > 1 else x[0], training=False)
    return [np.asarray(y) for y in (outputs if isinstance(outputs, list) else [outputs])]


def optimizer_state(model):
    return [variable.numpy() for variable in model.optimizer.variables]
