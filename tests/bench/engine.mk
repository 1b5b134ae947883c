# Weights to measure with: BENCH_WEIGHTS="a.gguf b.gguf"; without, those of the
# data folder.  BENCH_ARGS="-r 3 -t 2" measures less; see the script.
BENCH_WEIGHTS ?=
BENCH_ARGS ?=

bench: bench-engine
.PHONY: bench-engine
bench-engine: $(BIN) $(BUILD)/bench/bandwidth ## speed of the engine beside llama.cpp and others
	@scripts/deps bench
	tests/bench/engine_peers.py $(BIN) $(BENCH_WEIGHTS) \
	    --bandwidth $(BUILD)/bench/bandwidth $(BENCH_ARGS)

bench: bench-checkpoint
.PHONY: bench-checkpoint
bench-checkpoint: $(BIN) ## float checkpoints beside ARENA_BENCH_RUN_C
	tests/bench/checkpoint_peers.py $(BIN)

-include $(BUILD)/bench/bandwidth.d
