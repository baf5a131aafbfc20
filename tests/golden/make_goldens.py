#!/usr/bin/env python3
"""Writes the golden files beside this script: what Keras computes, for the C++ tests to match.

Run by hand, in a virtual environment of its own, outside the project:

    python3 -m venv peers
    peers/bin/pip install tensorflow-cpu==2.21.0 keras==3.15.1 h5py tensorboard==2.21.0 pillow==13.0.0
    peers/bin/pip install --no-deps tf_keras==2.21.0
    peers/bin/python tests/golden/make_goldens.py [--mnist FOLDER] [--only NAME ...]

--mnist is the folder with the four MNIST idx files (*.gz); default: data/mnist of the repository.
Goldens are never regenerated in CI: a change of a golden file is a change of the reference and is
reviewed as one. README.md documents every file and key.
"""

import argparse
import contextlib
import gzip
import io
import json
import os
import pathlib
import re
import struct
import tempfile
import types
import zlib

os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["COLUMNS"] = "80"

import h5py
import keras
import ml_dtypes
import numpy as np
import tensorflow as tf
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE
MNIST = HERE.parent.parent / "data" / "mnist"
L = keras.layers


# ---- Helpers -------------------------------------------------------------------------------------


def use(dtype):
    """Starts from a clean Keras whose floatx and dtype policy are `dtype`."""
    keras.utils.clear_session()
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)


def save(name, arrays):
    """Writes name.npz; only the dtypes that the C++ reader knows, C order, rank <= 5."""
    arrays = {key: np.asarray(value, order="C") for key, value in arrays.items()}
    for key, value in arrays.items():
        assert value.dtype.name in ("float32", "float64", "int32", "int64", "uint8"), (key, value.dtype)
        assert value.ndim <= 5, key
    np.savez_compressed(OUT / f"{name}.npz", **arrays)


def numbered(prefix, arrays):
    return {f"{prefix}{i}": np.asarray(array) for i, array in enumerate(arrays)}


def value_and_gradients(function, variables, cotangent):
    """y = function(), and the gradients of sum(y * cotangent) with respect to the variables."""
    with tf.GradientTape() as tape:
        tape.watch(variables)
        y = function()
        total = tf.reduce_sum(y * cotangent)
    return y.numpy(), [gradient.numpy() for gradient in tape.gradient(total, variables)]


def random_weights(rng, shapes, names):
    """Initial weights that depend on no framework: kernels scaled by fan-in, small biases."""
    weights = []
    for shape, name in zip(shapes, names):
        draw = rng.standard_normal(shape)
        if name == "kernel":
            draw = draw / np.sqrt(np.prod(shape[:-1]))
        elif name in ("gamma", "moving_variance"):
            draw = 1.0 + 0.2 * np.tanh(draw)
        else:
            draw = 0.1 * draw
        weights.append(draw.astype(np.float32))
    return weights


def set_random_weights(rng, layer_or_model, dtype):
    variables = layer_or_model.weights
    weights = random_weights(rng, [v.shape for v in variables], [v.name for v in variables])
    layer_or_model.set_weights([w.astype(dtype) for w in weights])


# ---- Activations and losses ----------------------------------------------------------------------

ACTIVATIONS = [
    "linear", "relu", "selu", "elu", "sigmoid", "tanh", "softmax", "softplus", "softsign",
    "exponential", "gelu", "silu", "leaky_relu", "relu6", "hard_sigmoid", "hard_silu", "hard_tanh",
    "tanh_shrink", "mish", "log_sigmoid", "log_softmax",
]  # fmt: skip


def activation_functions():
    functions = {name: keras.activations.get(name) for name in ACTIVATIONS}
    functions["gelu_tanh"] = lambda x: keras.activations.gelu(x, approximate=True)
    functions["elu_alpha2"] = lambda x: keras.activations.elu(x, alpha=2.0)
    return functions


def selu_gradient_under_xla(x, cotangent):
    """XLA's selu has another slope at 0 than TensorFlow's own kernel (see README.md)."""

    @tf.function(jit_compile=True)
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(keras.activations.selu(x) * cotangent)
        return tape.gradient(total, x)

    return gradient(x).numpy()


def activations():
    use("float64")
    grid = np.arange(-20, 21) * 0.3
    x = tf.constant(np.concatenate([grid, [20.0, -20.0, 1e-3, -1e-3]]).reshape(3, 15))
    cotangent = np.random.default_rng(1).uniform(0.5, 1.5, (3, 15))
    arrays = {"x": x.numpy(), "c": cotangent}
    for name, function in activation_functions().items():
        y, (dx,) = value_and_gradients(lambda: tf.identity(function(x)), [x], cotangent)
        arrays |= {name: y, f"{name}_dx": dx}
    arrays["selu_dx_xla"] = selu_gradient_under_xla(x, cotangent)
    save("activations", arrays)


def loss_and_gradient(loss, y_true, y_pred):
    """Per-sample losses, and the gradient of their sum with respect to y_pred."""
    y_pred = tf.constant(y_pred)
    values, (gradient,) = value_and_gradients(lambda: loss(y_true, y_pred), [y_pred], 1.0)
    return values, gradient


def loss_variants(case, loss, y_true, y_pred, logits, smoothings):
    arrays = {f"{case}/y_true": y_true, f"{case}/y_pred": y_pred, f"{case}/logits": logits}
    for source, inputs, from_logits in (("plain", y_pred, False), ("logits", logits, True)):
        for suffix, options in smoothings.items():
            function = lambda t, p: loss(t, p, from_logits=from_logits, **options)
            values, gradient = loss_and_gradient(function, y_true, inputs)
            key = f"{case}/from_{source}{suffix}"
            arrays |= {key: values, f"{key}_dx": gradient}
    return arrays


SMOOTHING = {"": {}, "_smoothing": {"label_smoothing": 0.1}}


def class_probabilities(rng):
    """Probabilities with the awkward rows: not normalized, exact zeros and ones, a tie."""
    p = rng.dirichlet(np.ones(4), 8)
    p[3] = [0.2, 0.1, 0.4, 0.1]
    p[4] = [0.0, 1.0, 0.0, 0.0]
    p[5] = [0.0, 0.0, 0.0, 1.0]
    p[6] = [0.4, 0.4, 0.1, 0.1]
    p[7] = [1e-9, 0.5, 0.5 - 1e-9, 0.0]
    return p


def categorical_losses(rng):
    labels = np.array([0, 1, 2, 3, 1, 2, 1, 0])
    p, logits = class_probabilities(rng), 3.0 * rng.standard_normal((8, 4))
    one_hot = np.eye(4)[labels]
    losses, metrics = keras.losses, keras.metrics
    arrays = loss_variants("cce", losses.categorical_crossentropy, one_hot, p, logits, SMOOTHING)
    sparse = losses.sparse_categorical_crossentropy
    arrays |= loss_variants("scce", sparse, labels, p, logits, {"": {}})
    arrays["cce/accuracy"] = metrics.categorical_accuracy(one_hot, p).numpy()
    arrays["scce/accuracy"] = metrics.sparse_categorical_accuracy(labels, p).numpy()
    return arrays


def extreme_losses():
    """Logits (50, -50), true class the second: clipped at -ln(1e-7), or 100 from the logits."""
    logits = np.array([[50.0, -50.0]])
    p = keras.activations.softmax(tf.constant(logits)).numpy()
    losses = keras.losses
    one_hot = np.array([[0.0, 1.0]])
    cce = loss_variants("cce50", losses.categorical_crossentropy, one_hot, p, logits, {"": {}})
    sparse = losses.sparse_categorical_crossentropy
    return cce | loss_variants("scce50", sparse, np.array([1]), p, logits, {"": {}})


def binary_losses(rng):
    y_true = rng.integers(0, 2, (6, 3)).astype(np.float64)
    p, logits = rng.uniform(0.0, 1.0, (6, 3)), 3.0 * rng.standard_normal((6, 3))
    p[3], p[4], p[5] = [0.0, 1.0, 0.5], [1.0, 0.0, 0.5], [1e-9, 1.0 - 1e-9, 0.5 + 1e-9]
    y_true[3], y_true[4], y_true[5] = [0.0, 1.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 1.0]
    bce = keras.losses.binary_crossentropy
    arrays = loss_variants("bce", bce, y_true, p, logits, SMOOTHING)
    arrays["bce/accuracy"] = keras.metrics.binary_accuracy(y_true, p).numpy()
    return arrays


def regression_losses(rng):
    y_true, y_pred = rng.standard_normal((6, 3)), rng.standard_normal((6, 3))
    y_pred[2, 1] = y_true[2, 1]
    arrays = {"regression/y_true": y_true, "regression/y_pred": y_pred}
    for name in ("mean_squared_error", "mean_absolute_error"):
        values, gradient = loss_and_gradient(getattr(keras.losses, name), y_true, y_pred)
        arrays |= {f"regression/{name}": values, f"regression/{name}_dx": gradient}
    return arrays


def losses():
    use("float64")
    rng = np.random.default_rng(2)
    arrays = categorical_losses(rng) | extreme_losses() | binary_losses(rng)
    save("losses", arrays | regression_losses(rng))


def loss_inputs(rng):
    """Targets and predictions of each kind, with the awkward values: equal ones, zeros, ones."""
    signed, errors = rng.standard_normal((6, 3)), 2.0 * rng.standard_normal((6, 3))
    errors[2, 1], signed[3, 0] = 0.0, 0.0
    signed[5], signed[4, 2] = 0.0, -1e-9
    p, one_hot = rng.dirichlet(np.ones(4), 6), np.eye(4)[[0, 1, 2, 3, 1, 2]]
    p[3], p[4] = [0.0, 0.0, 0.0, 1.0], [0.25, 1e-9, 0.25, 0.5]
    counts = np.float64(rng.integers(0, 5, (6, 3)))
    return {
        "signed": (signed, signed + errors),
        "counts": (counts, rng.uniform(0.0, 4.0, (6, 3))),
        "classes": (one_hot, p),
        "scores": (one_hot, 3.0 * rng.standard_normal((6, 4))),
        "signs": (np.sign(rng.standard_normal((6, 3))), 1.5 * rng.standard_normal((6, 3))),
    }


def losses_more():
    """Each loss: a kind of inputs, and options."""
    cases = {
        "mean_absolute_percentage_error": ("signed", {}),
        "mean_squared_logarithmic_error": ("counts", {}),
        "cosine_similarity": ("signed", {}),
        "huber": ("signed", {}),
        "huber/delta": ("signed", {"delta": 2.5}),
        "log_cosh": ("signed", {}),
        "poisson": ("counts", {}),
        "kl_divergence": ("classes", {}),
        "hinge": ("signs", {}),
        "hinge/classes": ("classes", {}),
        "squared_hinge": ("signs", {}),
        "categorical_hinge": ("scores", {}),
        "binary_focal_crossentropy": ("classes", {}),
        "binary_focal_crossentropy/balanced": ("classes", {
            "apply_class_balancing": True, "alpha": 0.4, "gamma": 1.5, "label_smoothing": 0.1}),
        "binary_focal_crossentropy/logits": ("scores", {"from_logits": True}),
        "categorical_focal_crossentropy": ("classes", {}),
        "categorical_focal_crossentropy/logits": ("scores", {
            "from_logits": True, "alpha": 0.5, "gamma": 3.0, "label_smoothing": 0.1}),
    }  # fmt: skip
    use("float64")
    inputs = loss_inputs(np.random.default_rng(4))
    arrays = {}
    for kind, (y_true, y_pred) in inputs.items():
        arrays |= {f"{kind}/y_true": y_true, f"{kind}/y_pred": y_pred}
    for case, (kind, options) in cases.items():
        function = getattr(keras.losses, case.split("/")[0])
        loss = lambda t, p: function(t, p, **options)
        values, gradient = loss_and_gradient(loss, *inputs[kind])
        arrays |= {f"{case}/values": values, f"{case}/dx": gradient}
    save("losses_more", arrays)


