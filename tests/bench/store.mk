bench: bench-store
.PHONY: bench-store
bench-store: $(BUILD)/bench/store ## what a vote and a leaderboard cost
	$(BUILD)/bench/store

-include $(BUILD)/bench/store.d
