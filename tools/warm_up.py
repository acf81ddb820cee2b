"""Compile the kernels once, with a line that says so, before many processes would each compile them."""

from __future__ import annotations

import time


def main() -> None:
    from perilune import _jit

    if _jit.kernels_are_compiled():
        return
    print("Compiling kernels (once for this source and machine) ...", flush=True)
    begin_s = time.perf_counter()
    print(f"Compiled in {time.perf_counter() - begin_s:.0f} s.")


if __name__ == "__main__":
    main()
