"""The reference of nms against OpenCV, whose boxes are corner, width and height; it keeps an equal IoU as well."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

cv2 = pytest.importorskip("cv2")
ROOT = Path(__file__).resolve().parents[2]
nms = runpy.run_path(str(ROOT / "reference" / "nms" / "solution.py"))["nms"]


def draw(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Boxes in steps of 1/8, scores above 0 with ties, labels of four classes, and a threshold that no IoU equals."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 120))
    low = rng.integers(-20, 20, (n, 2)) / 8
    boxes = np.concatenate([low, low + rng.integers(1, 30, (n, 2)) / 8], axis=1)
    scores = (rng.integers(1, 60, n) / 64).astype(np.float32)  # OpenCV's are float32
    return boxes, scores, rng.integers(0, 4, n), float(rng.uniform(0.05, 0.8))


def known(boxes: np.ndarray, scores: np.ndarray, threshold: float) -> list[int]:
    """What OpenCV keeps."""
    corner_and_size = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    return [int(i) for i in np.ravel(cv2.dnn.NMSBoxes(corner_and_size.tolist(), scores.tolist(), 0.0, threshold))]


@pytest.mark.parametrize("seed", range(60))
def test_one_class_is_what_opencv_keeps(seed: int) -> None:
    """Indices and their order, ties in score included."""
    boxes, scores, labels, threshold = draw(seed)
    assert nms(boxes, scores, labels * 0, threshold).tolist() == known(boxes, scores, threshold)


@pytest.mark.parametrize("seed", range(60))
def test_classes_are_what_opencv_keeps_of_each(seed: int) -> None:
    """One class after the other, and OpenCV's own way to keep classes apart."""
    boxes, scores, labels, threshold = draw(seed)
    kept = nms(boxes, scores, labels, threshold)
    for label in np.unique(labels):
        (of_class,) = np.nonzero(labels == label)
        expected = of_class[known(boxes[of_class], scores[of_class], threshold)]
        assert kept[labels[kept] == label].tolist() == expected.tolist()
    assert kept.tolist() == sorted(kept, key=lambda i: (-scores[i], i))
    boxes = boxes + 100.0  # OpenCV shifts classes by the largest coordinate, which fails below 0
    corner_and_size = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    batched = cv2.dnn.NMSBoxesBatched(corner_and_size.tolist(), scores.tolist(), labels.tolist(), 0.0, threshold)
    assert sorted(np.ravel(batched).tolist()) == sorted(kept.tolist())


def test_an_equal_iou_suppresses_in_neither() -> None:
    """A half, a quarter and three quarters, to the bit."""
    for width, step, threshold in ((3, 1, 0.5), (5, 3, 0.25), (7, 1, 0.75)):
        boxes = np.array([[0, 0, width, 2], [step, 0, width + step, 2]], float)
        scores, labels = np.array([0.5, 0.75]), np.zeros(2, np.int64)
        for below, left in ((0.0, [1, 0]), (1e-3, [1])):
            assert nms(boxes, scores, labels, threshold - below).tolist() == left
            assert known(boxes, scores, threshold - below) == left


def test_two_points_are_where_opencv_differs() -> None:
    """OpenCV takes 0 / 0 as 1, the statement as 0."""
    points, scores = np.ones((2, 4)), np.array([0.5, 0.75])
    assert known(points, scores, 0.5) == [1]
    assert nms(points, scores, np.zeros(2, np.int64), 0.5).tolist() == [1, 0]
