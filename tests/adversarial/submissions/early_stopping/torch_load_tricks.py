"""Puts objects with `__reduce__` into its state, and replaces torch.save and torch.load by versions that run code."""

import os

import torch


class Bomb:
    def __reduce__(self):
        return os._exit, (0,)


torch.load = lambda file, **kwargs: {"bomb": Bomb(), "best": 0.0}
torch.save = lambda value, file: None
torch.serialization._legacy_load = torch.load
torch.serialization.add_safe_globals([Bomb, os._exit, getattr])


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0, mode="min"):
        self.best = self.best_epoch = Bomb()

    def step(self, metric, model):
        return Bomb()

    def restore(self, model):
        return None

    def state_dict(self):
        return {"bomb": Bomb()}

    def load_state_dict(self, state):
        return None
