$(BUILD)/bench/store: tests/bench/store.c $(LIB) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,BENCH,$<)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ \
	    $< $(LIB) $(PKG_LIBS) $(LDLIBS)

bench: bench-store
.PHONY: bench-store
bench-store: $(BUILD)/bench/store ## what a vote and a leaderboard cost
	$(BUILD)/bench/store

-include $(BUILD)/bench/store.d
