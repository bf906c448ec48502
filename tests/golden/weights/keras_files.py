"""Writes weights as Keras does, and keras.tsv: what the models they belong to compute.

pip install keras==3.15.1 h5py==3.16.0 torch==2.15.0
KERAS_BACKEND=torch python keras_files.py

Keras 3 writes three of the files itself: HDF5 as it wrote it from version 1 on (`save`), with and without nested models, and its own
(`save_weights`). Keras 1 and 2 cannot be installed any more beside it, so their files are written with h5py, in the layout that `save_weights` of
Keras 3 still reads: attributes `layer_names`, `backend` and `keras_version`, a group a layer with an attribute `weight_names`; Keras 2
calls a weight `dense/kernel:0`, Keras 1 `dense_1_W`. Weights and inputs follow from `wave`. A line of keras.tsv is a name, the shape of the
input (channels before positions, unlike in Keras), and the numbers that come out.
"""
import math

import h5py
import keras
import numpy as np
from keras import layers

from pack import pack

out = open("keras.tsv", "w")


def wave(shape, phase):
    """Numbers from -1 to 1 that look random, on a grid."""
    count = np.arange(math.prod(shape), dtype=np.float64)
    return (np.round(np.sin(1.3 * count + phase) * 32) / 32).reshape(shape).astype(np.float32)


def fill(model):
    """Gives all weights of a model their values."""
    for index, weight in enumerate(model.weights):
        shape, value = tuple(weight.shape), wave(tuple(weight.shape), index + 1.0)
        if len(shape) > 1:
            value = value * 1.5 / math.sqrt(math.prod(shape[:-1]))
        elif weight.name == "gamma":
            value = 1 + 0.2 * value
        elif weight.name == "moving_variance":
            value = 0.5 + np.abs(value)
        else:
            value = 0.1 * value
        weight.assign(value)
    return model


def line(name, shape, outputs):
    outputs = [np.asarray(keras.ops.convert_to_numpy(y)).reshape(shape[0], -1) for y in outputs]
    numbers = " ".join(f"{value:.8g}" for value in np.concatenate(outputs, 1).flatten())
    print(name, "x".join(map(str, shape)), numbers, sep="\t", file=out)


def turned(x):
    return np.ascontiguousarray(x.transpose(0, 2, 1))


def keras2(path, model, group=None):
    """Writes weights in the layout of Keras 2."""
    with h5py.File(path, "w") as file:
        root = file.create_group(group) if group else file
        root.attrs["layer_names"] = np.array([layer.name.encode() for layer in model.layers])
        root.attrs["backend"] = b"tensorflow"
        root.attrs["keras_version"] = b"2.2.4"
        for layer in model.layers:
            place = root.create_group(layer.name)
            parts = layer.layers if hasattr(layer, "layers") else [layer]
            named = [(f"{part.name}/{weight.name}:0", weight) for part in parts for weight in part.weights]
            place.attrs["weight_names"] = np.array([name.encode() for name, _ in named], dtype="S64" if not named else None)
            for name, weight in named:
                place[name] = keras.ops.convert_to_numpy(weight)


# A small model with everything whose order differs: kernels, norms, and a dense layer that reads a sequence laid out in one row.
model = fill(keras.Sequential([
    keras.Input((30, 4)),
    layers.Conv1D(5, 7, activation="relu", name="conv"), layers.BatchNormalization(name="norm"), layers.MaxPooling1D(4), layers.Flatten(),
    layers.BatchNormalization(name="late_norm"), layers.Dense(6, activation="relu", name="hidden"), layers.Dense(2, name="out"),
]))
x = wave((3, 4, 30), 0.0)
line("small", x.shape, [model(turned(x))])
keras2("small_2.h5", model)
model.save("small_3.h5")
model.save_weights("small_3.weights.h5")
model.save("small_3.keras")


