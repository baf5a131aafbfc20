"""The training cases in Keras on TensorFlow: the compiled step that fit() runs, on a batch that is
already a tensor."""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

from cases import THREADS, make_samples, net_of, serve

tf.config.threading.set_intra_op_parallelism_threads(THREADS)
tf.config.threading.set_inter_op_parallelism_threads(THREADS)


def make_steps(case):
    keras.config.set_dtype_policy(case["policy"])
    input_shape, layers = net_of(case)
    model = keras.Sequential([keras.layers.Input(input_shape)])
    for class_name, config in layers:
        model.add(getattr(keras.layers, class_name)(**config))
    model.compile(loss="categorical_crossentropy", optimizer=case["optimizer"],
                  metrics=["accuracy"])
    x, labels = make_samples(case)
    batches = tf.data.Dataset.from_tensors((x, keras.utils.to_categorical(labels, 10))).repeat()
    iterator = iter(batches)
    model.make_train_function()
    return {"train_function": lambda: model.train_function(iterator)}


serve("keras", "train", make_steps)
