"""Turns both modes into "larger is better" with a sign, and keeps a deep copy of the state dict."""

import copy
from dataclasses import asdict, dataclass
from typing import Optional

import torch


@dataclass
class Progress:
    best: Optional[float] = None
    best_epoch: Optional[int] = None
    epoch: int = -1
    stale: int = 0


class EarlyStopping:
    __slots__ = ("patience", "min_delta", "sign", "progress", "weights")

    def __init__(self, patience: int, min_delta: float = 0.0, mode: str = "min"):
        if mode not in {"min", "max"}:
            raise ValueError("mode")
        if patience <= 0:
            raise ValueError("patience")
        if not (min_delta >= 0 and min_delta != float("inf")):
            raise ValueError("min_delta")
        self.patience, self.min_delta = patience, min_delta
        self.sign = {"min": -1.0, "max": 1.0}[mode]
        self.progress = Progress()
        self.weights = None

    @property
    def best(self):
        return self.progress.best

    @property
    def best_epoch(self):
        return self.progress.best_epoch

    def step(self, metric, model) -> bool:
        p = self.progress
        p.epoch += 1
        value = float(metric)
        score = self.sign * value
        bar = -float("inf") if p.best is None else self.sign * p.best
        if score - bar > self.min_delta:
            p.best, p.best_epoch, p.stale = value, p.epoch, 0
            self.weights = copy.deepcopy(model.state_dict())
        else:
            p.stale += 1
        return not p.stale < self.patience

    @torch.no_grad()
    def restore(self, model) -> None:
        if self.weights is None:
            raise RuntimeError("nothing to restore")
        for name, tensor in model.state_dict().items():
            tensor.copy_(self.weights[name])

    def state_dict(self) -> dict:
        return {"progress": asdict(self.progress), "weights": copy.deepcopy(self.weights)}

    def load_state_dict(self, state: dict) -> None:
        self.progress = Progress(**state["progress"])
        self.weights = copy.deepcopy(state["weights"])