def bpnet(filters, blocks, length, output, before, head):
    """The layers of the `chrombpnet` package, all of them inside of the sequence."""
    given = keras.Input((length, 4))
    x = layers.Conv1D(filters, 21, activation="relu", name=before + "bpnet_1st_conv")(given)
    for block in range(1, blocks + 1):
        body = layers.Conv1D(filters, 3, activation="relu", dilation_rate=2**block, name=f"{before}bpnet_{block}conv")(x)
        crop = layers.Cropping1D((x.shape[1] - body.shape[1]) // 2, name=f"{before}bpnet_{block}crop")(x)
        x = layers.add([body, crop])
    profile = layers.Conv1D(1, 75, name=head + "prof_out_precrop")(x)
    profile = layers.Cropping1D(profile.shape[1] // 2 - output // 2)(profile)
    count = layers.Dense(1, name=head + "logcount_predictions")(layers.GlobalAveragePooling1D()(x))
    return keras.Model(given, [layers.Flatten()(profile), count], name=before + "model")


accessibility = fill(bpnet(4, 3, 160, 30, "wo_bias_", "wo_bias_bpnet_"))
bias = fill(bpnet(3, 2, 160, 30, "", ""))
given = keras.Input((160, 4))
(profile, count), (bias_profile, bias_count) = accessibility(given), bias(given)
counts = layers.Concatenate()([count, bias_count])
both = keras.Model(given, [layers.Add()([profile, bias_profile]), layers.Lambda(lambda x: keras.ops.logsumexp(x, axis=-1, keepdims=True))(counts)])
x = wave((2, 4, 160), 0.0)
line("chrombpnet", x.shape, both(turned(x)))
line("chrombpnet_nobias", x.shape, accessibility(turned(x)))
line("bias", x.shape, bias(turned(x)))
keras2("chrombpnet.h5", both, "model_weights")
keras2("chrombpnet_nobias.h5", accessibility, "model_weights")
bias.save("bias.h5")

# The layers of `basepairmodels`, with controls; they are zero, so that the count head reads the logarithm of 2.
given, control, control_count = keras.Input((160, 4)), keras.Input((38, 2)), keras.Input((1,))
x = layers.Conv1D(3, 21, name="main_conv_0")(given)
for block in range(1, 4):
    body = layers.Conv1D(3, 3, dilation_rate=2**block, name=f"main_dil_conv_{block}")(layers.ReLU()(x))
    x = layers.add([layers.Cropping1D((x.shape[1] - body.shape[1]) // 2)(x), body])
x = layers.ReLU()(x)
head = layers.Concatenate()([layers.Conv1D(2, 75, name="main_profile_head")(x), control])
profile = layers.Conv1D(2, 1, name="profile_predictions")(head)
count = layers.Dense(1, name="main_counts_head")(layers.GlobalAveragePooling1D()(x))
count = layers.Dense(1, name="logcounts_predictions")(layers.Concatenate()([count, control_count]))
model = fill(keras.Model([given, control, control_count], [profile, count]))
x = wave((2, 4, 160), 0.0)
profile, count = model([turned(x), np.zeros((2, 38, 2)), np.log(np.full((2, 1), 2.0))])
line("basepairmodels", x.shape, [keras.ops.transpose(profile, (0, 2, 1)), count])
keras2("basepairmodels.h5", model, "model_weights")

# Keras 1 on Theano: filters slide flipped, and letters are rows of a picture. What Theano computes is computed by hand.
kernel, kernel_bias = wave((3, 1, 4, 5), 1.0), wave((3,), 2.0)
dense, dense_bias = wave((3 * 4, 2), 3.0) / 4, wave((2,), 4.0)
x = wave((2, 4, 12), 0.0)
flipped = kernel[:, 0, ::-1, ::-1]
found = np.stack([[[(flipped[f] * one[:, p : p + 5]).sum() + kernel_bias[f] for p in range(8)] for f in range(3)] for one in x])
found = np.maximum(found, 0).reshape(2, 3, 4, 2).max(3).reshape(2, 12)
line("theano", x.shape, [found @ dense + dense_bias])
with h5py.File("theano_1.h5", "w") as file:
    file.attrs["layer_names"] = np.array([b"convolution2d_1", b"activation_1", b"maxpooling2d_1", b"flatten_1", b"dense_1"])
    file.attrs["backend"] = b"theano"
    file.attrs["keras_version"] = b"1.2.2"
    for layer, weights in [("convolution2d_1", [kernel, kernel_bias]), ("activation_1", []), ("maxpooling2d_1", []), ("flatten_1", []), ("dense_1", [dense, dense_bias])]:
        place = file.create_group(layer)
        names = [f"{layer}_{letter}" for letter in "Wb"[: len(weights)]]
        place.attrs["weight_names"] = np.array([name.encode() for name in names], dtype=None if names else "S1")
        for name, weight in zip(names, weights):
            place[name] = weight

# Compressed in chunks, and nothing else than an array with a name.
with h5py.File("chunks.h5", "w") as file:
    file.create_dataset("deep/er/kernel", data=np.repeat(wave((4, 3), 1.0), 64, 0), chunks=(32, 3), compression="gzip", shuffle=True)
    file.create_dataset("halves", data=np.array([0.5, -2.25], dtype=np.float16))
    file.create_dataset("counts", data=np.array([-5, 7], dtype=np.int16))
    file.create_dataset("text", data=b"no numbers")
with h5py.File("user_block.h5", "w", userblock_size=512) as file:
    file.create_dataset("kernel", data=np.array([1, 2], dtype=np.float64))
# A promise of more than any memory, without any of it in the file.
with h5py.File("huge.h5", "w") as file:
    file.create_dataset("kernel", shape=(2**30, 2**30), dtype="f4", chunks=(1024, 1024))
# Few numbers, but chunks that reach far beyond them.
with h5py.File("wide.h5", "w") as file:
    file.create_dataset("kernel", data=np.ones((3, 2), np.float32), maxshape=(None, None), chunks=(1, 2**26), compression="gzip")
# Every group is in the one before it under ten names: there are 10,000,000,000,000 ways to the last.
with h5py.File("ways.h5", "w") as file:
    inner = file.create_group("start")
    for _ in range(13):
        outer = file.create_group("next")
        for name in range(10):
            outer[str(name)] = inner
        del file["next"]
        inner = outer
    file["end"] = inner
    del file["start"]
with h5py.File("nothing.h5", "w") as file:
    file.attrs["title"] = "no weights"

pack(".h5", ".keras")
