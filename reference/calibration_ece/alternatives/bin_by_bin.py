"""ECE with a mask and two means for each bin, as in the formula."""

import numpy as np


def expected_calibration_error(probs, labels, n_bins=15):
    if n_bins < 1 or probs.ndim != 2 or 0 in probs.shape or labels.shape != (len(probs),):
        raise ValueError("arguments")
    if labels.min() < 0 or labels.max() >= probs.shape[1]:
        raise ValueError("labels")
    if np.isnan(probs).any() or probs.min() < 0 or probs.max() > 1:
        raise ValueError("probs")
    p = probs.astype("float64")
    guess = np.argmax(p, axis=-1)
    confidence = np.take_along_axis(p, guess[:, None], axis=-1)[:, 0]
    total = 0.0
    for b in range(n_bins):
        inside = (confidence > b / n_bins) & (confidence <= (b + 1) / n_bins)
        if inside.any():
            total += inside.mean() * abs(np.mean(guess[inside] == labels[inside]) - np.mean(confidence[inside]))
    return total
