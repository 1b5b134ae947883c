# Without ADAPTER_WEIGHTS="a.gguf b.gguf" those of the data folder.
ADAPTER_WEIGHTS ?= $${XDG_DATA_HOME:-$$HOME/.local/share}/arena/weights/*.gguf
ADAPTER_THREADS ?= 1 2
ADAPTER_RANK ?= 16

bench: bench-adapters
.PHONY: bench-adapters
bench-adapters: $(BUILD)/bench/adapters ## four answers with an adapter each, and without
	@for weights in $(ADAPTER_WEIGHTS); do \
	    for threads in $(ADAPTER_THREADS); do \
	        echo "$$weights, $$threads threads"; \
	        $< "$$weights" $(ADAPTER_RANK) $$threads 60 || exit 1; \
	    done; \
	done

-include $(BUILD)/bench/adapters.d
