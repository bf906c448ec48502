"""Writes small HDF5 files in the layouts that DeepSEA, Selene, Basset and Keras users have.

Made with h5py 3.16.0 (HDF5 2.0.0), hdf5storage 0.2.2, numpy 2.4.6. All files hold the same 37 examples of 40 letters and their
labels for 5 tasks, by the formulas below, which the tests compute again.
"""

import os

import h5py
import hdf5storage
import numpy as np

N, LENGTH, TASKS = 37, 40, 5
here = os.path.dirname(os.path.abspath(__file__))

i, p = np.meshgrid(np.arange(N), np.arange(LENGTH), indexing="ij")
letters = (i * 31 + p * 17 + i * p * 7) % 11 % 4
x = np.zeros((N, 4, LENGTH), np.uint8)
for letter in range(4):
    x[:, letter, :] = letters == letter
task, row = np.meshgrid(np.arange(TASKS), np.arange(N))
y = ((row * (task + 3)) % 4 == 0).astype(np.uint8)

# Channels A,G,C,T, as DeepSEA has them.
agct = x[:, [0, 2, 1, 3], :]


def path(name):
    full = os.path.join(here, name)
    if os.path.exists(full):
        os.remove(full)
    return full


# MATLAB 7.3: a user block, axes reversed.
hdf5storage.savemat(
    path("deepsea.mat"),
    {"trainxdata": agct, "traindata": y},
    format="7.3",
    oned_as="column",
    store_python_metadata=False,
)

# The same axes in chunks that cut all of them, shuffled and packed.
with h5py.File(path("chunks.mat"), "w") as file:
    d = file.create_dataset("trainxdata", (LENGTH, 4, N), "u1", chunks=(7, 3, 10), compression="gzip", shuffle=True)
    d[...] = agct.transpose(2, 1, 0)
    file.create_dataset("traindata", data=y.T.astype("<i4"), chunks=(2, 8), compression="gzip", shuffle=True)

# The same axes in one run.
with h5py.File(path("run.mat"), "w") as file:
    file.create_dataset("validxdata", data=agct.transpose(2, 1, 0))
    file.create_dataset("validdata", data=y.T)

# Examples first, with filters that only the library undoes, and a new index of chunks.
with h5py.File(path("selene.h5"), "w", libver=("earliest", "v110")) as file:
    file.create_dataset("trainxdata", data=agct, chunks=(5, 4, 40), compression="lzf", fletcher32=True)
    file.create_dataset("traindata", data=y.astype("f8"), maxshape=(None, None), chunks=(6, 5))

# Channels last, big-endian numbers.
with h5py.File(path("keras.h5"), "w") as file:
    file.create_dataset("x", data=x.transpose(0, 2, 1).astype(">f4"))
    file.create_dataset("y", data=y[:, 0].astype(">i2"))

# Basset: an axis of one, truth values.
with h5py.File(path("basset.h5"), "w") as file:
    file.create_dataset("test_in", data=x[:, :, None, :].astype(bool), chunks=(10, 4, 1, 40), compression="gzip")
    file.create_dataset("test_out", data=y.astype(bool))
    file.create_dataset("target_labels", data=np.array([b"a", b"b", b"c", b"d", b"e"]))
