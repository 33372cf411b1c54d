"""Checksums of 32 bits that both sides compute alike, with NumPy's arrays or JAX's.

The bits of every value are mixed before they are added, so that two changes cannot make up for each other as they do in
a sum of the bits themselves. The mixing is the finalizer of MurmurHash3 (Austin Appleby, public domain).
"""

from typing import Any

import numpy as np


def mixed(words: Any) -> Any:
    """Each 32-bit word made into another of which every bit depends on all of its bits; uint32 arrays."""
    words = words ^ (words >> np.uint32(16))
    words = words * np.uint32(0x85EBCA6B)
    words = words ^ (words >> np.uint32(13))
    words = words * np.uint32(0xC2B2AE35)
    return words ^ (words >> np.uint32(16))


def folded(low: Any, high: Any) -> Any:
    """The two halves of 64-bit words as one word each."""
    return low ^ mixed(high ^ np.uint32(0x9E3779B9))


def terms(words: Any, places: Any = None) -> Any:
    """What is to be added up modulo 2 ** 32; with ``places`` (0, 1, 2, ...) the sum depends on the order."""
    order = np.uint32(0x9E3779B9) if places is None else mixed(places ^ np.uint32(0x9E3779B9))
    return mixed(words ^ order)