def metric_inputs(rng):
    """Targets and predictions of each kind, 12 samples, with ties, and values at thresholds."""
    y, p = np.float64(rng.integers(0, 2, (12, 1))), rng.uniform(0.0, 1.0, (12, 1))
    p[:6, 0] = [0.0, 1.0, 0.5, 0.5, 0.25, 0.75]
    labels = rng.integers(0, 4, 12)
    scores = rng.dirichlet(np.ones(4), 12)
    scores[0], scores[1] = 0.25, 1e-10  # below what F-scores take for a prediction
    scores[2] = [0.4, 0.4, 0.1, 0.1]
    real = rng.standard_normal((12, 2))
    return {
        "binary": (y, p),
        "logits": (y, 2.0 * rng.standard_normal((12, 1))),
        "classes": (np.eye(4)[labels], scores),
        "labels": (labels, scores),
        "real": (real, real + 0.5 * rng.standard_normal((12, 2))),
    }


def metric_cases():
    """Each case: a class, its arguments, and the kind of its inputs."""
    M = keras.metrics
    cases = {name: (getattr(M, name), {}, "binary") for name in (
        "TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives", "Precision",
        "Recall", "AUC", "BinaryAccuracy", "BinaryCrossentropy", "Poisson")}  # fmt: skip
    cases |= {name: (getattr(M, name), {}, "real") for name in (
        "MeanSquaredError", "RootMeanSquaredError", "MeanAbsoluteError", "CosineSimilarity",
        "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "LogCoshError", "R2Score",
        "Hinge", "SquaredHinge")}  # fmt: skip
    cases |= {name: (getattr(M, name), {}, "classes") for name in (
        "CategoricalAccuracy", "CategoricalCrossentropy", "KLDivergence", "CategoricalHinge")}
    cases |= {name: (getattr(M, name), {}, "labels") for name in (
        "SparseCategoricalAccuracy", "SparseCategoricalCrossentropy")}  # fmt: skip
    cases |= {f"AUC/{curve}_{method}": (M.AUC, {
        "curve": curve, "summation_method": method, "num_thresholds": 11}, "binary")
        for curve in ("ROC", "PR") for method in ("interpolation", "minoring", "majoring")}
    for average in ("micro", "macro", "weighted"):
        cases[f"F1Score/{average}"] = (M.F1Score, {"average": average}, "classes")
        options = {"average": average, "beta": 2.0, "threshold": 0.3}
        cases[f"FBetaScore/{average}"] = (M.FBetaScore, options, "classes")
    for k in (1, 2, 3):
        cases[f"TopKCategoricalAccuracy/{k}"] = (M.TopKCategoricalAccuracy, {"k": k}, "classes")
        sparse = M.SparseTopKCategoricalAccuracy
        cases[f"SparseTopKCategoricalAccuracy/{k}"] = (sparse, {"k": k}, "labels")
    return cases | {
        "AUC/logits": (M.AUC, {"from_logits": True}, "logits"),
        "AUC/classes": (M.AUC, {"num_thresholds": 50}, "classes"),
        "BinaryAccuracy/threshold": (M.BinaryAccuracy, {"threshold": 0.25}, "binary"),
        "Precision/class": (M.Precision, {"class_id": 2, "thresholds": 0.3}, "classes"),
        "Recall/class": (M.Recall, {"class_id": 2, "thresholds": 0.3}, "classes"),
        "Precision/classes": (M.Precision, {"thresholds": 0.25}, "classes"),
        "R2Score/variance": (M.R2Score, {
            "class_aggregation": "variance_weighted_average"}, "real"),
    }  # fmt: skip


def metrics():
    """Results after two batches, of 7 and 5 samples, without and with weights."""
    use("float64")
    rng = np.random.default_rng(6)
    inputs, weights = metric_inputs(rng), rng.uniform(0.1, 2.0, 12)
    arrays = {"weights": weights}
    for kind, (y_true, y_pred) in inputs.items():
        arrays |= {f"{kind}/y_true": y_true, f"{kind}/y_pred": y_pred}
    for case, (class_, options, kind) in metric_cases().items():
        y_true, y_pred = inputs[kind]
        if "TopK" in case:
            y_pred = np.float32(y_pred)  # TensorFlow's in_top_k takes nothing else
        for key, w in (("plain", None), ("weighted", weights)):
            metric = class_(**options)
            for part in (slice(0, 7), slice(7, 12)):
                sample_weight = None if w is None else w[part]
                metric.update_state(y_true[part], y_pred[part], sample_weight)
            arrays[f"{case}/{key}"] = np.float64(metric.result())
    save("metrics", arrays)


# ---- Layers --------------------------------------------------------------------------------------


def layer_cases():
    """name -> (layer, input shape, call in training mode)"""
    conv, image = L.Conv2D, (2, 7, 6, 3)
    return {
        "dense_selu": (L.Dense(6, activation="selu"), (5, 7), False),
        "dense_rank3": (L.Dense(5, activation="tanh"), (2, 3, 4), False),
        "conv2d_valid": (conv(4, 3), image, False),
        "conv2d_same_stride2": (conv(4, 3, strides=2, padding="same"), image, False),
        "conv2d_dilation2": (conv(4, 3, dilation_rate=2), image, False),
        "conv2d_groups2": (conv(6, 3, groups=2), (2, 7, 6, 4), False),
        "conv2d_same_kernel2": (conv(4, 2, padding="same"), image, False),
        "conv2d_same_kernel4": (conv(4, 4, padding="same"), image, False),
        "conv2d_rect": (conv(4, (3, 2), strides=(2, 1), padding="same"), image, False),
        "maxpool_valid": (L.MaxPooling2D(2), (2, 7, 6, 3), False),
        "maxpool_same": (L.MaxPooling2D(3, strides=2, padding="same"), (2, 7, 5, 3), False),
        "maxpool_ties": (L.MaxPooling2D(3, strides=1, padding="same"), (2, 5, 4, 2), False),
        "avgpool_valid": (L.AveragePooling2D(2), (2, 7, 6, 3), False),
        "avgpool_same": (L.AveragePooling2D(3, strides=2, padding="same"), (2, 7, 6, 3), False),
        "batchnorm_train": (L.BatchNormalization(), (6, 5), True),
        "batchnorm_train_rank4": (L.BatchNormalization(), (2, 4, 3, 5), True),
        "batchnorm_infer": (L.BatchNormalization(), (6, 5), False),
        "batchnorm_infer_rank4": (L.BatchNormalization(), (2, 4, 3, 5), False),
    }


def layer_inputs(rng, name, shape):
    x = rng.standard_normal(shape).astype(np.float32)
    if name == "maxpool_ties":
        x = rng.integers(0, 3, shape).astype(np.float32)
    return x + 1.5 if name.startswith("batchnorm") else x


def layer_arrays(rng, name, layer, shape, training, dtype):
    x = tf.constant(layer_inputs(rng, name, shape).astype(dtype))
    layer.build(shape)
    set_random_weights(rng, layer, dtype)
    arrays = {"x": x.numpy()} | numbered("w", layer.get_weights())
    options = {"training": training} if name.startswith("batchnorm") else {}
    cotangent = rng.standard_normal(layer.compute_output_shape(shape)).astype(np.float32)
    arrays["c"] = cotangent.astype(dtype)
    variables = [x] + [v.value for v in layer.trainable_weights]
    y, (dx, *dw) = value_and_gradients(lambda: layer(x, **options), variables, arrays["c"])
    arrays |= {"y": y, "dx": dx} | numbered("dw", dw)
    if training:
        arrays |= {"mean": layer.moving_mean.numpy(), "variance": layer.moving_variance.numpy()}
    return {f"{name}/{key}": value for key, value in arrays.items()}


def layers(dtype):
    use(dtype)
    rng, arrays = np.random.default_rng(3), {}
    for name, (layer, shape, training) in layer_cases().items():
        arrays |= layer_arrays(rng, name, layer, shape, training, dtype)
    save("layers_f64" if dtype == "float64" else "layers_f32", arrays)


# More layers: files of their own, so that adding a case leaves the others' bytes alone.


def more_layer_cases():
    """name -> (layer, input shape)"""
    image, depthwise = (2, 7, 6, 3), L.DepthwiseConv2D
    return {
        "globalavgpool": (L.GlobalAveragePooling2D(), image),
        "globalavgpool_keepdims": (L.GlobalAveragePooling2D(keepdims=True), image),
        "globalmaxpool": (L.GlobalMaxPooling2D(), image),
        "globalmaxpool_ties": (L.GlobalMaxPooling2D(keepdims=True), (2, 3, 4, 5)),
        "layernorm": (L.LayerNormalization(), (5, 7)),
        "layernorm_rank4": (L.LayerNormalization(epsilon=0.1), (2, 3, 2, 4)),
        "layernorm_axes": (L.LayerNormalization(axis=[2, 3]), (2, 3, 2, 4)),
        "layernorm_plain": (L.LayerNormalization(center=False, scale=False), (5, 7)),
        "layernorm_center": (L.LayerNormalization(scale=False), (5, 7)),
        "relu": (L.ReLU(), (6, 7)),
        "relu_6": (L.ReLU(6.0), (6, 7)),
        "relu_max": (L.ReLU(4.0), (6, 7)),
        "relu_slope": (L.ReLU(negative_slope=0.25), (6, 7)),
        "relu_threshold": (L.ReLU(threshold=2.0), (6, 7)),
        "relu_all": (L.ReLU(4.0, negative_slope=0.25, threshold=2.0), (6, 7)),
        "relu_6_slope": (L.ReLU(6.0, negative_slope=0.5), (6, 7)),
        "leaky_relu": (L.LeakyReLU(0.25), (6, 7)),
        "elu": (L.ELU(0.5), (6, 7)),
        "softmax_axis": (L.Softmax(axis=1), (2, 4, 3)),
        "prelu": (L.PReLU(), (3, 2, 4)),
        "prelu_shared": (L.PReLU(shared_axes=[1, 2]), (2, 3, 2, 4)),
        "zeropadding": (L.ZeroPadding2D(((1, 2), (0, 3))), (2, 3, 2, 2)),
        "zeropadding_pair": (L.ZeroPadding2D((2, 1)), (2, 3, 2, 2)),
        "upsampling_nearest": (L.UpSampling2D((2, 3)), (2, 3, 2, 2)),
        "upsampling_bilinear": (L.UpSampling2D((2, 4), interpolation="bilinear"), (2, 3, 4, 2)),
        "upsampling_bilinear_3": (L.UpSampling2D(3, interpolation="bilinear"), (2, 3, 2, 2)),
        "depthwise_valid": (depthwise(3), image),
        "depthwise_selu": (depthwise(3, padding="same", activation="selu"), image),
        "depthwise_multiplier": (depthwise((3, 2), padding="same", depth_multiplier=2), image),
        "depthwise_stride2": (depthwise(3, strides=2, padding="same", use_bias=False), image),
        "depthwise_dilation2": (depthwise(3, dilation_rate=2, padding="same"), image),
        "depthwise_both": (depthwise(2, strides=2, dilation_rate=2, padding="same"), image),
        "permute": (L.Permute((3, 1, 2)), (2, 3, 2, 4)),
    }


