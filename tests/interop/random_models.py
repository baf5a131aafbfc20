"""Random Keras models, compiled, with data: Sequential and functional, reproducible from a seed."""

import dataclasses

import keras

from compiling import OPTIMIZERS, CompileDecks
from decks import Random
from layers import ALL, ANYWHERE, MERGES, ON_IMAGES, TO_VECTORS, Chain, LayerMaker

L = keras.layers


@dataclasses.dataclass
class Case:
    model: keras.Model
    x: list
    y: list
    trains: bool  # whether training may be compared: nothing is dropped at random
    story: str


class RandomModels:
    def __init__(self, seed):
        self.random = Random(seed)
        self.maker = LayerMaker(self.random)
        self.compiling = CompileDecks(self.random)
        deck = self.random.deck
        self.on_images = deck([*ANYWHERE, *ON_IMAGES])
        self.on_vectors = deck([*ANYWHERE, "Dense", "Dense"])
        self.to_vectors = deck(TO_VECTORS)
        self.merges = deck(MERGES)
        self.trains = deck([True] * 6 + [False])
        self.structures = deck(["sequential", "functional", "functional"])
        self.on_image = deck([None, self.image_skip, self.gate, self.pyramid, self.nested_image])
        self.on_vector = deck([self.skip, self.branches, self.shared_layer,
                               self.nested_sequential, self.nested_functional,
                               self.shared_nested])
        self.on_two = deck([self.shared_layer, self.nested_functional, self.shared_nested])
        self.input_counts = deck([1, 2])
        self.output_counts = deck([1, 1, 2, 1, 2, 3])
        self.samples = deck([48, 48, 48, 44])  # a short last batch costs Keras another graph
        self.nests = deck(["sequential", "functional"])

    # ---- Parts -----------------------------------------------------------------------------------

    def input_shape(self):
        if self.random.chance(0.5):
            return (self.random.whole(6, 9), self.random.whole(6, 9), self.random.whole(1, 3))
        return (self.random.whole(5, 10),)

    def merge(self, tensors):
        name = self.merges.draw(lambda name: len(tensors) == 2 or name != "Subtract")
        return getattr(L, name)()(tensors)

    def chain(self, tensor, count):
        return Chain(self, tensor.shape[1:], may_normalize=False).draw_on_vector(count)

    def nest(self, width, units):
        """A model to be used as a layer: vectors of `width` to vectors of `units`."""
        chain = Chain(self, (width,), may_normalize=False).draw_on_vector(2).dense(units)
        if self.nests.draw() == "sequential":
            return keras.Sequential([L.Input((width,)), *chain.layers])
        x = L.Input((width,))
        return keras.Model(x, chain(x))

    # ---- Structures on one image -----------------------------------------------------------------

    def image_skip(self, x):
        y = L.Conv2D(x.shape[-1], 3, padding="same", activation="selu")(x)
        return self.merge([x, y])

    def gate(self, x):
        """Squeeze and excitation: what is multiplied is broadcast over the image."""
        weight = L.GlobalAveragePooling2D(keepdims=True)(x)
        return L.Multiply()([x, self.maker.dense(x.shape[-1], activation="sigmoid")(weight)])

    def pyramid(self, x):
        height, width = x.shape[1:3]
        x = L.ZeroPadding2D(((0, height % 2), (0, width % 2)))(x)
        return self.merge([x, L.UpSampling2D(2)(L.AveragePooling2D(2)(x))])

    def nested_image(self, x):
        inner = keras.Sequential([
            L.Input(x.shape[1:]), L.Conv2D(4, 2, activation="elu"),
            L.DepthwiseConv2D(2, padding="same"),
        ])
        return inner(x)

    # ---- Structures on one or two vectors of the same width --------------------------------------

    def second(self, vectors):
        if len(vectors) == 2:
            return vectors[1]
        return self.maker.dense(vectors[0].shape[-1])(vectors[0])

    def skip(self, vectors):
        (x,) = vectors
        y = self.chain(x, 1).dense(x.shape[-1])(x)
        return self.merge([x, y])

    def branches(self, vectors):
        (x,) = vectors
        return self.merge([self.chain(x, 1).dense(6)(x) for _ in range(self.random.whole(2, 3))])

    def shared_layer(self, vectors):
        shared = self.maker.dense(5)
        return self.merge([shared(vectors[0]), shared(self.second(vectors))])

    def nested_sequential(self, vectors):
        (x,) = vectors
        inner = Chain(self, x.shape[1:], may_normalize=False).draw_on_vector(2)
        return keras.Sequential([L.Input(x.shape[1:]), *inner.layers])(x)

    def nested_functional(self, vectors):
        """A model of two inputs and two outputs inside the model."""
        a, b = (L.Input(vectors[0].shape[1:]) for _ in range(2))
        sum_ = L.Add()([self.maker.dense(4)(a), self.maker.dense(4)(b)])
        inner = keras.Model([a, b], [self.maker.dense(5)(sum_), self.maker.dense(5)(a)])
        return self.merge(inner([vectors[0], self.second(vectors)]))

    def shared_nested(self, vectors):
        inner = self.nest(vectors[0].shape[-1], 5)
        return self.merge([inner(vectors[0]), inner(self.second(vectors))])

    # ---- Models ----------------------------------------------------------------------------------

    def sequential(self, head):
        shape = self.input_shape()
        chain = Chain(self, shape).draw(self.random.whole(3, 5))
        chain.add(L.Dense(head.units, activation=head.activation))
        model = keras.Sequential([L.Input(shape), *chain.layers])
        return model, ""

    def vector_of(self, x, structure):
        """An input's way to a vector."""
        if len(x.shape) == 4:
            chain = Chain(self, x.shape[1:]).draw_on_image(self.random.whole(2, 3))
            x = chain(x)
            x = structure(x) if structure else x
        return Chain(self, x.shape[1:]).draw(1)(x)

    def functional(self, heads):
        inputs = [L.Input(self.input_shape()) for _ in range(self.input_counts.draw())]
        stories, vectors = [], []
        for x in inputs:
            structure = self.on_image.draw() if len(x.shape) == 4 else None
            stories += [structure.__name__] if structure else []
            vectors.append(self.vector_of(x, structure))
        if len(vectors) == 2:
            vectors = [self.maker.dense(6)(vector) for vector in vectors]
        structure = (self.on_two if len(vectors) == 2 else self.on_vector).draw()
        x = structure(vectors)
        trunk = self.chain(x, 1)(x)
        outputs = [self.output(trunk, head, f"head_{i}") for i, head in enumerate(heads)]
        if len(inputs) == 1 and self.random.chance(0.5):
            inputs = inputs[0]
        if len(outputs) == 1 and self.random.chance(0.5):
            outputs = outputs[0]
        return keras.Model(inputs, outputs), ", ".join([*stories, structure.__name__])

    def output(self, x, head, name):
        if head.activation == "softmax" and self.random.chance(0.3):
            return L.Softmax(name=name)(L.Dense(head.units)(x))
        return L.Dense(head.units, activation=head.activation, name=name)(x)

    def make(self):
        keras.utils.clear_session()
        keras.utils.set_random_seed(self.random.whole(0, 2**31))
        trains = self.trains.draw()
        self.maker.start(trains)
        structure = self.structures.draw()
        count = 1 if structure == "sequential" else self.output_counts.draw()
        heads = [self.compiling.head() for _ in range(count)]
        model, parts = (self.sequential(heads[0]) if structure == "sequential"
                        else self.functional(heads))
        self.compiling.compile(model, heads)
        drawn = self.samples.draw()
        samples = drawn if count == 1 else 48  # see README.md, short batches
        x = [self.random.normal((samples, *i.shape[1:])) for i in model.inputs]
        y = [head.targets(samples) for head in heads]
        story = f"{structure} {len(x)}>{len(y)}, {type(model.optimizer).__name__}"
        return Case(model, x, y, trains, f"{story}{', ' if parts else ''}{parts}")


def check_coverage(models):
    """Every layer and every optimizer occurs, whatever the seed."""
    layers = {type(layer).__name__ for model in models for layer in model._flatten_layers()}
    optimizers = {type(model.optimizer).__name__ for model in models}
    missing = (set(ALL) - layers) | (set(OPTIMIZERS) - optimizers)
    assert not missing, f"no model has {sorted(missing)}"
