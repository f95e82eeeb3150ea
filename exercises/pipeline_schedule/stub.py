"""Pipeline schedules; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""


def pipeline_order(kind: str, stages: int, microbatches: int) -> list[list[tuple[str, int]]]:
    """For each stage its operations ("F", i) and ("B", i), in order; `kind` is "gpipe" or "1f1b"."""
    raise NotImplementedError


def simulate(orders: list[list[tuple[str, int]]], forward: list[int], backward: list[int], delay: int = 0) -> dict:
    """When each operation starts, each stage doing its list in order: "starts", "makespan", "bubble", "peaks".

    ValueError for bad arguments, and for orders that can never be done to the end.
    """
    raise NotImplementedError
