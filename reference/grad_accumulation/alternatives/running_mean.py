"""Keeps the gradients of the mean over what has come so far: each micro-batch shrinks the old and adds its share."""

import torch


class GradAccumulator:
    def __init__(self, model, optimizer):
        self.model, self.optimizer = model, optimizer
        self.seen, self.mean = None, 0.0

    def add(self, inputs, labels):
        if list(inputs.size()) != list(labels.size()):
            raise ValueError("shapes differ")
        if self.seen is None:
            self._clear()
            self.seen = 0
        keep = labels != -100
        count = keep.sum().item()
        if count == 0:
            return
        self.seen += count
        share = count / self.seen
        for p in self.model.parameters():
            if p.grad is not None:
                p.grad = p.grad * (1 - share)
        logits = self.model(inputs)
        log_p = logits.log_softmax(-1)[keep]  # (count, V)
        loss = -log_p.gather(1, labels[keep].unsqueeze(1)).mean()
        (loss * share).backward()
        self.mean += share * (float(loss.detach()) - self.mean)

    def step(self):
        loss = self.mean if self.seen else None
        if self.seen:
            self.optimizer.step()
        self._clear()
        self.seen, self.mean = None, 0.0
        return loss

    def _clear(self):
        for p in self.model.parameters():
            p.grad = None
