"""Screenshots and the animation of the documentation, taken of the real program."""
