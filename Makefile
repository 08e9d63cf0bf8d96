# make run | test | check | bench | clean      PORT=8051 another port; PYTHON=/path/to/python3.13 another Python
.PHONY: run test check bench clean
export PYTHON

run:
	@.ci/environment run
	@.ci/serve "$(PORT)"

test:
	@.ci/environment test
	@.ci/test $(ARGS)

check:
	@.ci/environment test
	@.ci/check

bench:
	@.ci/environment test
	.venv/bin/python -m benchmarks $(ARGS)

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
