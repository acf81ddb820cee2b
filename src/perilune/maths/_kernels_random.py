"""Random numbers as pure functions of a key and a counter.

A stream is a row (key, counter) of uint64. Its n-th word is a bijective mix (the finaliser "variant 13" of
Stafford 2011, as in SplitMix64 of Steele, Lea and Flood 2014) of key + n times an odd constant: no state has
to be carried beyond the counter, any word can be had again, and streams of different keys meet with a
probability of their length over 2^64.

Normal values come by the ziggurat of Marsaglia and Tsang (2000) in the form of Doornik (2005): the layer and
the place within it are taken from different bits of one word.
"""

from __future__ import annotations

import math

import numpy as np

from perilune._jit import kernel

_ODD = np.uint64(0x9E3779B97F4A7C15)  # -, 2^64 over the golden ratio, odd (SplitMix64)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)  # -, Stafford's variant 13
_MIX_B = np.uint64(0x94D049BB133111EB)  # -, Stafford's variant 13
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_ONE, _TWO, _LAYER, _S8 = np.uint64(1), np.uint64(2), np.uint64(255), np.uint64(8)
_UNIT = 2.0**-53  # -, distance of the floats that a uniform value falls on

_LAYERS = 256
_TAIL = 3.6541528853610088  # -, where the lowest layer's tail begins for 256 layers of equal area
_AREA = 0.00492867323399  # -, area of each layer under exp(-x^2 / 2)


def _edges() -> np.ndarray:
    """Return the layers' right edges (257,), from the lowest layer's stretched base up to 0."""
    edges = np.zeros(_LAYERS + 1)
    edges[0] = _AREA * math.exp(0.5 * _TAIL * _TAIL)
    edges[1] = _TAIL
    for i in range(2, _LAYERS):
        height = _AREA / edges[i - 1] + math.exp(-0.5 * edges[i - 1] ** 2)
        edges[i] = math.sqrt(-2.0 * math.log(height))
    return edges


_EDGES = _edges()
_HEIGHTS = np.exp(-0.5 * _EDGES**2)


@kernel(bare=True)
def mix(word):
    """Return a word whose bits depend on all bits of the given one; no two words give the same."""
    z = np.uint64(word)
    z = (z ^ (z >> _S30)) * _MIX_A
    z = (z ^ (z >> _S27)) * _MIX_B
    return z ^ (z >> _S31)


@kernel(bare=True)
def _word(key, counter):
    return mix(key + counter * _ODD)


@kernel(bare=True)
def combined(seed, run, key):
    """Return one word of three, each in a round of its own, so that no sum of them can coincide."""
    return mix(mix(mix(np.uint64(seed) + _ODD) ^ np.uint64(run)) + _ODD ^ np.uint64(key))


@kernel(bare=True)
def uniform(streams, i):
    """Return the next value in [0, 1) of stream i, a multiple of 2^-53."""
    word = _word(streams[i, 0], streams[i, 1])
    streams[i, 1] += _ONE
    return _place(word)


@kernel(bare=True)
def normal(streams, i):
    """Return the next standard normal value of stream i; most take one word, 1.2 % take more."""
    key, counter = streams[i, 0], streams[i, 1]
    word = _word(key, counter)
    counter += _ONE
    layer = np.int64(word & _LAYER)
    x = _place(word) * _EDGES[layer]
    if x >= _EDGES[layer + 1]:
        x, counter = _beside(key, counter, layer, x)
    streams[i, 1] = counter
    # Bit 8 is neither the layer's (0..7) nor the place's (11..63); multiplied, for a branch is guessed wrong
    # every other time.
    return x * (1.0 - 2.0 * float(np.int64((word >> _S8) & _ONE)))


@kernel(bare=True)
def _place(word):
    """Return a word's upper 53 bits as a value in [0, 1)."""
    # Through int64: machines have no instruction for a float of an unsigned word.
    return float(np.int64(word >> _S11)) * _UNIT


@kernel(bare=True)
def _beside(key, counter, layer, x):
    """Return (size of the value, counter) where the place lies outside a layer's certain part: wedge, tail or
    a new word.
    """
    while x >= _EDGES[layer + 1]:
        if layer == 0:
            return _tail(key, counter)
        low, high = _HEIGHTS[layer], _HEIGHTS[layer + 1]
        share = _place(_word(key, counter))
        if low + share * (high - low) < math.exp(-0.5 * x * x):
            return x, counter + _ONE
        word = _word(key, counter + _ONE)
        counter += _TWO
        layer = np.int64(word & _LAYER)
        x = _place(word) * _EDGES[layer]
    return x, counter


@kernel(bare=True)
def _tail(key, counter):
    """Return (value beyond the lowest layer's edge, counter) (Marsaglia 1964)."""
    while True:
        out = -math.log(1.0 - _place(_word(key, counter))) / _TAIL
        depth = -2.0 * math.log(1.0 - _place(_word(key, counter + _ONE)))
        counter += _TWO
        if depth > out * out:
            return _TAIL + out, counter


@kernel(bare=True)
def at_sample(streams, i, number):
    """Set stream i to its place for a sample: what a sample draws does not depend on earlier samples.

    64 words belong to a sample; a longer draw runs into the next sample's words.
    """
    streams[i, 1] = np.uint64(number) * np.uint64(64)


@kernel(bare=True)
def hashed_uniform(seed, run, key):
    """Return a value in [0, 1) that is a pure function of three integers."""
    return _place(combined(seed, run, key))


@kernel(bare=True)
def hashed_normal(seed, run, key):
    """Return a standard normal value that is a pure function of three integers (Box and Muller 1958)."""
    first = combined(seed, run, key)
    radius = math.sqrt(-2.0 * math.log(1.0 - _place(first)))
    return radius * math.cos(2.0 * math.pi * _place(_word(first, _TWO)))


@kernel(bare=True)
def hashed_many(seed, run, keys, is_normal, out):
    """Write one value for each key (n,) into out (n,): standard normal where so marked, else in [-1, 1)."""
    for i in range(keys.shape[0]):
        if is_normal[i]:
            out[i] = hashed_normal(seed, run, keys[i])
        else:
            out[i] = 2.0 * hashed_uniform(seed, run, keys[i]) - 1.0


@kernel(bare=True)
def fill_normal(streams, i, out):
    """Write the next values of stream i into out (n,)."""
    for k in range(out.shape[0]):
        out[k] = normal(streams, i)


@kernel(bare=True)
def fill_uniform(streams, i, out):
    """Write the next values of stream i into out (n,)."""
    for k in range(out.shape[0]):
        out[k] = uniform(streams, i)
