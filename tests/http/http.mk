# Every backend over HTTP through every fault: the table, a row a backend.
.PHONY: conformance
conformance: $(BUILD)/unit/test_conformance ## how each backend stands what servers do
	@$<
