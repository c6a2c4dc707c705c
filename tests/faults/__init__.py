"""Everything that can go wrong between a server and a reply, as tables of cases with their exact outcomes.

`bodies` are judged by their bytes alone, `exchanges` need a connection. The unit tests and the HTTP tests
read the same tables; ``python -m tests.faults`` prints them with their results.
"""
