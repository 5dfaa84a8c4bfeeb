"""What follows from probabilities."""

import numpy as np
from tinytorch_cifar10 import results_of

PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.1, 0.5, 0.4], [0.3, 0.3, 0.4], [0.8, 0.1, 0.1]])
LABELS = np.array([0, 2, 2, 1])


def test_predictions_and_how_sure_they_are():
    results = results_of(PROBABILITIES, LABELS)
    assert results.predicted.tolist() == [0, 1, 2, 0]
    assert results.confidence.tolist() == [0.7, 0.5, 0.4, 0.8]


def test_rows_are_what_it_is_and_columns_what_was_said():
    results = results_of(PROBABILITIES, LABELS)
    assert results.confusion.tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 1]]
    assert results.accuracy == 0.5
    assert results.accuracy_by_class == [1.0, 0.0, 0.5]


def test_a_class_without_images_has_none_right():
    results = results_of(PROBABILITIES[:1], LABELS[:1])
    assert results.accuracy_by_class == [1.0, 0.0, 0.0]
