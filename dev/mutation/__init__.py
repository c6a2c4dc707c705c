"""Hand-made mutants: small faults put into the code, each of which the tests must notice."""
