"""What developers run beside the tests; not part of the package."""