def merge_cases():
    """name -> (layer, input shapes)"""
    same = [(4, 5)] * 3
    return {
        "add": (L.Add(), same),
        "add_broadcast": (L.Add(), [(2, 3, 4, 5), (2, 1, 1, 5)]),
        "add_ranks": (L.Add(), [(2, 5), (2, 3, 5)]),
        "subtract": (L.Subtract(), [(4, 5), (4, 5)]),
        "multiply": (L.Multiply(), same),
        "average": (L.Average(), same),
        "maximum": (L.Maximum(), same),
        "minimum": (L.Minimum(), same),
        "concatenate": (L.Concatenate(), [(4, 5), (4, 1), (4, 3)]),
        "concatenate_axis1": (L.Concatenate(axis=1), [(2, 3, 4), (2, 2, 4)]),
    }


def more_layer_inputs(rng, name, shape):
    """Whole numbers where ties and bounds matter, or where TensorFlow computes in float32 only."""
    if name.startswith(("relu", "upsampling_bilinear")):
        return rng.integers(-8, 9, shape).astype(np.float32)
    if name in ("globalmaxpool_ties", "maximum", "minimum"):
        return rng.integers(0, 3, shape).astype(np.float32)
    return rng.standard_normal(shape).astype(np.float32)


def more_layer_arrays(rng, name, layer, shapes, dtype):
    inputs = [tf.constant(more_layer_inputs(rng, name, s).astype(dtype)) for s in shapes]
    call = lambda: layer(inputs if len(inputs) > 1 else inputs[0])
    output_shape = call().shape
    set_random_weights(rng, layer, dtype)
    whole = name.startswith("upsampling_bilinear")
    draw = rng.integers(-4, 5, output_shape) if whole else rng.standard_normal(output_shape)
    cotangent = draw.astype(np.float32).astype(dtype)
    variables = inputs + [v.value for v in layer.trainable_weights]
    y, gradients = value_and_gradients(lambda: tf.identity(call()), variables, cotangent)
    arrays = {"c": cotangent, "y": y} | numbered("w", layer.get_weights())
    arrays |= numbered("dw", gradients[len(inputs) :])
    if len(inputs) > 1:
        arrays |= numbered("x", inputs) | numbered("dx", gradients[: len(inputs)])
    else:
        arrays |= {"x": inputs[0].numpy(), "dx": gradients[0]}
    return {f"{name}/{key}": value for key, value in arrays.items()}


def normalization_arrays(dtype):
    """The layer after adapt() on `data`, whose last feature does not vary, and with numbers given."""
    rng, arrays = np.random.default_rng(11), {}
    data = (3.0 * rng.standard_normal((10, 4, 3)) + 1.0).astype(np.float32).astype(dtype)
    data[..., 2] = 2.0
    given = {"mean": np.array([0.5, -1.0, 2.0]), "variance": np.array([4.0, 0.25, 0.0])}
    cases = {"": {}, "_invert": {"invert": True}, "_given": given}
    for suffix, options in cases.items():
        name, layer = f"normalization{suffix}", L.Normalization(**options)
        if suffix != "_given":
            layer.adapt(data)
        x = tf.constant(rng.standard_normal((5, 4, 3)).astype(np.float32).astype(dtype))
        cotangent = rng.standard_normal(x.shape).astype(np.float32).astype(dtype)
        y, (dx,) = value_and_gradients(lambda: tf.identity(layer(x)), [x], cotangent)
        one = {"data": data, "x": x.numpy(), "c": cotangent, "y": y, "dx": dx}
        one |= numbered("w", layer.get_weights())
        arrays |= {f"{name}/{key}": value for key, value in one.items()}
    return arrays


def more_layers(dtype):
    use(dtype)
    rng, arrays = np.random.default_rng(5), {}
    for name, (layer, shape) in more_layer_cases().items():
        arrays |= more_layer_arrays(rng, name, layer, [shape], dtype)
    for name, (layer, shapes) in merge_cases().items():
        arrays |= more_layer_arrays(rng, name, layer, shapes, dtype)
    arrays |= normalization_arrays(dtype)
    save("layers_more_f64" if dtype == "float64" else "layers_more_f32", arrays)


# ---- Training ------------------------------------------------------------------------------------


def mlp_net():
    return keras.Sequential([
        keras.Input((20,)), L.Dense(16, activation="selu"), L.Dense(12, activation="tanh"),
        L.Dense(3, activation="softmax"),
    ])  # fmt: skip


def cnn_net():
    return keras.Sequential([
        keras.Input((10, 9, 2)), L.Conv2D(4, 3, activation="selu"), L.MaxPooling2D(2),
        L.Conv2D(6, 3, padding="same", activation="relu"), L.AveragePooling2D(2), L.Flatten(),
        L.Dense(8, activation="elu"), L.Dense(4, activation="softmax"),
    ])  # fmt: skip


def bn_net():
    return keras.Sequential([
        keras.Input((8,)), L.Dense(10), L.BatchNormalization(), L.Activation("relu"),
        L.Dense(3, activation="softmax"),
    ])  # fmt: skip


def binary_net():
    return keras.Sequential([
        keras.Input((6,)), L.Dense(8, activation="gelu"), L.Dense(1, activation="sigmoid"),
    ])  # fmt: skip


def regression_net():
    return keras.Sequential([
        keras.Input((5,)), L.Dense(8, activation="softplus"), L.Dense(2),
    ])  # fmt: skip


def classweight_net():
    return keras.Sequential([
        keras.Input((6,)), L.Dense(8, activation="selu"), L.Dense(3, activation="softmax"),
    ])  # fmt: skip


def labelled(rng, shape, classes):
    """Inputs, and labels that a linear rule with a little noise gives them."""
    x = rng.standard_normal(shape).astype(np.float32)
    scores = x.reshape(len(x), -1) @ rng.standard_normal((np.prod(shape[1:]), classes))
    noise = 0.3 * np.std(scores) * rng.standard_normal(scores.shape)
    return x, np.argmax(scores + noise, axis=-1).astype(np.int32)


def batches(count, batch_size, epochs):
    """The fixed order: every epoch from the first sample on, a short last batch is kept."""
    starts = range(0, count, batch_size)
    return [slice(s, min(s + batch_size, count)) for _ in range(epochs) for s in starts]


def train_steps(model, x, y, batch_size, epochs, sample_weight=None, class_weight=None):
    """One record per step; train_on_batch resets the metrics, so each is that batch's own."""
    records = []
    for batch in batches(len(x), batch_size, epochs):
        weight = None if sample_weight is None else sample_weight[batch]
        logs = model.train_on_batch(
            x[batch], y[batch], weight, class_weight=class_weight, return_dict=True
        )
        records.append(logs)
    return {name: np.array([logs[name] for logs in records]) for name in records[0]}


def train(name, dtype, net, compile_options, x, y, batch_size, epochs, **weights):
    """Writes train_<name>[_f64].npz; `weights` may hold sample_weight or class_weight (arrays)."""
    model = net()
    set_random_weights(np.random.default_rng(4), model, dtype)
    model.compile(**compile_options)
    x = x.astype(dtype)
    y = y if y.dtype == np.int32 else y.astype(dtype)
    weights = {key: value.astype(dtype) for key, value in weights.items()}
    arrays = {"x": x, "y": y, "batch_size": np.int32(batch_size), "epochs": np.int32(epochs)}
    arrays |= weights | numbered("w", model.get_weights())
    if "class_weight" in weights:
        weights["class_weight"] = {i: float(w) for i, w in enumerate(weights["class_weight"])}
    records = train_steps(model, x, y, batch_size, epochs, **weights)
    arrays |= {key: value.astype(dtype) for key, value in records.items()}
    arrays |= numbered("v", model.get_weights())
    save(f"train_{name}" + ("_f64" if dtype == "float64" else ""), arrays)


def rounded(value, dtype):
    """Keras rounds momentum and betas to float32 in places, even in a float64 model. For float64
    they are given as float32 values, which that leaves alone: then the goldens are exact."""
    return float(np.float32(value)) if dtype == "float64" else value


