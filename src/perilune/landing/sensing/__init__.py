"""What the lander sees: sensors as rows of figures, and one compiled step that measures."""
