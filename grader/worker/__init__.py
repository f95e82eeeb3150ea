"""A worker: takes gradings from the queue, judges them in an engine of its own, writes the verdicts."""
