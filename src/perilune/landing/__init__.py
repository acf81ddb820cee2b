"""From lunar orbit to the ground."""
