# Without DEPTH_WEIGHTS="a.gguf b.gguf" those of the data folder.
DEPTH_WEIGHTS ?= $${XDG_DATA_HOME:-$$HOME/.local/share}/arena/weights/*.gguf
DEPTH_THREADS ?= 1 2
DEPTH_ROUNDS ?= 15
DEPTHS ?= 2048 8192

bench: bench-depth
.PHONY: bench-depth
bench-depth: $(BUILD)/bench/depth ## writing after many tokens, by form of keys and values
	@for weights in $(DEPTH_WEIGHTS); do \
	    for threads in $(DEPTH_THREADS); do \
	        echo "$$weights, $$threads threads"; \
	        $< "$$weights" $$threads $(DEPTH_ROUNDS) $(DEPTHS) || exit 1; \
	    done; \
	done

-include $(BUILD)/bench/depth.d
