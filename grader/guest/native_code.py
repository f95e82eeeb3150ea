"""The roads to native code of one's own choice: data only, for the static look and for the guard in the guest.

Whoever can load a library, or turn an address into a function, reaches every forbidden kernel behind every guard. An
item stands for a name and all below it. `torch.utils.dlpack` is left out: it shares memory that somebody else made, and
a capsule with an address of one's own cannot be made without the names below.
"""

from __future__ import annotations

NATIVE: tuple[str, ...] = (
    # Foreign functions, and who makes them.
    *("ctypes", "_ctypes", "_ctypes_test", "cffi", "_cffi_backend", "numpy.ctypeslib", "multiprocessing.sharedctypes"),
    *("cppyy", "llvmlite", "scipy.LowLevelCallable"),
    # Compilers of extension modules.
    *("torch.utils.cpp_extension", "torch.utils._cpp_extension_versioner", "numpy.f2py", "numpy.distutils"),
    *("Cython", "cython", "pyximport"),
    # PyTorch's own ways to open a library, compiled models among them.
    *("torch.ops.load_library", "torch._ops.ops.load_library", "torch._ops._Ops.load_library"),
    *("torch.classes.load_library", "torch._classes.classes.load_library", "torch._classes._Classes.load_library"),
    *("torch._ops.dl_open_guard", "torch._C._aoti", "torch._inductor", "torch._export.aot_load"),
    *("torch.cuda._utils", "torch.cuda._compile_kernel", "torch._C._cuda_customAllocator"),
    *("torch.cuda.CUDAPluggableAllocator", "torch.cuda.memory.CUDAPluggableAllocator"),
    *("torch.xpu.XPUPluggableAllocator", "torch.xpu.memory.XPUPluggableAllocator"),
    # The interpreter's own way.
    *("importlib.machinery.ExtensionFileLoader", "importlib._bootstrap_external.ExtensionFileLoader"),
    *("importlib.machinery.AppleFrameworkLoader", "importlib._bootstrap_external.AppleFrameworkLoader"),
    *("_frozen_importlib_external.ExtensionFileLoader", "_frozen_importlib_external.AppleFrameworkLoader"),
    *("imp.load_dynamic", "_imp.create_dynamic", "_imp.exec_dynamic", "sys.setdlopenflags"),
    # What loads extensions of its own kind by a path, and calls a function in them.
    *("sqlite3", "_sqlite3", "tkinter", "_tkinter"),
)