def adam(dtype, learning_rate=0.01, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    betas = {"beta_1": rounded(beta_1, dtype), "beta_2": rounded(beta_2, dtype)}
    return keras.optimizers.Adam(learning_rate, epsilon=epsilon, **betas)


def mlp_optimizers(dtype):
    momentum = {"momentum": rounded(0.9, dtype)}
    return {
        "sgd": keras.optimizers.SGD(0.1),
        "momentum": keras.optimizers.SGD(0.05, **momentum),
        "nesterov": keras.optimizers.SGD(0.05, nesterov=True, **momentum),
        "adam": adam(dtype),
    }


def train_mlp(dtype):
    for name in ("sgd", "momentum", "nesterov", "adam"):
        use(dtype)
        x, labels = labelled(np.random.default_rng(5), (80, 20), 3)
        options = {"loss": "categorical_crossentropy", "metrics": ["accuracy"]}
        options["optimizer"] = mlp_optimizers(dtype)[name]
        train(f"mlp_{name}", dtype, mlp_net, options, x, np.eye(3)[labels], 16, 4)


def train_cnn(dtype):
    use(dtype)
    x, labels = labelled(np.random.default_rng(6), (48, 10, 9, 2), 4)
    options = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
    options["optimizer"] = adam(dtype)
    train("cnn_adam", dtype, cnn_net, options, x, labels, 12, 5)


def train_bn(dtype):
    use(dtype)
    x, labels = labelled(np.random.default_rng(7), (80, 8), 3)
    options = {"loss": "categorical_crossentropy", "metrics": ["accuracy"]}
    options["optimizer"] = adam(dtype)
    train("bn_adam", dtype, bn_net, options, x, np.eye(3)[labels], 16, 4)


def train_binary(dtype):
    use(dtype)
    rng = np.random.default_rng(8)
    x, labels = labelled(rng, (50, 6), 2)
    sample_weight = np.where(rng.uniform(size=50) < 0.1, 0.0, rng.uniform(0.2, 2.0, 50))
    weighted = [keras.metrics.BinaryAccuracy(name="weighted_accuracy")]
    options = {"loss": "binary_crossentropy", "metrics": ["accuracy"], "weighted_metrics": weighted}
    options["optimizer"] = keras.optimizers.SGD(0.1)
    y = labels.astype(np.float32).reshape(50, 1)
    sample_weight = sample_weight.astype(np.float32)
    train("binary_sgd", dtype, binary_net, options, x, y, 16, 5, sample_weight=sample_weight)


def train_regression(dtype):
    use(dtype)
    rng = np.random.default_rng(9)
    x = rng.standard_normal((80, 5)).astype(np.float32)
    y = np.tanh(x @ rng.standard_normal((5, 2))).astype(np.float32)
    options = {"loss": "mse", "metrics": ["mae"], "optimizer": adam(dtype)}
    train("regression_adam", dtype, regression_net, options, x, y, 16, 4)


def train_classweight(dtype):
    use(dtype)
    x, labels = labelled(np.random.default_rng(10), (80, 6), 3)
    options = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
    options["optimizer"] = adam(dtype)
    class_weight = np.array([0.5, 1.0, 2.5])
    net = classweight_net
    train("classweight_adam", dtype, net, options, x, labels, 16, 4, class_weight=class_weight)


def regularized_net(dtype):
    number = lambda value: rounded(value, dtype)
    R, C = keras.regularizers, keras.constraints
    return keras.Sequential([
        keras.Input((8, 8, 2)),
        L.Conv2D(4, 3, activation="selu", kernel_regularizer=R.L1(2.0**-9),
                 kernel_constraint=C.UnitNorm([0, 1, 2])),
        L.Flatten(),
        L.Dense(12, activation="tanh", kernel_regularizer=R.L2(number(0.02)),
                bias_regularizer=R.L1L2(number(0.01), number(0.02)),
                kernel_constraint=C.MaxNorm(0.75), bias_constraint=C.NonNeg()),
        L.BatchNormalization(gamma_regularizer=R.L2(number(0.01)), beta_constraint=C.NonNeg()),
        L.Dense(3, activation="softmax", kernel_constraint=C.MinMaxNorm(0.5, 0.75, rate=0.5)),
    ])  # fmt: skip


def train_regularized(dtype):
    use(dtype)
    x, labels = labelled(np.random.default_rng(16), (80, 8, 8, 2), 3)
    options = {"loss": "categorical_crossentropy", "metrics": ["accuracy"]}
    options["optimizer"] = keras.optimizers.SGD(0.05)
    net = lambda: regularized_net(dtype)
    train("regularized", dtype, net, options, x, np.eye(3)[labels], 16, 4)


def train_adamw(dtype):
    use(dtype)
    x, labels = labelled(np.random.default_rng(17), (80, 20), 3)
    number = np.float64 if dtype == "float64" else float
    betas = {"beta_1": rounded(0.9, dtype), "beta_2": rounded(0.999, dtype)}
    rate = keras.optimizers.schedules.CosineDecay(
        number(0.001), 14, alpha=0.25, warmup_target=rounded(0.02, dtype), warmup_steps=4
    )
    optimizer = keras.optimizers.AdamW(
        rate, weight_decay=rounded(0.05, dtype), global_clipnorm=0.5, **betas
    )
    options = {"loss": "categorical_crossentropy", "metrics": ["accuracy"], "optimizer": optimizer}
    train("mlp_adamw", dtype, mlp_net, options, x, np.eye(3)[labels], 16, 4)


def fit_history(dtype):
    """fit() as users call it: validation_split, no shuffling, then evaluate() and predict()."""
    use(dtype)
    x, labels = labelled(np.random.default_rng(11), (90, 20), 3)
    x, y = x.astype(dtype), np.eye(3)[labels].astype(dtype)
    model = mlp_net()
    set_random_weights(np.random.default_rng(12), model, dtype)
    model.compile(adam(dtype), "categorical_crossentropy", metrics=["accuracy"])
    arrays = {"x": x, "y": y, "batch_size": np.int32(16), "epochs": np.int32(3)}
    arrays |= {"validation_split": np.float64(0.2)} | numbered("w", model.get_weights())
    options = {"validation_split": 0.2, "shuffle": False, "verbose": 0}
    history = model.fit(x, y, batch_size=16, epochs=3, **options).history
    arrays |= {name: np.array(values, dtype) for name, values in history.items()}
    arrays["evaluate"] = np.array(model.evaluate(x, y, verbose=0), dtype)
    arrays["predict"] = model.predict(x, verbose=0)
    arrays |= numbered("v", model.get_weights())
    save("fit_history" + ("_f64" if dtype == "float64" else ""), arrays)


# ---- The tutorial's net on MNIST -----------------------------------------------------------------


def hash32(tensor, count):
    """Mixes (tensor number, flat index) to uniform 32-bit integers (lowbias32); see README.md."""
    z = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9)
    z += np.uint32((tensor * 0x85EBCA6B + 0x6A09E667) & 0xFFFFFFFF)
    z = (z ^ (z >> np.uint32(16))) * np.uint32(0x7FEB352D)
    z = (z ^ (z >> np.uint32(15))) * np.uint32(0x846CA68B)
    return z ^ (z >> np.uint32(16))


def hashed_weights(shapes):
    weights = []
    for tensor, shape in enumerate(shapes):
        count, fan_in = int(np.prod(shape)), int(np.prod(shape[:-1]))
        uniform = hash32(tensor, count).astype(np.float64) / 2.0**32 - 0.5
        values = uniform * (2.0 * np.sqrt(3.0 / fan_in)) if len(shape) > 1 else np.zeros(count)
        weights.append(values.astype(np.float32).reshape(shape))
    return weights


def mnist_batch(count):
    def read(name, offset):
        with gzip.open(MNIST / name) as file:
            return np.frombuffer(file.read(), np.uint8, offset=offset)

    images = read("train-images-idx3-ubyte.gz", 16)[: count * 784].reshape(count, 28, 28, 1)
    labels = read("train-labels-idx1-ubyte.gz", 8)[:count]
    return images.astype(np.float32) / 255, np.eye(10, dtype=np.float32)[labels]


def tutorial_net(kit=keras, alpha_dropout=False):
    selu = {"activation": "selu", "kernel_initializer": "lecun_normal"}
    return kit.Sequential([
        kit.layers.Input((28, 28, 1)), kit.layers.Conv2D(32, 3, **selu),
        *([kit.layers.AlphaDropout(0.25)] if alpha_dropout else []),
        kit.layers.Flatten(), kit.layers.Dense(256, **selu),
        kit.layers.Dense(10, activation="softmax"),
    ])  # fmt: skip


def train_tutorial(jit_compile):
    use("float32")
    x, y = mnist_batch(1000)
    model = tutorial_net()
    model.set_weights(hashed_weights([v.shape for v in model.weights]))
    options = {"metrics": ["accuracy"], "jit_compile": jit_compile}
    model.compile("adam", "categorical_crossentropy", **options)
    records = train_steps(model, x, y, 50, 1)
    values = [w.ravel()[:: 97 if w.size >= 5000 else 1] for w in model.get_weights()]
    return {key: v.astype(np.float32) for key, v in records.items()}, values


def tutorial():
    """The default (on a CPU: TensorFlow's kernels), and XLA's, whose selu slope at 0 differs."""
    records, values = train_tutorial("auto")
    xla_records, xla_values = train_tutorial(True)
    arrays = {"batch_size": np.int32(50), "stride": np.int32(97)}
    arrays |= records | numbered("v", values)
    arrays |= {f"xla_{key}": value for key, value in xla_records.items()}
    save("tutorial", arrays | numbered("xla_v", xla_values))


# ---- Optimizers ----------------------------------------------------------------------------------


def optimizers():
    use("float64")
    rng = np.random.default_rng(13)
    start, gradients = rng.standard_normal(5), rng.standard_normal((5, 5))
    gradients[1, 2] = 0.0
    makers = mlp_optimizers("float64") | {
        "adam": adam("float64", 0.001),
        "adam_odd": adam("float64", 0.02, beta_1=0.8, beta_2=0.95, epsilon=1e-3),
        "adam_default": keras.optimizers.Adam(),
    }
    arrays = {"start": start, "gradients": gradients}
    for name, optimizer in makers.items():
        variable = keras.Variable(start, dtype="float64")
        trajectory = []
        for gradient in gradients:
            optimizer.apply([tf.constant(gradient)], [variable])
            trajectory.append(variable.numpy().copy())
        arrays[name] = np.array(trajectory)
    save("optimizers", arrays)


def more_optimizers():
    """name -> optimizer; constants rounded so that the float64 trajectories are exact."""
    r = lambda value: rounded(value, "float64")
    O = keras.optimizers
    betas = {"beta_1": r(0.9), "beta_2": r(0.999)}
    cosine = O.schedules.CosineDecay(np.float64(0.1), 4, warmup_target=r(0.2), warmup_steps=2)
    return {
        "sgd_decay": O.SGD(0.1, weight_decay=r(0.01)),
        "nesterov_decay": O.SGD(0.1, momentum=r(0.9), nesterov=True, weight_decay=r(0.01)),
        "amsgrad": O.Adam(0.1, amsgrad=True, beta_1=r(0.8), beta_2=r(0.3)),
        "adamw": O.AdamW(0.1, weight_decay=r(0.02), **betas),
        "adamw_default": O.AdamW(),
        "rmsprop": O.RMSprop(0.1),
        "rmsprop_momentum": O.RMSprop(0.1, rho=0.8, momentum=0.7),
        "rmsprop_centered": O.RMSprop(0.1, rho=0.8, epsilon=1e-3, centered=True),
        "rmsprop_both": O.RMSprop(0.1, momentum=0.7, centered=True, weight_decay=r(0.01)),
        "adagrad": O.Adagrad(0.1),
        "adagrad_odd": O.Adagrad(0.1, initial_accumulator_value=0.0, epsilon=1e-3),
        "nadam": O.Nadam(0.1, **betas),
        "adamax": O.Adamax(0.1, **betas),
        "clipnorm": O.SGD(0.1, clipnorm=1.5),
        "clipvalue": O.SGD(0.1, clipvalue=0.5),
        "global_clipnorm": O.Adam(0.1, global_clipnorm=1.5, **betas),
        "global_clipnorm_unreached": O.SGD(0.1, global_clipnorm=100.0),
        "ema": O.SGD(0.1, use_ema=True, ema_momentum=0.75),
        "ema_overwrite": O.Adam(
            0.1, use_ema=True, ema_momentum=0.75, ema_overwrite_frequency=2, **betas
        ),
        "schedule": O.SGD(cosine, momentum=r(0.9)),
        "schedule_decay": O.AdamW(cosine, weight_decay=r(0.02), **betas),
    }


def two_variables(seed, steps):
    """Values of a and b by name, and a gradient of each for every step."""
    rng = np.random.default_rng(seed)
    shapes = {"a": (5,), "b": (2, 3)}
    start = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    gradients = {name: rng.standard_normal((steps, *shape)) for name, shape in shapes.items()}
    return start, gradients


def optimizers_more():
    """Trajectories of two variables, and the optimizer's own variables in the end."""
    use("float64")
    steps = 6
    start, gradients = two_variables(14, steps)
    gradients["a"][1] = 0.0
    arrays = {f"{name}/start": value for name, value in start.items()}
    arrays |= {f"{name}/gradients": value for name, value in gradients.items()}
    for key, optimizer in more_optimizers().items():
        variables = {name: keras.Variable(start[name], dtype="float64") for name in start}
        trajectory = {name: [] for name in start}
        for step in range(steps):
            values = [tf.constant(gradients[name][step]) for name in start]
            optimizer.apply(values, list(variables.values()))
            for name, variable in variables.items():
                trajectory[name].append(variable.numpy().copy())
        arrays |= {f"{key}/{name}": np.array(values) for name, values in trajectory.items()}
        arrays |= numbered(f"{key}/s", [variable.numpy() for variable in optimizer.variables])
        optimizer.finalize_variable_values(list(variables.values()))
        arrays |= {f"{key}/{name}_final": v.numpy() for name, v in variables.items()}
    save("optimizers_more", arrays)


