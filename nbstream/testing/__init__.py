"""Tests of code and notebooks that use models: a plugin of pytest, checks of answers, notebooks as tests.

Importing this package imports nothing else: pytest imports the plugin at every start.
"""
