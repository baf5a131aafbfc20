"""Random layers, and chains of them, over every layer that banach reads from a file.

What trains is chosen so that rounding stays small: no weight has a gradient that is zero but for
rounding (a shift right before BatchNormalization, a softmax over one value), since Adam turns such
noise into whole steps; and no maximum is taken over what LayerNormalization saturates, where many
values nearly tie.
"""

import keras

L = keras.layers
K = keras.initializers
R = keras.regularizers

ACTIVATIONS = [
    "linear", "relu", "selu", "elu", "sigmoid", "tanh", "softmax", "softplus", "softsign",
    "exponential", "gelu", "silu", "leaky_relu", "relu6", "hard_sigmoid", "hard_silu", "hard_tanh",
    "tanh_shrink", "mish", "log_sigmoid", "log_softmax",
]
ANYWHERE = [
    "Activation", "AlphaDropout", "BatchNormalization", "Dropout", "ELU", "LayerNormalization",
    "LeakyReLU", "Normalization", "ReLU", "Rescaling", "Reshape", "Softmax",
]
ON_IMAGES = [
    "AveragePooling2D", "Conv2D", "DepthwiseConv2D", "MaxPooling2D", "UpSampling2D",
    "ZeroPadding2D",
]
TO_VECTORS = ["Flatten", "GlobalAveragePooling2D", "GlobalMaxPooling2D"]
MERGES = ["Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract"]
ALL = ["InputLayer", "Dense", *ANYWHERE, *ON_IMAGES, *TO_VECTORS, *MERGES]

LARGEST_IMAGE = 200  # values a channel


