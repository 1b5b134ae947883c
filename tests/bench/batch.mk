# BATCH_ARGS="resume --rows 100000" measures less; see the script.  Without
# --weights the local ones take those of the data folder.
BATCH_ARGS ?=

bench: bench-batch
.PHONY: bench-batch
bench-batch: $(BIN) ## imports, runs that are there, local settings at once
	tests/bench/batch.py $(BIN) $(BATCH_ARGS)
