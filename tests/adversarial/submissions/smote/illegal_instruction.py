"""Executes bytes that are no instruction."""

import ctypes
import mmap


def smote(X, y, k=5, ratio=1.0, rng=None):
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    code.write(b"\x0f\x0b" * 8)
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    return ctypes.CFUNCTYPE(ctypes.c_int)(address)(), y
