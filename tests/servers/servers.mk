# Real servers that nobody here wrote, which bring.py brings: minutes of
# compiling, once, into the cache folder.  Names of programs that are there
# already: ARENA_TEST_LLAMA_SERVER, ARENA_TEST_OLLAMA.
SERVER_WEIGHTS ?= $${XDG_DATA_HOME:-$$HOME/.local/share}/arena/weights/SmolLM2-135M-Instruct.Q4_1.gguf

.PHONY: test-servers
test-servers: $(BIN) $(BUILD)/servers/follow ## battles through llama-server and Ollama, compiled once
	@weights="$(SERVER_WEIGHTS)"; test -r "$$weights" || \
	    $(BIN) models pull --default || exit 1; \
	ARENA_TEST_LLAMA_SERVER="$$(tests/servers/bring.py llama-server)" \
	ARENA_TEST_OLLAMA="$$(tests/servers/bring.py ollama)" \
	ARENA_TEST_WEIGHTS_FILE="$$weights" \
	ARENA_TEST_FOLLOW="$(abspath $(BUILD))/servers/follow" \
	BUILD=$(BUILD) tests/run tests/servers/servers

$(BUILD)/servers/%: tests/servers/%.c $(LIB) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,TEST,$<)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ \
	    $< $(LIB) $(PKG_LIBS) $(LDLIBS)

-include $(BUILD)/servers/follow.d
