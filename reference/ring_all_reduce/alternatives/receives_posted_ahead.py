"""All receives are posted before the first send, one tag for each step, so that no step can wait for another's receive."""

import torch
import torch.distributed as dist


def ring_all_reduce(tensor: torch.Tensor, op: str = "sum") -> None:
    if op not in ("sum", "mean") or (op == "mean" and not tensor.is_floating_point()):
        raise ValueError("op must be 'sum', or 'mean' of floating-point numbers")
    if not dist.is_available() or not dist.is_initialized() or dist.get_world_size() == 1:
        return
    n, rank = dist.get_world_size(), dist.get_rank()
    whole = tensor.reshape(-1).clone()
    chunks = whole.tensor_split(n)
    before, after = (rank - 1) % n, (rank + 1) % n
    arrivals = []
    for step in range(2 * (n - 1)):
        chunk = chunks[(rank - 1 - step) % n]
        room = torch.empty_like(chunk)
        arrivals.append((chunk, room, dist.irecv(room, before, tag=step) if room.numel() else None))

    sent = []
    departing = chunks[rank]
    for step, (chunk, room, arrival) in enumerate(arrivals):
        if departing.numel():
            sent.append((departing, dist.isend(departing, after, tag=step)))
        if arrival is not None:
            arrival.wait()
        departing = room
        if step < n - 1:
            departing += chunk  # sent on as a sum of its own; the chunk stays as it is until the complete one comes
            if step == n - 2:
                chunk.copy_(departing)
        else:
            chunk.copy_(room)
    for _, request in sent:
        request.wait()

    if op == "mean":
        whole /= n
    tensor.copy_(whole.reshape(tensor.shape))
