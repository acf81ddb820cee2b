"""Small dense linear systems and copies inside compiled code, quick to compile: no LAPACK, no slices."""

from __future__ import annotations

from perilune._jit import kernel


@kernel(bare=True)
def put(source, first, target):
    """Fill `target` from source[first:]; a loop compiles in a tenth of a slice's time."""
    for i in range(target.shape[0]):
        target[i] = source[first + i]


@kernel(bare=True)
def solve_in_place(a, b):
    """Replace b by the solution of a x = b (partial pivoting, a is destroyed); false if singular."""
    n = b.shape[0]
    for c in range(n):
        pivot = c
        for r in range(c + 1, n):
            if abs(a[r, c]) > abs(a[pivot, c]):
                pivot = r
        if not abs(a[pivot, c]) > 0.0:
            return False
        if pivot != c:
            for j in range(n):
                a[c, j], a[pivot, j] = a[pivot, j], a[c, j]
            b[c], b[pivot] = b[pivot], b[c]
        for r in range(c + 1, n):
            f = a[r, c] / a[c, c]
            for j in range(c, n):
                a[r, j] -= f * a[c, j]
            b[r] -= f * b[c]
    for c in range(n - 1, -1, -1):
        for j in range(c + 1, n):
            b[c] -= a[c, j] * b[j]
        b[c] /= a[c, c]
    return True
