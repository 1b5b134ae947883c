bench: bench-screen
.PHONY: bench-screen
bench-screen: all ## how long a person waits, with 100,000 battles stored
	tests/bench/screen.py $(BIN)

# Needs two files: make bench-local-screen BENCH_WEIGHTS="a.gguf b.gguf"
bench: bench-local-screen
.PHONY: bench-local-screen
bench-local-screen: all ## keys, UI thread and bytes while two local models stream
	@set -- $(BENCH_WEIGHTS); if [ $$# = 2 ]; then \
	    tests/bench/local_screen.py $(BIN) "$$@"; \
	else \
	    echo 'bench-local-screen: BENCH_WEIGHTS does not name two files'; fi
