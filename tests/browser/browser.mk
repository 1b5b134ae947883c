# The report in a real browser; its pictures are in build/browser/.
.PHONY: test-browser
test-browser: all ## the report in a headless Chromium, with pictures of it
	@scripts/deps browser || true # without it the test says that it skips
	@mkdir -p build/browser
	@PICTURES=build/browser BUILD=$(BUILD) tests/run tests/browser/report.py