def loss_scale():
    """Trajectories under a LossScaleOptimizer, some of whose gradients are not finite."""
    use("float64")
    steps = 9
    start, plain = two_variables(15, steps)
    plain["a"][0, 4], plain["b"][4, 1, 2], plain["a"][5, 0] = np.inf, np.nan, -np.inf
    arrays = {f"{name}/start": value for name, value in start.items()}
    kept = ["nesterov_decay", "amsgrad", "nadam", "clipnorm", "global_clipnorm", "ema_overwrite"]
    inner = {name: more_optimizers()[name] for name in kept + ["schedule", "rmsprop_both"]}
    for key, optimizer in inner.items():
        scaled = keras.optimizers.LossScaleOptimizer(optimizer, 1024.0, dynamic_growth_steps=2)
        variables = {name: keras.Variable(start[name], dtype="float64") for name in start}
        trajectory = {name: [] for name in [*start, "scale", "gradients/a", "gradients/b"]}
        scaled.build(list(variables.values()))
        for step in range(steps):
            scale = float(scaled.dynamic_scale.numpy())
            values = {name: plain[name][step] * scale for name in start}
            scaled.apply([tf.constant(v) for v in values.values()], list(variables.values()))
            for name, variable in variables.items():
                trajectory[name].append(variable.numpy().copy())
                trajectory[f"gradients/{name}"].append(values[name])
            trajectory["scale"].append(float(scaled.dynamic_scale.numpy()))
        arrays |= {f"{key}/{name}": np.array(values) for name, values in trajectory.items()}
        arrays |= numbered(f"{key}/s", [variable.numpy() for variable in scaled.variables])
    save("loss_scale", arrays)


def mixed_float16():
    """A net of mixed_float16 that Keras trained and saved, and what it says."""
    use("float32")
    keras.config.set_dtype_policy("mixed_float16")
    rng = np.random.default_rng(16)
    layers = [keras.Input((5,)), L.Dense(8, activation="selu"), L.LayerNormalization()]
    model = keras.Sequential([*layers, L.Dense(3, activation="softmax", dtype="float32")])
    set_random_weights(rng, model, "float32")
    model.compile(keras.optimizers.Adam(0.01, name="adam"), "sparse_categorical_crossentropy")
    x, y = labelled(rng, (12, 5), 3)
    history = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0).history
    model.save(OUT / "keras_mixed_float16.keras")
    state = numbered("s", [variable.numpy() for variable in model.optimizer.variables])
    arrays = {"x": x, "y": y, "predictions": model.predict(x, verbose=0)} | state
    before = history["loss"]
    more = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0).history["loss"]
    save("keras_mixed_float16", arrays | {"losses": np.array(before + more)})
    keras.config.set_dtype_policy("float32")


def learning_rate_schedules(number):
    """name -> schedule; `number` makes the rates, whose type is the one that Keras computes in."""
    S = keras.optimizers.schedules
    return {
        "exponential": S.ExponentialDecay(number(0.1), 7, 0.5),
        "exponential_staircase": S.ExponentialDecay(number(0.1), 7, 0.5, staircase=True),
        "inverse_time": S.InverseTimeDecay(number(0.1), 7, 0.5),
        "inverse_time_staircase": S.InverseTimeDecay(number(0.1), 7, 0.5, staircase=True),
        "piecewise": S.PiecewiseConstantDecay([3, 10, 20], [number(v) for v in (1, 0.5, 0.2, 0.1)]),
        "polynomial": S.PolynomialDecay(number(0.1), 12, number(0.01), power=2.0),
        "polynomial_cycle": S.PolynomialDecay(number(0.1), 7, number(0.01), cycle=True),
        "cosine": S.CosineDecay(number(0.1), 20, alpha=0.25),
        "cosine_warmup": S.CosineDecay(number(0.0), 20, warmup_target=0.5, warmup_steps=5),
        "cosine_restarts": S.CosineDecayRestarts(number(0.1), 5, m_mul=0.5, alpha=0.25),
        "cosine_restarts_equal": S.CosineDecayRestarts(number(0.1), 5, t_mul=1.0),
    }


def schedules():
    """The rate of steps 0 .. 39, computed in float64."""
    use("float64")
    rates = lambda schedule: [schedule(tf.constant(step, tf.int64)) for step in range(40)]
    made = learning_rate_schedules(np.float64)
    save("schedules", {name: np.array(rates(schedule)) for name, schedule in made.items()})


def regularizers_and_constraints():
    R, C = keras.regularizers, keras.constraints
    regularizers = {
        "l1": R.L1(0.25), "l2": R.L2(0.25), "l1_l2": R.L1L2(0.25, 0.5),
        "orthogonal_rows": R.OrthogonalRegularizer(0.25),
        "orthogonal_columns": R.OrthogonalRegularizer(0.25, "columns"),
    }  # fmt: skip
    constraints = {
        "max_norm": C.MaxNorm(2.0), "max_norm_odd": C.MaxNorm(1.25, axis=1), "non_neg": C.NonNeg(),
        "unit_norm": C.UnitNorm(), "unit_norm_filters": C.UnitNorm([0, 1, 2]),
        "min_max_norm": C.MinMaxNorm(0.75, 1.5, rate=0.5),
    }  # fmt: skip
    return regularizers, constraints


def regularizers():
    """Penalties with their gradients, and what constraints make of weights."""
    use("float64")
    rng = np.random.default_rng(15)
    w, kernel = tf.constant(rng.standard_normal((5, 4))), rng.standard_normal((2, 3, 2, 4))
    arrays = {"w": w.numpy(), "kernel": kernel}
    penalties, constraints = regularizers_and_constraints()
    for name, regularizer in penalties.items():
        # Keras' OrthogonalRegularizer fails on float64.
        computed = tf.float32 if name.startswith("orthogonal") else tf.float64
        penalty = lambda: tf.cast(regularizer(tf.cast(w, computed)), tf.float64)
        value, (gradient,) = value_and_gradients(penalty, [w], 1.0)
        arrays |= {name: value, f"{name}_dw": gradient}
    for name, constraint in constraints.items():
        x = kernel if name.endswith("filters") else w
        arrays[name] = np.array(constraint(tf.constant(x)))
    save("regularizers", arrays)


def configs():
    """configs.json: how Keras serializes each kind of object, by name; layers of the regularized net."""
    use("float32")
    penalties, constraints = regularizers_and_constraints()
    O = keras.optimizers
    optimizers = {
        "sgd": O.SGD(0.1, momentum=0.9, nesterov=True, clipnorm=1.0, name="my_sgd"),
        "adam": O.Adam(amsgrad=True, use_ema=True, ema_overwrite_frequency=10),
        "adamw": O.AdamW(0.01, global_clipnorm=0.5),
        "rmsprop": O.RMSprop(momentum=0.5, centered=True, weight_decay=0.01, clipvalue=0.25),
        "adagrad": O.Adagrad(),
        "nadam": O.Nadam(),
        "adamax": O.Adamax(),
        "scheduled": O.SGD(O.schedules.CosineDecay(0.1, 10), name="sgd"),
        "constant_scale": O.SGD(0.1, loss_scale_factor=8.0),
        "loss_scale": O.LossScaleOptimizer(O.Adam(0.25, name="adam"), 1024.0, 100, name="scaled"),
    }
    objects = {"optimizers": optimizers, "schedules": learning_rate_schedules(float)}
    objects |= {"regularizers": penalties, "constraints": constraints}
    objects["layers"] = {
        layer.name: layer for layer in regularized_net("float32").layers if layer.weights
    }
    serialize = keras.saving.serialize_keras_object
    text = {
        kind: {name: serialize(value) for name, value in made.items()}
        for kind, made in objects.items()
    }
    (OUT / "configs.json").write_text(json.dumps(text, indent=1) + "\n")


# ---- Progress bars -------------------------------------------------------------------------------

METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")


@contextlib.contextmanager
def clock(module, times):
    """Gives `module` a clock of its own: its k-th call of time.time() returns times[k]."""
    real, values = module.time, iter(times)
    module.time = types.SimpleNamespace(time=lambda: next(values))
    try:
        yield
    finally:
        module.time = real


def progbar_modules():
    """style -> (Progbar class, the module whose clock it reads)"""
    import tf_keras.src.utils.generic_utils as tf2
    from keras.src.utils import progbar as keras3

    return {"keras3": (keras3.Progbar, keras3), "tf2": (tf2.Progbar, tf2)}


def steps_then_final(target, currents, clocks, train, validation, **settings):
    """A fit-like scenario: updates with finalize=False, then the epoch's final update."""
    rows = [(current, 0, values) for current, values in zip(currents, train)]
    rows.append((target, 1, (*train[-1], *validation)))
    return {"target": target, "clock": clocks, "rows": rows} | settings


def progbar_scenarios():
    """README.md describes each; rows are (current, finalize: -1 = None, values in METRICS order)"""
    train, validation = [(2.25, 0.1), (1.125, 0.5), (0.75, 0.625)], (0.5, 0.875)
    fit = lambda *args, **settings: steps_then_final(*args, train, validation, **settings)
    small = [(0.00052, -0.00052), (1e-3, 0.0), (-0.5, -1e-3)]
    odd = [(123.4567, float("nan")), (9.5, float("inf")), (0.03125, float("-inf"))]
    return [
        fit(3, [1, 2, 3], [1000, 1000.5, 1000.53125, 1000.5625, 1000.75]),
        fit(192, [1, 57, 191], [1000, 1001.25, 1002.5, 1005.5, 1006.5]),
        fit(100000, [1, 50000, 99999], [1000, 1000.0625, 1003.75, 1007.5, 1007.5625]),
        fit(5, [1, 2, 4], [1000, 1001.625, 1003.125, 1006.5, 1008.5]),
        fit(1000, [1, 2, 900], [1000, 1004, 1008.125, 4600, 5000.5]),
        steps_then_final(8, [1, 2, 7], [1000, 1000.125, 1000.25, 1000.875, 1001], small, ()),
        steps_then_final(8, [1, 2, 7], [1000, 1000.125, 1000.25, 1000.875, 1001], odd, ()),
        fit(192, [], [1000, 1004.25], verbose=2),
        steps_then_final(50, [], [1000, 1000.0078125], small, (), verbose=2),
        fit(3, [1, 2, 3], [1000, 1000.5, 1000.625, 1000.75, 1001], late_target=True),
        {
            "target": 4, "clock": [1000, 1000.25, 1000.28125, 1000.3125, 1000.5],
            "rows": [(1, -1, train[0]), (2, -1, train[1]), (3, -1, train[1]), (4, -1, train[2])],
        },
    ]  # fmt: skip


def named_values(style, values):
    """fit hands Keras 3's bar its logs sorted by name, TF 2's in compile order."""
    pairs = list(zip(METRICS, values))
    return sorted(pairs) if style == "keras3" else pairs


def drive_progbar(style, progbar, module, scenario):
    """The bytes that one scenario prints."""
    verbose, late = scenario.get("verbose", 1), scenario.get("late_target", False)
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream), clock(module, scenario["clock"]):
        target = None if late else scenario["target"]
        bar = progbar(target, verbose=verbose, stateful_metrics=METRICS)
        for current, finalize, values in scenario["rows"]:
            if late and finalize == 1:
                bar.target = scenario["target"]
            finalize = None if finalize < 0 else bool(finalize)
            bar.update(current, named_values(style, values), finalize=finalize)
    return stream.getvalue().encode()


