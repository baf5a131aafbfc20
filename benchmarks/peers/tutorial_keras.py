"""The tutorial's training in Keras on TensorFlow, timed as benchmarks/tutorial.cpp times ours.

Arguments: folder with MNIST's IDX files, epochs, seed. Prints one JSON line.
"""
import gzip
import json
import resource
import sys
import time

import keras
import numpy as np


def read_idx(path):
    data = gzip.open(path).read()
    dims = np.frombuffer(data, ">i4", count=data[3], offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(dims)


def images(folder, part):
    x = read_idx(f"{folder}/{part}-images-idx3-ubyte.gz")
    return x.reshape(-1, 28, 28, 1).astype("float32") / 255


def labels(folder, part):
    return keras.utils.to_categorical(read_idx(f"{folder}/{part}-labels-idx1-ubyte.gz"), 10)


class EpochTimer(keras.callbacks.Callback):
    seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.start)


def main():
    folder, epochs, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    model = keras.Sequential([
        layers.Input((28, 28, 1)),
        layers.Conv2D(32, (3, 3), activation="selu", kernel_initializer="lecun_normal"),
        layers.AlphaDropout(0.25),
        layers.Flatten(),
        layers.Dense(256, activation="selu", kernel_initializer="lecun_normal"),
        layers.Dense(10, activation="softmax"),
    ])
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    timer = EpochTimer()
    history = model.fit(images(folder, "train"), labels(folder, "train"), batch_size=250,
                        epochs=epochs, verbose=0, validation_split=0.2, callbacks=[timer])
    loss, accuracy = model.evaluate(images(folder, "t10k"), labels(folder, "t10k"), verbose=0)
    print(json.dumps({
        "peer": "keras", "epoch_seconds": timer.seconds,
        "val_accuracy": history.history["val_accuracy"], "test_loss": loss,
        "test_accuracy": accuracy,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }))


main()
