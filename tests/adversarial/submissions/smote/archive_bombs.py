"""Unpacks archives that are small and become huge: zip, npz and zlib."""

import io
import zipfile
import zlib

import numpy as np


def smote(X, y, k=5, ratio=1.0, rng=None):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("X.npy", "w", force_zip64=True) as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": (2**25, 2)})
        block = bytes(1 << 20)
        for _ in range(2**9):
            file.write(block)
    packed.seek(0)
    return np.load(packed)["X"], zlib.decompress(zlib.compress(bytes(64 << 20)) * 1)