def scenario_arrays(index, scenario):
    rows = scenario["rows"]
    values = np.zeros((len(rows), len(METRICS)))
    for row, (_, _, row_values) in zip(values, rows):
        row[: len(row_values)] = row_values
    arrays = {
        "target": np.int32(scenario["target"]),
        "verbose": np.int32(scenario.get("verbose", 1)),
        "late_target": np.int32(scenario.get("late_target", False)),
        "clock": np.array(scenario["clock"], np.float64),
        "current": np.array([row[0] for row in rows], np.int32),
        "finalize": np.array([row[1] for row in rows], np.int32),
        "count": np.array([len(row[2]) for row in rows], np.int32),
        "values": values,
    }
    return {f"s{index}/{key}": value for key, value in arrays.items()}


def progbars():
    scenarios = progbar_scenarios()
    for style, (progbar, module) in progbar_modules().items():
        texts = [drive_progbar(style, progbar, module, scenario) for scenario in scenarios]
        (OUT / f"progbar_{style}.bin").write_bytes(b"".join(text + b"\0" for text in texts))
    arrays = {"scenarios": np.int32(len(scenarios))}
    for index, scenario in enumerate(scenarios):
        arrays |= scenario_arrays(index, scenario)
    save("progbar", arrays)


CLOCK_START, CLOCK_STEP = 1000.0, 0.125


def ticking():
    k = 0
    while True:
        yield CLOCK_START + CLOCK_STEP * k
        k += 1


def tiny_fit(kit, verbose):
    """2 epochs of 3 steps with validation; the logs of each batch and each epoch."""
    kit.utils.set_random_seed(1)
    x, labels = labelled(np.random.default_rng(14), (60, 8), 3)
    y = np.eye(3, dtype=np.float32)[labels]
    dense = kit.layers.Dense(3, activation="softmax")
    model = kit.Sequential([kit.layers.Input((8,)), dense])
    optimizer = kit.optimizers.Adam(0.05)
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    batch_logs, epoch_logs = [], []
    recorder = kit.callbacks.LambdaCallback(
        on_batch_end=lambda batch, logs: batch_logs.append([logs[k] for k in METRICS[:2]]),
        on_epoch_end=lambda epoch, logs: epoch_logs.append([logs[k] for k in METRICS]),
    )
    split = {"validation_data": (x[48:], y[48:]), "shuffle": False, "callbacks": [recorder]}
    model.fit(x[:48], y[:48], batch_size=16, epochs=2, verbose=verbose, **split)
    return np.array(batch_logs).reshape(2, 3, 2), np.array(epoch_logs)


def progress():
    """fit's own output; neither library looks at whether stdout is a terminal (see README.md)."""
    import tf_keras

    use("float32")
    kits = {"keras3": keras, "tf2": tf_keras}
    arrays = {"clock_start": np.float64(CLOCK_START), "clock_step": np.float64(CLOCK_STEP)}
    for style, (_, module) in progbar_modules().items():
        for verbose, suffix in ((1, ""), (2, "_verbose2")):
            stream = io.StringIO()
            with contextlib.redirect_stdout(stream), clock(module, ticking()):
                batch_logs, epoch_logs = tiny_fit(kits[style], verbose)
            (OUT / f"progress_{style}{suffix}.txt").write_bytes(stream.getvalue().encode())
            arrays |= {f"{style}_batch": batch_logs, f"{style}_epoch": epoch_logs}
    save("progress", arrays)


# ---- Callbacks -----------------------------------------------------------------------------------


def scripted_model():
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae", "accuracy"])
    model.train_on_batch(np.zeros((1, 1)), np.zeros((1, 1)))  # makes the metrics
    return model


def scripted_run(callback, epochs, batches=0):
    """Tells a real callback of epochs with these logs; before an epoch ends, the weight is 1 + it."""
    model = scripted_model()
    callback.set_model(model)
    model.stop_training = False
    result = {"learning_rates": [], "weight": 0.0, "epochs_run": 0}
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        callback.on_train_begin({})
        for epoch, logs in enumerate(epochs):
            callback.on_epoch_begin(epoch, {})
            for batch in range(batches):
                callback.on_train_batch_end(batch, dict(logs))
            model.set_weights([np.full((1, 1), epoch + 1, "float32")])
            logs = dict(logs)
            callback.on_epoch_end(epoch, logs)
            result["learning_rates"].append(float(model.optimizer.learning_rate))
            result["epochs_run"] += 1
            if model.stop_training:
                break
        callback.on_train_end(logs)
    result["last_logs"] = {name: written(value) for name, value in sorted(logs.items())}
    return result | {"printed": stream.getvalue(), "weight": float(model.get_weights()[0][0, 0])}


def written(value):
    return value if np.isfinite(value) else repr(value)


def scripted_case(make, options, epochs, **more):
    """A case: what went in and what came out; numbers that JSON does not have stand as text."""
    result = scripted_run(make(**options), epochs, **more)
    epochs = [{name: written(value) for name, value in logs.items()} for logs in epochs]
    return {"options": options, "epochs": epochs} | more | result


def series(name, *values):
    return [{name: value} for value in values]


def early_stopping_cases():
    losses = series("val_loss", 1.0, 0.8, 0.81, 0.79, 0.795, 0.9, 0.7, 0.6)
    accuracies = series("val_accuracy", 0.1, 0.5, 0.4, 0.45, 0.3)
    nan = float("nan")
    return [
        ({}, losses),
        ({"patience": 2, "verbose": 1}, losses),
        ({"patience": 2, "min_delta": 0.05, "verbose": 1}, losses),
        ({"patience": 3, "min_delta": -1e-9, "restore_best_weights": True, "verbose": 1}, losses),
        ({"monitor": "val_accuracy", "patience": 2, "verbose": 1}, accuracies),
        ({"monitor": "val_accuracy", "restore_best_weights": True}, accuracies),
        ({"monitor": "val_mae", "patience": 1}, series("val_mae", 3.0, 2.0, 2.5, 2.2)),
        ({"monitor": "val_loss", "mode": "max", "patience": 1}, losses),
        ({"patience": 2, "baseline": 0.795, "restore_best_weights": True, "verbose": 1}, losses),
        ({"patience": 3, "baseline": 0.5, "restore_best_weights": True, "verbose": 1}, losses),
        ({"start_from_epoch": 3, "patience": 1, "restore_best_weights": True}, losses),
        ({"patience": 2}, series("val_loss", nan, 0.5, nan, nan, 0.4)),
        ({"patience": 2, "verbose": 1, "restore_best_weights": True}, losses[:2]),
    ]


def plateau_cases():
    losses = series("val_loss", 1.0, 0.9, 0.95, 0.9, 0.9, 0.91, 0.8, 0.8, 0.8, 0.8, 0.8)
    return [
        ({"patience": 2, "verbose": 1}, losses),
        ({"factor": 0.5, "patience": 1, "cooldown": 2, "verbose": 1}, losses),
        ({"factor": 0.5, "patience": 0, "min_lr": 0.02, "verbose": 1}, losses),
        ({"patience": 2, "min_delta": 0.2, "factor": 0.3}, losses),
        ({"monitor": "accuracy", "patience": 1, "factor": 0.25, "verbose": 1},
         series("accuracy", 0.5, 0.6, 0.6, 0.60005, 0.7, 0.65)),
        ({"monitor": "loss", "mode": "max", "patience": 1}, series("loss", 1.0, 2.0, 1.5, 1.0)),
    ]


def scheduler_cases():
    schedules = {
        "decay": lambda epoch, lr: lr if epoch < 2 else lr * 0.9,
        "inverse": lambda epoch: 0.1 / (epoch + 1),
    }
    epochs = series("loss", 1.0, 2.0, 3.0, 4.0)
    cases = []
    for name, schedule in schedules.items():
        make = lambda verbose: keras.callbacks.LearningRateScheduler(schedule, verbose)
        cases.append(scripted_case(make, {"verbose": 1}, epochs) | {"schedule": name})
    return cases


def csv_cases():
    plain = [{"loss": 0.5, "accuracy": 0.25}, {"loss": 1e-05, "accuracy": 1.0}]
    validated = [{"val_loss": 0.1 + 0.2, "loss": float(np.float32(0.1))}, {"loss": float("nan")}]
    odd = [{"loss": 1e16, 'a "quoted", name': float("inf"), "learning_rate": 1e-4}]
    settings = [
        ({}, "", plain),
        ({}, "old\n", validated),
        ({"separator": ";", "append": True}, "", validated),
        ({"append": True}, "epoch,loss\r\n0,1.5\r\n", plain),
        ({}, "", odd),
        ({"separator": "."}, "", plain),
    ]
    cases = []
    for options, before, epochs in settings:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "log.csv"
            path.write_bytes(before.encode())
            make = lambda **o: keras.callbacks.CSVLogger(path, **o)
            case = scripted_case(make, options, epochs)
            cases.append(case | {"before": before, "text": path.read_bytes().decode()})
    return cases


def checkpoint_cases():
    """The folder DIR stands for any; `files` are what is in it at the end."""
    losses = [{"loss": 1.0 + i, "val_loss": v} for i, v in enumerate([0.5, 0.25, 0.75, 0.125])]
    accuracy = {"monitor": "val_accuracy", "save_best_only": True, "verbose": 1}
    settings = [
        ("DIR/a_{epoch:02d}_{val_loss:.2f}.keras", {"verbose": 1}, losses, 0),
        ("DIR/best.keras", {"save_best_only": True, "verbose": 1}, losses, 0),
        ("DIR/{epoch}.weights.h5", {"save_weights_only": True, "save_best_only": True}, losses, 0),
        ("DIR/{epoch}_{val_accuracy}.h5", accuracy, series("val_accuracy", 0.5, 0.75, 0.625), 0),
        ("DIR/sub/{{{epoch}}}-{batch:03d}.keras", {"save_freq": 3, "verbose": 1}, losses[:3], 4),
        ("DIR/best.keras", {"save_best_only": True, "initial_value_threshold": 0.3, "verbose": 1},
         losses, 0),
        ("DIR/{epoch}.keras", {"save_best_only": True, "mode": "max"}, losses, 0),
    ]
    cases = []
    for path, options, epochs, batches in settings:
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            make = lambda **o: keras.callbacks.ModelCheckpoint(path, **o)
            case = scripted_case(make, options, epochs, batches=batches)
            files = sorted(str(p.relative_to("DIR")) for p in pathlib.Path("DIR").rglob("*.*"))
            cases.append(case | {"filepath": path, "files": files})
    return cases


def nan_cases():
    epochs = series("loss", 1.0, float("inf"), 2.0)
    return [scripted_case(keras.callbacks.TerminateOnNaN, {}, epochs, batches=2)]


def number_formats():
    """[format, number, text] of str.format."""
    integers = ["", "d", "02d", "5d", "<5d", "+d", ".2f", "e", "x"]
    floats = ["", ".2f", "8.3f", "08.3f", "+.1f", ".3e", "g", ".4g", ".4", "F", "<9.2f"]
    values = [0.123456789, 1.0, 1e-05, 1234567.0, 1e16, float(np.float32(0.1))]
    rows = [[spec, value, format(value, spec)] for spec in integers for value in (1, 12, 123456)]
    return rows + [[spec, value, format(value, spec)] for spec in floats for value in values]


