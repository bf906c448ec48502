"""Compresses the files that the scripts beside it write: HDF5 and archives of PyTorch are mostly empty."""
import gzip
import pathlib


def pack(*endings):
    for path in sorted(pathlib.Path(".").iterdir()):
        if path.name.endswith(endings):
            with open(f"{path}.gz", "wb") as file, gzip.GzipFile("", "wb", 9, file, 0) as packed:
                packed.write(path.read_bytes())
            path.unlink()
