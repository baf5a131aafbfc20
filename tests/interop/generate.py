#!/usr/bin/env python3
"""Makes random Keras models, trains them a little and writes what a C++ program is to do with
them: generate.py FOLDER [--seed N] [--models N] [--built NAME...]

FOLDER gets one folder a model (README.md lists the files) and commands.txt for `interop batch`.
NAMEs are what `interop build --list` prints; each must be in cases.BUILT, and the other way round.
"""

import argparse
import pathlib

import numpy as np

from cases import (BUILT, EPOCHS_AFTER, EPOCHS_BEFORE, evaluate, fit, numbered, optimizer_state,
                   predict, write_json)  # before keras: it says where Keras runs
import event_files
from decks import Random
from random_models import RandomModels, check_coverage

MODELS = 20


def keras_files(case, folder):
    """Trains, saves both files, goes on, and keeps what Keras says before and after."""
    model, x, y = case.model, case.x, case.y
    np.savez(folder / "data.npz", **numbered("x", x), **numbered("y", y))
    fit(model, x, y, EPOCHS_BEFORE)
    for name in ("keras.keras", "keras.h5"):
        model.save(folder / name)
    arrays = {**numbered("y", predict(model, x)), **numbered("w", model.get_weights()),
              **numbered("o", optimizer_state(model))}
    expected = {"story": case.story, "trains": case.trains, "evaluate": evaluate(model, x, y)}
    if case.trains:
        expected["history"] = fit(model, x, y, EPOCHS_AFTER)
        expected["continued_evaluate"] = evaluate(model, x, y)
        arrays |= numbered("c", predict(model, x)) | numbered("s", optimizer_state(model))
    np.savez(folder / "expected.npz", **arrays)
    write_json(folder / "expected.json", expected)


def commands_for_keras_files(case, folder):
    yield f"predict {folder}/keras.keras {folder}/data.npz {folder}/from_keras.npz"
    yield f"predict {folder}/keras.h5 {folder}/data.npz {folder}/from_h5.npz"
    yield f"evaluate {folder}/keras.keras {folder}/data.npz {folder}/evaluate.json"
    yield f"convert {folder}/keras.h5 {folder}/written.keras"
    yield f"convert {folder}/keras.keras {folder}/written.h5"
    yield f"onnx {folder}/keras.keras {folder}/model.onnx"
    if case.trains:
        for kind in ("keras", "h5"):
            yield (f"train {folder}/keras.{kind} {EPOCHS_AFTER} {folder}/data.npz "
                   f"{folder}/continued.{kind} {folder}/history_{kind}.json")
        yield f"evaluate {folder}/continued.keras {folder}/data.npz {folder}/continued.json"


def built_data(name, folder):
    """Data for a model that C++ makes."""
    random, samples = Random([len(name), *map(ord, name)]), 48
    x = [random.normal((samples, *shape)) for shape in BUILT[name]["inputs"]]
    y = []
    for kind, units in BUILT[name]["outputs"]:
        classes = random.generator.integers(0, units, samples)
        y.append(np.eye(units, dtype="float32")[classes] if kind == "one_hot"
                 else 0.5 * random.normal((samples, units)))
    np.savez(folder / "data.npz", **numbered("x", x), **numbered("y", y))


def commands_for_built(name, folder):
    for kind in ("keras", "h5"):
        yield f"build {name} {folder}/built.{kind}"
        yield f"predict {folder}/built.{kind} {folder}/data.npz {folder}/from_{kind}.npz"
        yield f"evaluate {folder}/built.{kind} {folder}/data.npz {folder}/evaluate_{kind}.json"
        if BUILT[name]["trains"]:
            yield (f"train {folder}/built.{kind} {EPOCHS_AFTER} {folder}/data.npz "
                   f"{folder}/continued.{kind} {folder}/history_{kind}.json")
    yield f"onnx {folder}/built.keras {folder}/model.onnx"


def new_folder(parent, name):
    folder = parent / name
    folder.mkdir(parents=True)
    return folder


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--models", type=int, default=MODELS)
    parser.add_argument("--built", nargs="*", default=list(BUILT))
    arguments = parser.parse_args()
    if set(arguments.built) != set(BUILT):
        parser.error(f"interop builds {arguments.built}, cases.py has data for {list(BUILT)}")
    root = arguments.folder.resolve()
    random_models = RandomModels(arguments.seed)
    models, commands = [], []
    for i in range(arguments.models):
        case, folder = random_models.make(), new_folder(root, f"m{i:02}")
        keras_files(case, folder)
        commands += commands_for_keras_files(case, folder)
        models.append(case.model)
        print(f"m{i:02} {case.story}", flush=True)
    check_coverage(models)
    for name in BUILT:
        folder = new_folder(root, f"built_{name}")
        built_data(name, folder)
        commands += commands_for_built(name, folder)
    folder = new_folder(root, "event_files")
    event_files.make(folder, arguments.seed)
    commands += event_files.commands(folder)
    (root / "commands.txt").write_text("\n".join(commands) + "\n")


main()