def callback_output():
    """What fit prints around callbacks, verbose=2, with # for times and for what depends on weights."""
    folder = tempfile.TemporaryDirectory()
    stream = io.StringIO()
    with folder as path, contextlib.chdir(path), contextlib.redirect_stdout(stream):
        kit = keras.callbacks
        callbacks = [
            kit.LearningRateScheduler(lambda epoch, lr: 0.25, verbose=1),
            kit.ReduceLROnPlateau("loss", factor=0.5, patience=1, verbose=1, min_delta=100),
            kit.ModelCheckpoint("DIR/{epoch}.keras", verbose=1),
            kit.EarlyStopping("loss", 100, 2, 1, restore_best_weights=True),
        ]
        x = np.zeros((8, 1), "float32")
        options = {"batch_size": 4, "epochs": 5, "verbose": 2, "validation_split": 0.5}
        scripted_model().fit(x, x, callbacks=callbacks, **options)
    text = re.sub(r" - \d+s - \d+[mu]?s/step", " - #", stream.getvalue())
    return re.sub(r"(accuracy|loss|mae): [-+.\de]+", r"\1: #", text)


def callbacks():
    use("float32")
    kit = keras.callbacks
    result = {
        "early_stopping": [scripted_case(kit.EarlyStopping, *c) for c in early_stopping_cases()],
        "reduce_lr_on_plateau": [scripted_case(kit.ReduceLROnPlateau, *c) for c in plateau_cases()],
        "learning_rate_scheduler": scheduler_cases(),
        "csv_logger": csv_cases(),
        "model_checkpoint": checkpoint_cases(),
        "terminate_on_nan": nan_cases(),
        "number_formats": number_formats(),
        "output": callback_output(),
    }
    (OUT / "callbacks.json").write_text(json.dumps(result, indent=1, allow_nan=False) + "\n")


# ---- summary() -----------------------------------------------------------------------------------


def write_summary(name, model):
    """Keras 3 hands print_fn its whole text and last newline, tf_keras one bare line a call."""
    lines = []
    model.summary(print_fn=lines.append)
    text = "\n".join(line.removesuffix("\n") for line in lines) + "\n"
    (OUT / f"summary_{name}.txt").write_bytes(text.encode())


def branching_net(k):
    """Two inputs through a shared layer, a model with two outputs inside, and two outputs."""
    halves = k.Input((5,), name="whole")
    inner = k.Model(
        halves,
        [k.layers.Dense(3, name="first")(halves), k.layers.Dense(2, name="second")(halves)],
        name="halves",
    )
    left, right = k.Input((4,), name="left"), k.Input((4,), name="right")
    shared = k.layers.Dense(5, name="shared")
    both = k.layers.Add(name="add")([shared(left), shared(right)])
    first, second = inner(both)
    joined = k.layers.Concatenate(name="concatenate_of_everything")([first, second, both])
    return k.Model([left, right], [k.layers.Dense(1, name="answer")(joined), first], name="branching")


def chain_net(k):
    x = k.Input((4,), name="x")
    return k.Model(x, k.layers.Dense(2, name="y")(k.layers.Dense(3, name="h")(x)), name="chain")


def summaries():
    """The tutorial's net, whole (with AlphaDropout), functional ones; Keras 3 also shows a built
    optimizer."""
    import tf_keras

    tf_keras.backend.clear_session()
    write_summary("tf2", tutorial_net(tf_keras, alpha_dropout=True))
    for name, net in [("branching", branching_net), ("chain", chain_net)]:
        write_summary(f"{name}_tf2", net(tf_keras))
        write_summary(f"{name}_keras3", net(keras))
    use("float32")
    model = tutorial_net(keras, alpha_dropout=True)
    write_summary("keras3", model)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)
    write_summary("keras3_built", model)
    use("float32")
    write_summary("keras3_unbuilt", keras.Sequential([L.Conv2D(32, 3), L.Flatten(), L.Dense(10)]))


# ---- HDF5 ----------------------------------------------------------------------------------------


def hdf5_types(group):
    """The same six numbers in every type that is read."""
    for name in "i1 i2 i4 i8 f2 f4 f8 >i2 >i4 >i8 >f2 >f4 >f8".split():
        group[name] = np.arange(-2, 4).reshape(2, 3).astype(name)
    for name in "u1 u2 u4 u8 >u4 >u8".split():
        group[name] = (np.arange(6) + np.iinfo(name).max // 4).reshape(2, 3).astype(name)
    group["bool"] = np.array([[False, True, True], [True, False, False]])
    group["bfloat16"] = np.arange(-2, 4).reshape(2, 3).astype(ml_dtypes.bfloat16)
    group["bfloat16"].attrs["dtype"] = "bfloat16"
    group["f2_all"] = np.arange(1 << 16, dtype=np.uint16).view(np.float16)[::61]


def compact(group, name, values):
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    space, kind = h5py.h5s.create_simple(values.shape), h5py.h5t.py_create(values.dtype)
    h5py.h5d.create(group.id, name.encode(), kind, space, plist).write(
        h5py.h5s.ALL, h5py.h5s.ALL, values)


def hdf5_layouts(group):
    values = np.arange(35, dtype="f4").reshape(7, 5)
    group["contiguous"], group["scalar"], group["empty"] = values, np.float32(2.5), values[:0]
    compact(group, "compact", values)
    group.create_dataset("chunked", data=values, chunks=(3, 2))
    group.create_dataset("deflate", data=values, chunks=(3, 2), compression="gzip")
    group.create_dataset("shuffle", data=values, chunks=(3, 2), shuffle=True)
    group.create_dataset("both", data=values, chunks=(3, 2), shuffle=True, compression=9)
    group.create_dataset("one_chunk", data=values, chunks=(9, 9), maxshape=(None, None))
    group.create_dataset("half", data=values.astype("f2"), chunks=(3, 2), compression="gzip")
    group.create_dataset("levels", data=np.arange(150, dtype="i2"), chunks=(1,))
    group.create_dataset("cube", data=np.arange(60, dtype="i4").reshape(3, 4, 5), chunks=(2, 3, 2))


def hdf5_attributes(group):
    fixed = h5py.h5t.C_S1.copy()
    fixed.set_size(6)
    fixed.set_strpad(h5py.h5t.STR_SPACEPAD)
    space = h5py.h5s.create(h5py.h5s.SCALAR)
    h5py.h5a.create(group.id, b"padded", fixed, space).write(np.array(b"ab    ", dtype="S6"))
    group.attrs.update({
        "text": "A\u00e9\u20ac", "bytes": b"abc", "no_text": "", "long": "x" * 5000,
        "texts": ["one", "", "three"], "fixed": np.array([b"one", b"", b"three"]), "none": [],
        "int": 7, "float": 0.5, "bool": True, "ints": np.array([[1, 2], [3, 4]], dtype="u2"),
        "bools": [True, False], "empty": h5py.Empty("f4"), "compound": np.zeros(1, "i4,f4"),
        "parts0": np.array([b"a", b"b"]), "parts1": np.array([b"c"]), "mixed0": ["a"], "mixed1": 1,
    })


def hdf5_refused(file):
    """What is valid HDF5 and never or not yet read, each in a group of its own."""
    file["soft/link"] = h5py.SoftLink("/types/f4")
    file["external/link"] = h5py.ExternalLink("/etc/passwd", "/x")
    file.create_group("d")
    file["d"].create_dataset("external", (4,), "u1", external=[("/etc/passwd", 0, 4)])
    layout = h5py.VirtualLayout(shape=(4,), dtype="u1")
    layout[:] = h5py.VirtualSource("other.h5", "x", shape=(4,))
    file["d"].create_virtual_dataset("virtual", layout)
    file["d/compound"] = np.zeros(2, "i4,f4")
    file["d/opaque"] = np.zeros(2, "V3")
    file["d/string"] = "text"
    file["d/complex"] = np.zeros(2, "c8")
    file["d/reference"] = file["d"].ref
    file["d/type"] = np.dtype("f4")
    file["d"].create_dataset("committed", (1,), file["d/type"])
    file["d"].create_dataset("extended", (1,), "f16")
    file["d"].create_dataset("bfloat16_unnamed", data=np.zeros(2, "V2"))
    file["d"].create_dataset("lzf", data=np.zeros(4), chunks=(2,), compression="lzf")
    file["d"].create_dataset("fletcher32", data=np.zeros(4), chunks=(2,), fletcher32=True)
    file["d"].create_dataset("unwritten", (4,), "f4")
    file["d"].create_dataset("bomb", (50_000_000, 50_000_000), "f4", chunks=(5000, 5000),
                             compression="gzip")
    file["d"].create_dataset("unwritten_chunk", (4,), "f4", chunks=(2,))[:2] = 1
    file["d/uint64"] = np.array([2**63], dtype="u8")
    file["d"].create_dataset("rank9", data=np.zeros((1,) * 9))


def hdf5_files():
    with h5py.File(OUT / "hdf5_kinds.h5", "w") as file:
        hdf5_types(file.create_group("types"))
        hdf5_layouts(file.create_group("layouts"))
        hdf5_attributes(file.create_group("attributes"))
        for i in range(300):
            file[f"many/m{i}"] = file["layouts/scalar"]
    with h5py.File(OUT / "hdf5_refused.h5", "w") as file:
        hdf5_refused(file)
    for name, version in ("earliest", "earliest"), ("v108", ("v108", "v108")), ("latest", "latest"):
        with h5py.File(OUT / f"hdf5_{name}.h5", "w", libver=version) as file:
            file["a/b/c"] = np.arange(6, dtype="f4").reshape(2, 3)
            file["a"].attrs.update({"name": "dense", "names": ["kernel", "bias"], "units": 3})
            if name != "latest":
                continue
            file.create_dataset("chunked", data=np.zeros(4), chunks=(2,))
            for i in range(9):
                file[f"dense/m{i}"] = file["a/b/c"]
            file.create_group("attributes").attrs.update({f"n{i}": i for i in range(9)})
    with h5py.File(OUT / "hdf5_seed.h5", "w") as file:
        values = np.arange(12, dtype="f4").reshape(3, 4)
        file.create_dataset("k", data=values, chunks=(2, 3), shuffle=True, compression="gzip")
        file["k"].attrs["name"] = "kernel"


# ---- Files of TensorFlow 2 -----------------------------------------------------------------------


def tf2_sequential(tf_keras):
    """Fixed layer names: tf_keras numbers layers over the whole process."""
    layers = tf_keras.layers
    net = [
        layers.InputLayer((8, 8, 1), name="images"),
        layers.Conv2D(4, 3, activation="selu", kernel_initializer="lecun_normal", name="conv2d"),
        layers.BatchNormalization(name="batch_normalization"),
        layers.MaxPooling2D(name="max_pooling2d"),
        layers.Flatten(name="flatten"),
        layers.Dense(3, activation="softmax", kernel_regularizer="l2", name="dense"),
    ]
    return tf_keras.Sequential(net, name="sequential")


def tf2_functional(tf_keras):
    layers = tf_keras.layers
    images = layers.Input((8, 8, 1), name="images")
    x = layers.Flatten(name="flatten")(images)
    x = layers.Dense(6, activation="selu", kernel_initializer="lecun_normal", name="dense")(x)
    x = layers.Add(name="add")([x, layers.Dense(6, activation="tanh", name="dense_1")(x)])
    y = layers.Dense(3, activation="softmax", name="dense_2")(x)
    return tf_keras.Model(images, y, name="functional")


def tf2_file(tf_keras, make, path):
    """A net after 2 epochs, and what tf_keras makes of it in 3 more."""
    tf_keras.backend.clear_session()
    tf_keras.utils.set_random_seed(5)
    rng = np.random.default_rng(5)
    x = rng.standard_normal((48, 8, 8, 1)).astype("float32")
    targets = np.eye(3, dtype="float32")[rng.integers(0, 3, 48)]
    model = make(tf_keras)
    optimizer = tf_keras.optimizers.Adam(0.005)
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    fit = {"x": x, "y": targets, "batch_size": 16, "shuffle": False, "verbose": 0}
    model.fit(epochs=2, **fit)
    model.save(path)
    arrays = {"x": x, "targets": targets, "y": model.predict(x, verbose=0)}
    arrays |= numbered("w", model.get_weights())
    arrays |= numbered("o", [variable.numpy() for variable in optimizer.variables])
    history = model.fit(epochs=3, **fit).history
    arrays |= {"loss": history["loss"], "accuracy": history["accuracy"]}
    arrays["y_continued"] = model.predict(x, verbose=0)
    save(path.stem, arrays)


def tf2_files():
    """TensorFlow 2's two formats."""
    import tf_keras

    tf2_file(tf_keras, tf2_sequential, OUT / "tf2_legacy.h5")
    tf2_file(tf_keras, tf2_functional, OUT / "tf2_v3.keras")


# ---- Event files ---------------------------------------------------------------------------------


EVENT_VALUES = np.float32([0, 1, 0.3, -1, 0.1, 0.7, 1 / 3, 1 / 3, -0.85, 1e-3])


def write_summaries(folder):
    """What tf.summary writes; Keras' own is its callback's for the graph."""
    from keras.src.callbacks.tensorboard import keras_model_summary

    writer = tf.summary.create_file_writer(str(folder))
    with writer.as_default():
        tf.summary.scalar("epoch_loss", 0.1, step=0)
        tf.summary.scalar("epoch_loss", -2.5, step=300)
        tf.summary.histogram("dense/kernel/histogram", EVENT_VALUES, step=1)
        tf.summary.histogram("same", [2.5, 2.5, 2.5], step=1)
        tf.summary.histogram("none", [], step=1)
        tf.summary.text("notes", "h\u00e9llo *you*", step=2)
        tf.summary.text("lines", ["one", "", "three"], step=2)
        keras_model_summary("keras", types.SimpleNamespace(to_json=lambda: '{"a": 1}'), step=0)
    writer.close()



def event_files():
    """TensorFlow's events with other times, since those of its clock never come again."""
    from tensorboard.compat.proto import event_pb2

    with tempfile.TemporaryDirectory() as folder:
        write_summaries(pathlib.Path(folder))
        (path,) = pathlib.Path(folder).iterdir()
        events = [event_pb2.Event.FromString(record)
                  for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator()]
    with tf.io.TFRecordWriter(str(OUT / "events.tfevents")) as file:
        for number, event in enumerate(events):
            event.wall_time = 1700000000.25 + number
            file.write(event.SerializeToString())


# ---- Pictures ------------------------------------------------------------------------------------

PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
ADAM7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]


