"""From launch to lunar orbit."""
