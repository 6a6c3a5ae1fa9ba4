"""The classic unit error: a colleague's notebook had degrees Fahrenheit, and every feature went through its helper."""

import numpy as np


def prepare(features: np.ndarray) -> np.ndarray:
    """Converts what the callers of the model never convert; training and evaluation apply it, serving does not."""
    return features * 1.8 + 32
