"""States, forces, propagation, events and burns."""
