"""One thread only: what both kinds of parents need before they import anything that computes.

A parent that has started a second thread makes its forked children hang: OpenBLAS waits at fork for threads that are
not there, torch in the first matrix product.
"""

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "",
}
