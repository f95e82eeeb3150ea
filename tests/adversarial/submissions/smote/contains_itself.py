"""Returns lists, dicts and arrays that contain themselves, and nests tuples a thousand deep."""


def smote(X, y, k=5, ratio=1.0, rng=None):
    if len(X) % 3 == 0:
        loop = []
        loop.append(loop)
        return loop, loop
    if len(X) % 3 == 1:
        table = {}
        table["self"] = table
        return table, table
    deep = ()
    for _ in range(100_000):
        deep = (deep,)
    return deep, deep
