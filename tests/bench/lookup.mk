# Needs weights that answer; without LOOKUP_WEIGHTS="a.gguf b.gguf" those of the
# data folder.
LOOKUP_WEIGHTS ?= $${XDG_DATA_HOME:-$$HOME/.local/share}/arena/weights/*.gguf
LOOKUP_PROMPTS ?= 24

bench: bench-lookup
.PHONY: bench-lookup
bench-lookup: $(BUILD)/bench/lookup ## what guesses at the next tokens save
	@for weights in $(LOOKUP_WEIGHTS); do \
	    echo "$$weights"; \
	    $< "$$weights" $(LOOKUP_PROMPTS) tests/bench/quoting.jsonl \
	        data/prompts/general.jsonl || exit 1; \
	done

-include $(BUILD)/bench/lookup.d