class LayerMaker:
    """One layer of a class, with random options."""

    def __init__(self, random):
        self.random = random
        self.activations = random.deck(ACTIVATIONS)
        self.initializers = random.deck([
            lambda: "glorot_uniform", lambda: "he_normal", lambda: "lecun_normal",
            lambda: K.VarianceScaling(0.8, mode="fan_avg", distribution="uniform"),
            lambda: K.RandomNormal(stddev=0.3), lambda: K.TruncatedNormal(stddev=0.3),
            lambda: K.LecunUniform(seed=7), lambda: "GlorotNormal",
        ])
        self.regularizers = random.deck([
            lambda: None, lambda: R.L1(0.001), lambda: None, lambda: R.L2(0.01), lambda: None,
            lambda: R.L1L2(l1=0.0005, l2=0.002), lambda: "l2", lambda: None,
        ])
        self.constraints = random.deck([False, False, True, False])
        self.start(trains=True)

    def start(self, trains):
        """A new model; one that is not trained on may drop values at random."""
        self.trains = trains
        self.may_explode = True

    def fits(self, activation, width):
        if activation == "softmax":
            return width >= 4
        return activation != "exponential" or self.may_explode  # exp(exp(x)) is no net to compare

    def activation(self, width):
        """For a layer whose output has `width` channels."""
        name = self.activations.draw(lambda name: self.fits(name, width))
        self.may_explode &= name != "exponential"
        return name

    def weights(self, prefix, norm_axes, width):
        """Options of a layer with a kernel, a bias and `width` outputs."""
        options = {
            "use_bias": not self.random.chance(0.2),
            f"{prefix}_initializer": self.initializers.draw()(),
            "bias_initializer": self.random.one_of("zeros", K.Constant(0.1)),
            f"{prefix}_regularizer": self.regularizers.draw()(),
            "activation": self.activation(width),
            "trainable": not self.random.chance(0.08),
        }
        if self.constraints.draw():
            limit = self.random.number(0.5, 1.5)
            options[f"{prefix}_constraint"] = keras.constraints.MaxNorm(limit, axis=norm_axes)
        if self.random.chance(0.2):
            options["bias_regularizer"] = R.L2(0.01)
        return options

    def dense(self, units=None, **options):
        units = units or self.random.whole(4, 8)
        return L.Dense(units, **{**self.weights("kernel", 0, units), **options})

    def window(self, name):
        """strides, dilation_rate and padding of a convolution."""
        padding = self.random.one_of("valid", "same")
        if self.random.chance(0.2):
            return {"dilation_rate": 2, "padding": padding}
        strides = self.random.one_of(1, 1, 2, 2 if name == "DepthwiseConv2D" else (1, 2))
        return {"strides": strides, "padding": padding}

    def make(self, name, shape):
        """A layer for inputs of `shape`, which has no batch axis."""
        random = self.random
        match name:
            case "Dense":
                return self.dense()
            case "Conv2D":
                groups = shape[-1] if random.chance(0.2) else 1
                filters = 2 * groups if groups > 1 else random.whole(4, 6)
                size = random.one_of(1, 2, 3, (3, 2))
                return L.Conv2D(filters, size, groups=groups, **self.window(name),
                                **self.weights("kernel", [0, 1, 2], filters))
            case "DepthwiseConv2D":
                size, multiplier = random.one_of(2, 3, (2, 3)), random.one_of(1, 2)
                return L.DepthwiseConv2D(
                    size, depth_multiplier=multiplier, **self.window(name),
                    **self.weights("depthwise", [0, 1], multiplier * shape[-1]))
            case "MaxPooling2D" | "AveragePooling2D":
                size = random.one_of(2, 3, (2, 1))
                return getattr(L, name)(size, strides=random.one_of(None, 1, 2),
                                        padding=random.one_of("valid", "same"))
            case "ZeroPadding2D":
                return L.ZeroPadding2D(random.one_of(1, (1, 0), ((0, 1), (2, 1))))
            case "UpSampling2D":
                size = random.one_of(2, (1, 2), (2, 1))
                return L.UpSampling2D(size, interpolation=random.one_of("nearest", "bilinear"))
            case "Flatten":
                return L.Flatten()
            case "GlobalAveragePooling2D" | "GlobalMaxPooling2D":
                return getattr(L, name)()
            case "Activation":
                return L.Activation(self.activation(shape[-1]))
            case "ReLU":
                return L.ReLU(max_value=random.one_of(None, 2.5), threshold=random.one_of(0, 0.1),
                              negative_slope=random.one_of(0.0, 0.2))
            case "LeakyReLU":
                return L.LeakyReLU(random.one_of(0.3, 0.1))
            case "ELU":
                return L.ELU(random.one_of(1.0, 0.7))
            case "Softmax":
                return L.Softmax(axis=random.one_of(-1, len(shape)))
            case "Dropout" | "AlphaDropout":
                rate = 0.0 if self.trains else random.number(0.1, 0.5)
                return getattr(L, name)(rate, seed=random.one_of(None, 11))
            case "BatchNormalization":
                return L.BatchNormalization(
                    momentum=random.one_of(0.99, 0.9), epsilon=random.one_of(1e-3, 1e-2),
                    center=random.chance(0.8), scale=random.chance(0.8),
                    trainable=not random.chance(0.15))
            case "LayerNormalization":
                return L.LayerNormalization(epsilon=random.one_of(1e-3, 1e-2),
                                            center=random.chance(0.8),
                                            scale=random.chance(0.8))
            case "Normalization" if random.chance(0.5):
                return L.Normalization(mean=random.number(-0.3, 0.3), variance=random.number(0.5, 2))
            case "Normalization":
                return L.Normalization()
            case "Rescaling":
                return L.Rescaling(random.number(0.5, 1.5), offset=random.number(-0.5, 0.5))
            case "Reshape" if len(shape) == 3:
                height, width, channels = shape
                return L.Reshape(random.one_of((width, height, channels), (-1, height, channels)))
            case "Reshape":
                return L.Reshape((-1, shape[0] // 2) if shape[0] % 2 == 0 else (1, -1))
        raise ValueError(f"no random options for {name}")


class Chain:
    """Layers in a row, and the shape behind them."""

    def __init__(self, decks, shape, may_normalize=True):
        self.decks, self.maker = decks, decks.maker
        self.layers, self.shape = [], tuple(shape)
        self.may_normalize, self.may_tie = may_normalize, False

    def add(self, layer):
        self.layers.append(layer)
        self.shape = tuple(layer.compute_output_shape((None, *self.shape))[1:])
        normalizes = isinstance(layer, (L.BatchNormalization, L.LayerNormalization))
        shifts = getattr(layer, "use_bias", False) and layer.activation is keras.activations.linear
        self.may_normalize &= not (normalizes or shifts)
        self.may_tie |= isinstance(layer, (L.LayerNormalization, L.Softmax))
        return self

    def fits(self, name):
        if name == "BatchNormalization":
            return self.may_normalize
        if name in ("GlobalMaxPooling2D", "MaxPooling2D") and self.may_tie:
            return False
        if name in ("LayerNormalization", "Softmax"):
            return self.shape[-1] >= 4
        if name in ("UpSampling2D", "ZeroPadding2D"):
            return 2 * self.shape[0] * self.shape[1] <= LARGEST_IMAGE
        if name in ON_IMAGES:
            return min(self.shape[:2]) >= 5
        return True

    def draw_on_image(self, count):
        for _ in range(count):
            self.add(self.maker.make(self.decks.on_images.draw(self.fits), self.shape))
        return self

    def to_vector(self):
        return self.add(self.maker.make(self.decks.to_vectors.draw(self.fits), self.shape))

    def draw_on_vector(self, count):
        for _ in range(count):
            name = self.decks.on_vectors.draw(self.fits)
            self.add(self.maker.make(name, self.shape))
            if name == "Reshape":
                self.add(self.maker.dense()).add(L.Flatten())
        return self

    def draw(self, count):
        if len(self.shape) == 1:
            return self.draw_on_vector(count)
        return self.draw_on_image(count).to_vector().draw_on_vector(1)

    def dense(self, units=None, **options):
        return self.add(self.maker.dense(units, **options))

    def __call__(self, tensor):
        for layer in self.layers:
            tensor = layer(tensor)
        return tensor
