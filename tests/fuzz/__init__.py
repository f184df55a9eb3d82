"""Any input at all: no failure of ours, no trace of one, nobody led elsewhere.

Each test tries a few dozen inputs, the same ones every time. For a night of new ones:
`FUZZ_EXAMPLES=5000 scripts/test tests/fuzz`.
"""
