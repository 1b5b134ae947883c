# Needs weights that answer; without JUDGE_WEIGHTS the default model's.
JUDGE_WEIGHTS ?= $${XDG_DATA_HOME:-$$HOME/.local/share}/arena/weights/SmolLM2-135M-Instruct.Q4_1.gguf
JUDGE_BATTLES ?= 200

bench: bench-judge
.PHONY: bench-judge
bench-judge: $(BIN) $(BUILD)/bench/judge ## what soft verdicts cost beside reading
	tests/bench/judge.sh $(BIN) $(BUILD)/bench/judge "$(JUDGE_WEIGHTS)" $(JUDGE_BATTLES)

-include $(BUILD)/bench/judge.d
