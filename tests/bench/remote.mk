# What remote models cost us, against a server that writes at a steady pace.
bench: bench-remote
.PHONY: bench-remote
bench-remote: $(BIN) $(BUILD)/bench/paced_server ## remote models: throughput, screen
	tests/bench/remote_eval.py $(BIN) $(BUILD)/bench/paced_server
	tests/bench/remote_screen.py $(BIN) $(BUILD)/bench/paced_server

-include $(BUILD)/bench/paced_server.d
