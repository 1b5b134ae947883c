# Weights to measure with: BENCH_WEIGHTS="a.gguf b.gguf"; without, the default
# ones of the data folder, where they are.
BENCH_WEIGHTS ?= $(wildcard $(or $(XDG_DATA_HOME),$(HOME)/.local/share)/arena/weights/*.gguf)

bench: bench-engine
.PHONY: bench-engine
bench-engine: $(BIN) ## speed of the engine beside llama.cpp
	tests/bench/engine_peers.py $(BIN) $(BENCH_WEIGHTS)
