# Its getaddrinfo() is to be libcurl's, too, which is loaded later.
$(BUILD)/unit/test_cancel: private LDFLAGS += -rdynamic
