bench: bench-screen
.PHONY: bench-screen
bench-screen: all ## how long a person waits, with 100,000 battles stored
	tests/bench/screen.py $(BIN)