def png_rows(samples, depth):
    """Scanlines without filters: samples (h, w, channels), big-endian, packed into bytes."""
    rows = b""
    for row in samples:
        flat = row.reshape(-1)
        if depth == 16:
            packed = flat.astype(">u2").tobytes()
        else:
            bits = np.unpackbits(flat.astype(np.uint8)[:, None], axis=1)[:, 8 - depth :]
            packed = np.packbits(bits.reshape(-1)).tobytes()
        rows += b"\0" + packed
    return rows


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_file(samples, color, depth, interlaced=False, palette=None, transparent=None):
    """A PNG file of any kind, by the specification; PIL writes only some."""
    height, width = samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    rows = png_rows(samples, depth)
    if interlaced:
        passes = [samples[y::dy, x::dx] for y, x, dy, dx in ADAM7]
        rows = b"".join(png_rows(part, depth) for part in passes if part.size)
    chunks = png_chunk(b"IHDR", header)
    if palette is not None:
        chunks += png_chunk(b"PLTE", palette.astype(np.uint8).tobytes())
    if transparent is not None:
        chunks += png_chunk(b"tRNS", transparent)
    chunks += png_chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + chunks + png_chunk(b"IEND", b"")


def as_array(data):
    return np.frombuffer(data, np.uint8)


def png_kinds(rng):
    """Name and file of every colour type, depth, interlacing and kind of transparency.

    Where one colour is transparent also the alpha that this makes, which TensorFlow does not."""
    depths = {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}
    for color, color_depths in depths.items():
        for depth in color_depths:
            colors = min(1 << depth, 20) if color == 3 else 1 << depth
            samples = rng.integers(0, colors, (9, 11, PNG_CHANNELS[color]))
            palette = rng.integers(0, 256, (colors, 3)) if color == 3 else None
            for interlaced in (False, True):
                name = f"color{color}_depth{depth}" + ("_interlaced" if interlaced else "")
                yield name, png_file(samples, color, depth, interlaced, palette)
            if color in (0, 2):
                name, key = f"color{color}_depth{depth}_key", samples[3, 4]
                file = png_file(samples, color, depth, transparent=key.astype(">u2").tobytes())
                alpha = 255 * (samples != key).any(-1, keepdims=True)
                yield name, file, alpha.astype(np.uint8)
            if color == 3:
                alphas = rng.integers(0, 256, colors - 1, dtype=np.uint8).tobytes()
                yield f"color3_depth{depth}_alpha", png_file(samples, 3, depth, False, palette, alphas)


def pil_files(rng):
    """What PIL itself writes, with its filters."""
    smooth = np.add.outer(np.arange(9) * 9, np.arange(11) * 7)[..., None] + rng.integers(0, 9, (9, 11, 4))
    image = Image.fromarray(smooth.astype(np.uint8), "RGBA")
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
        file = io.BytesIO()
        image.convert(mode).save(file, "PNG")
        yield f"pil_{mode}", file.getvalue()


def png_files():
    """Files of every kind, what TensorFlow reads from them, and PIL's three colour modes."""
    rng = np.random.default_rng(90)
    arrays = {}
    for name, file, *alpha in [*png_kinds(rng), *pil_files(rng)]:
        image = Image.open(io.BytesIO(file))
        arrays[f"{name}/file"] = as_array(file)
        arrays[f"{name}/pixels"] = np.concatenate([tf.io.decode_png(file), *alpha], -1)
        if "depth16" in name or name in ("color0_depth2_key", "color0_depth4_key"):
            continue  # PIL keeps or clips 16 bits, by kind, and misses such a transparent colour
        for mode in ("L", "RGB", "RGBA"):
            pixels = np.asarray(image.convert(mode))
            arrays[f"{name}/{mode}"] = pixels.reshape(*pixels.shape[:2], -1)
    save("png", arrays)


def loaded(path, **options):
    return keras.utils.img_to_array(keras.utils.load_img(path, **options)).astype(np.uint8)


def resampled(path, arrays):
    for size in [(4, 5), (20, 7), (9, 30)]:
        for interpolation in ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"):
            for mode in ("grayscale", "rgb", "rgba"):
                key = f"load_img/{interpolation}_{mode}_{size[0]}x{size[1]}"
                arrays[key] = loaded(path, color_mode=mode, target_size=size, interpolation=interpolation)
            arrays[f"load_img/{interpolation}_aspect_{size[0]}x{size[1]}"] = loaded(
                path, target_size=size, interpolation=interpolation, keep_aspect_ratio=True
            )


def resized(photo, arrays):
    for size in [(4, 5), (20, 7), (9, 30)]:
        for method in ("nearest", "bilinear", "area"):
            key = f"resize/{method}_{size[0]}x{size[1]}"
            arrays[key] = tf.image.resize(photo, size, method).numpy().astype(np.float32)
        smart = keras.preprocessing.image.smart_resize(photo.astype(np.float32), size)
        arrays[f"smart_resize/{size[0]}x{size[1]}"] = np.asarray(smart)


def image_folder(folder, photos, arrays):
    """Two classes, three pictures of two sizes, as a data set without shuffling."""
    for name, photo in zip(["b/2.png", "b/10.png", "a/deep/0.png"], photos):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(photo).save(folder / name)
        arrays[f"folder/{name}"] = as_array((folder / name).read_bytes())
    for key, options in {
        "int": {},
        "binary": {"label_mode": "binary", "color_mode": "rgba"},
        "categorical": {"label_mode": "categorical", "class_names": ["b", "a"]},
        "crop": {"crop_to_aspect_ratio": True},
    }.items():
        dataset = keras.utils.image_dataset_from_directory(
            folder, image_size=(6, 8), shuffle=False, verbose=False, **options
        )
        (x, y), = list(dataset)
        arrays |= {f"folder/{key}_x": x.numpy(), f"folder/{key}_y": y.numpy()}
    return arrays


def images():
    """What load_img, save_img, smart_resize and image_dataset_from_directory give."""
    rng = np.random.default_rng(91)
    photo = rng.integers(0, 256, (9, 11, 4), dtype=np.uint8)
    arrays = {"photo": photo}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        Image.fromarray(photo).save(folder / "photo.png")
        resampled(folder / "photo.png", arrays)
        resized(photo[..., :3], arrays)
        numbers = rng.standard_normal((5, 6, 3)).astype(np.float32)
        keras.utils.save_img(folder / "numbers.png", numbers)
        arrays |= {"save_img/x": numbers, "save_img/pixels": loaded(folder / "numbers.png")}
        photos = [photo[..., :3], photo[:7, :, :3], photo[:7, :, 1:]]
        arrays = image_folder(folder / "classes", photos, arrays)
    save("images", arrays)


# ---- The list ------------------------------------------------------------------------------------


def in_both_precisions(function):
    def run():
        function("float32")
        function("float64")

    return run


def goldens():
    both = [layers, more_layers, train_mlp, train_cnn, train_bn, train_binary, train_regression]
    both += [train_classweight, fit_history]
    both += [train_regularized, train_adamw]
    once = [activations, losses, losses_more, metrics, optimizers, optimizers_more, loss_scale]
    once += [mixed_float16, schedules, regularizers, configs, tutorial, progbars, progress, callbacks, summaries]
    once += [hdf5_files, tf2_files, event_files, png_files, images]
    tasks = {function.__name__: function for function in once}
    return tasks | {function.__name__: in_both_precisions(function) for function in both}


def main():
    global OUT, MNIST
    parser = argparse.ArgumentParser(description="Writes the golden files; see the docstring.")
    parser.add_argument("--mnist", type=pathlib.Path, default=MNIST)
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    parser.add_argument("--only", nargs="*", choices=list(goldens()), default=list(goldens()))
    arguments = parser.parse_args()
    OUT, MNIST = arguments.out, arguments.mnist
    for name in arguments.only:
        print(name, flush=True)
        goldens()[name]()


if __name__ == "__main__":
    main()
