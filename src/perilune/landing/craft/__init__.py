"""The lander as a body: engines one by one, tanks whose liquid sways, legs, and how all of it moves."""
