bench: bench-kernels
.PHONY: bench-kernels
bench-kernels: $(BUILD)/bench/kernels ## products with a matrix, by set of kernels and type
	@$<

-include $(BUILD)/bench/kernels.d
