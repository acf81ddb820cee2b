"""The Earth, the Moon and the Sun: where they are, how they turn, how they pull."""
