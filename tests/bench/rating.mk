RATING_BENCH = $(addprefix $(BUILD)/bench/rating_,pairing coverage votes elo judged settle decision telling)

bench: bench-rating
.PHONY: bench-rating
bench-rating: $(BIN) $(RATING_BENCH) ## speed and truth of ratings
	$(BUILD)/bench/rating_elo
	tests/bench/rating_peers.py $(BIN) $(BUILD)/bench/rating_votes
	$(BUILD)/bench/rating_coverage 1000
	$(BUILD)/bench/rating_coverage 1000 1
	$(BUILD)/bench/rating_pairing 200
	$(BUILD)/bench/rating_judged 500
	for judge in gpt-3.5-turbo pandalm-7b; do \
	    $(BIN) rate tests/rating/pandalm_judged.csv --with-judge $$judge | \
	    grep worth; done # a published log
	$(BUILD)/bench/rating_telling 200 tests/rating/pandalm_human.csv
	$(BUILD)/bench/rating_settle 10000
	$(BUILD)/bench/rating_decision 2000

-include $(RATING_BENCH:=.d)
