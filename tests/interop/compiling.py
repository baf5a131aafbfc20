"""Random losses, metrics and optimizers, with targets that fit them."""

import keras
import numpy as np

C = keras.losses
M = keras.metrics
O = keras.optimizers
S = keras.optimizers.schedules

# Each loss in the forms that programs use: name, alias, function, object, object with options.
# Behind the last kind of object the head gives scores instead of probabilities.
LOSSES = {
    "categorical": [
        lambda: "categorical_crossentropy",
        lambda: C.CategoricalCrossentropy(label_smoothing=0.1),
        lambda: C.categorical_crossentropy,
        lambda: C.CategoricalCrossentropy(from_logits=True),
        lambda: C.CategoricalFocalCrossentropy(alpha=0.4, gamma=1.5),
        lambda: C.KLDivergence(),
    ],
    "sparse": [
        lambda: "sparse_categorical_crossentropy",
        lambda: C.SparseCategoricalCrossentropy(from_logits=True),
        lambda: C.SparseCategoricalCrossentropy(name="my_loss"),
    ],
    "binary": [
        lambda: "binary_crossentropy",
        lambda: C.BinaryCrossentropy(from_logits=True, label_smoothing=0.05),
        lambda: C.BinaryCrossentropy(),
        lambda: C.BinaryFocalCrossentropy(apply_class_balancing=True, gamma=1.5),
        lambda: "squared_hinge",
    ],
    "squared": [
        lambda: "mse",
        lambda: C.MeanSquaredError(),
        lambda: "mean_squared_error",
        lambda: C.Huber(),
        lambda: "log_cosh",
    ],
    "absolute": [
        lambda: C.MeanAbsoluteError(),
        lambda: "mae",
        lambda: C.mean_absolute_error,
    ],
}
METRICS = {
    "categorical": [
        lambda: ["accuracy"],
        lambda: [M.CategoricalAccuracy(name="hits"), "mean_squared_error",
                 M.CategoricalCrossentropy(label_smoothing=0.1), M.KLDivergence()],
        lambda: ["categorical_accuracy", "categorical_crossentropy"],
        lambda: [M.TopKCategoricalAccuracy(2), M.F1Score("macro"), M.AUC(50, "PR")],
    ],
    "sparse": [
        lambda: ["accuracy"],
        lambda: ["sparse_categorical_accuracy"],
        lambda: [M.SparseCategoricalAccuracy(), "acc", M.SparseCategoricalCrossentropy()],
        lambda: [M.SparseTopKCategoricalAccuracy(k=2)],
    ],
    "binary": [
        lambda: ["accuracy"],
        lambda: [M.BinaryAccuracy(threshold=0.4), "mean_absolute_error", M.BinaryCrossentropy()],
        lambda: ["binary_accuracy"],
        lambda: [M.Precision(0.4), M.Recall(name="found"), M.AUC(), M.FalsePositives()],
    ],
    "squared": [lambda: ["mae"], lambda: [M.MeanAbsoluteError(), M.LogCoshError()], lambda: [],
                lambda: [M.RootMeanSquaredError(), M.R2Score(), "cosine_similarity"]],
    "absolute": [lambda: ["mse"], lambda: [M.MeanSquaredError(name="squares")], lambda: []],
}
ACTIVATIONS = {"categorical": "softmax", "sparse": "softmax", "binary": "sigmoid"}

