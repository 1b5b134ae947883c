# Whether answers of real weights are the same whatever runs beside them: half
# an hour and more.  SAME_WEIGHTS="a.gguf b.gguf"; without, those of the data
# folder.  Prompts whose answers quote them come first: guesses are right there.
WEIGHTS_FOLDER = $${XDG_DATA_HOME:-$$HOME/.local/share}/arena/weights
SAME_WEIGHTS ?= $(WEIGHTS_FOLDER)/*.gguf
SAME_PROMPTS ?= 200
SAME_TOKENS ?= 48

.PHONY: test-same
test-same: $(BUILD)/engine/same ## 200 prompts: the same answers in any company
	@for weights in $(SAME_WEIGHTS); do \
	    echo "$$weights"; \
	    $< "$$weights" $(SAME_PROMPTS) $(SAME_TOKENS) \
	        tests/bench/quoting.jsonl data/prompts/*.jsonl || exit 1; \
	done

$(BUILD)/engine/%: tests/engine/%.c $(LIB) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,TEST,$<)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ \
	    $< $(LIB) $(PKG_LIBS) $(LDLIBS)

-include $(BUILD)/engine/same.d
