# Published chat templates by our interpreter and by jinja2; the folder is for
# what the package registry brings.
TEMPLATES_FOLDER ?= build/templates
.PHONY: test-templates
test-templates: $(BUILD)/templates/render ## published chat templates beside jinja2
	@tests/templates/compare.py $< $(TEMPLATES_FOLDER)

$(BUILD)/templates/%: tests/templates/%.c $(LIB) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,TEST,$<)
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ \
	    $< $(LIB) $(PKG_LIBS) $(LDLIBS)

-include $(BUILD)/templates/render.d