OPTIMIZERS = {
    "SGD": [
        lambda rate: O.SGD(rate),
        lambda rate: O.SGD(rate, momentum=0.9),
        lambda rate: O.SGD(rate, momentum=0.8, nesterov=True, clipnorm=1.0),
    ],
    "Adam": [
        lambda rate: O.Adam(rate),
        lambda rate: O.Adam(rate, beta_1=0.8, beta_2=0.99, epsilon=1e-5, amsgrad=True),
        lambda rate: O.Adam(rate, global_clipnorm=0.5),
    ],
    "AdamW": [
        lambda rate: O.AdamW(rate),
        lambda rate: O.AdamW(rate, weight_decay=0.02, beta_2=0.99),
    ],
    "RMSprop": [
        lambda rate: O.RMSprop(rate, momentum=0.5, epsilon=1e-4),
        lambda rate: O.RMSprop(rate, rho=0.8, epsilon=1e-4),
        lambda rate: O.RMSprop(rate, centered=True, epsilon=1e-3),
    ],
    "Adagrad": [
        lambda rate: O.Adagrad(rate),
        lambda rate: O.Adagrad(rate, initial_accumulator_value=0.2, clipvalue=0.1),
    ],
    "LossScaleOptimizer": [
        lambda rate: O.LossScaleOptimizer(O.SGD(rate, momentum=0.9), 1024.0, 3),
        lambda rate: O.LossScaleOptimizer(O.Adam(rate, clipnorm=1.0)),
        lambda rate: O.Adam(rate, loss_scale_factor=8.0),
    ],
    "Nadam": [lambda rate: O.Nadam(rate), lambda rate: O.Nadam(rate, beta_1=0.85)],
    "Adamax": [lambda rate: O.Adamax(rate), lambda rate: O.Adamax(rate, beta_2=0.99)],
}
RATES = {"SGD": 0.02, "Adagrad": 0.02}  # the others: 0.003

SCHEDULES = [
    lambda rate: rate,
    lambda rate: S.ExponentialDecay(rate, decay_steps=4, decay_rate=0.8),
    lambda rate: rate,
    lambda rate: S.CosineDecay(rate, decay_steps=20, alpha=0.1),
    lambda rate: S.ExponentialDecay(rate, decay_steps=3, decay_rate=0.7, staircase=True),
    lambda rate: S.CosineDecay(rate / 4, decay_steps=12, warmup_target=rate, warmup_steps=4),
]


class Head:
    """What one output is trained for: its loss, its metrics, its last activation, its targets."""

    def __init__(self, random, kind, loss, metrics):
        self.random, self.kind, self.loss, self.metrics = random, kind, loss, metrics
        self.units = {"binary": random.one_of(1, 3), "squared": 2}.get(kind, random.whole(3, 5))
        scores = getattr(loss, "get_config", dict)().get("from_logits", False)
        self.activation = "linear" if scores else ACTIVATIONS.get(kind, "linear")

    def targets(self, samples):
        draw = self.random.generator
        if self.kind == "categorical":
            return np.eye(self.units, dtype="float32")[draw.integers(0, self.units, samples)]
        if self.kind == "sparse":
            return draw.integers(0, self.units, samples).astype("int32")
        if self.kind == "binary":
            return draw.integers(0, 2, (samples, self.units)).astype("float32")
        return 0.5 * self.random.normal((samples, self.units))


class CompileDecks:
    def __init__(self, random):
        self.random = random
        self.kinds = random.deck(LOSSES)
        self.losses = {kind: random.deck(forms) for kind, forms in LOSSES.items()}
        self.metrics = {kind: random.deck(forms) for kind, forms in METRICS.items()}
        self.names = random.deck(OPTIMIZERS)
        self.optimizers = {name: random.deck(forms) for name, forms in OPTIMIZERS.items()}
        self.schedules = random.deck(SCHEDULES)

    def head(self):
        kind = self.kinds.draw()
        return Head(self.random, kind, self.losses[kind].draw()(), self.metrics[kind].draw()())

    def optimizer(self):
        name = self.names.draw()
        rate = self.schedules.draw()(RATES.get(name, 0.003))
        return self.optimizers[name].draw()(rate)

    def compile(self, model, heads):
        """One output: as it is. Several: by name or in order, as Keras takes both."""
        losses, metrics = [head.loss for head in heads], [head.metrics for head in heads]
        weights = None
        if len(heads) == 1:
            losses, metrics = losses[0], metrics[0]
        else:
            if self.random.chance(0.7):
                weights = [self.random.number(0.3, 1.5) for _ in heads]
            if self.random.chance(0.7):
                names = model.output_names
                losses, metrics = dict(zip(names, losses)), dict(zip(names, metrics))
                weights = weights and dict(zip(names, weights))
        model.compile(optimizer=self.optimizer(), loss=losses, metrics=metrics,
                      loss_weights=weights)
        # Else TensorFlow traces the first step twice: once to make these variables.
        model.optimizer.build(model.trainable_variables)
