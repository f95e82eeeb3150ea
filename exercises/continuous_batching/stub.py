"""Continuous batching; the contract is in statement.en.md (English) and statement.zh.md (Chinese)."""


class Scheduler:
    """Decides before every iteration which requests take part, under a budget of tokens and one of cache blocks.

    Attributes: `waiting`, the ids of waiting requests in the order of arrival; `free_blocks`, an int.
    """

    def __init__(self, max_tokens: int, num_blocks: int, block_size: int):
        """No requests, all blocks free; ValueError for a number below 1."""
        raise NotImplementedError

    def step(self, finished: list[int], arrived: list[tuple[int, int]]) -> tuple[list[tuple[int, int, int]], list[int]]:
        """Take in what happened since the last iteration, and plan the next one: (batch, preempted).

        `batch` holds (id, start, count), oldest request first. ValueError, with nothing changed, for bad arguments.
        """
        raise NotImplementedError
