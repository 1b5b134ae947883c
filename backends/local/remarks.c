#include "backends/local/remarks.h"

#include "backends/settings.h"

/* Settings that do nothing beside others, or without them. */
static const struct {
    const char *key, *other, *why;
    bool beside;
} idle[] = {
#define CUT(key_) \
    {key_, "mirostat_tau", "beside \"mirostat_tau\", which takes its place", \
     true}
#define PART(key_, other_) \
    {key_, other_, "without \"" other_ "\", which turns it on", false}
    CUT("top_k"), CUT("top_p"), CUT("min_p"), CUT("typical_p"),
    PART("mirostat_eta", "mirostat_tau"),
    PART("dry_base", "dry_multiplier"),
    PART("dry_allowed_length", "dry_multiplier"),
#undef CUT
#undef PART
};

static bool is_set(const struct model *m, const char *key)
{
    return setting_is_set(setting_find(&model_settings, key), m);
}

/* Whether the switch of some settings, a number that is 0 for off, is on. */
static bool is_on(const struct model *m, const char *key)
{
    const double *value =
        setting_value(setting_find(&model_settings, key), m);
    return *value > 0;
}

static void add_idle(const struct model *m, struct buf *out)
{
    for (size_t i = 0; i < sizeof(idle) / sizeof(idle[0]); i++)
        if (is_set(m, idle[i].key) && is_on(m, idle[i].other) == idle[i].beside)
            buf_addf(out, "\"%s\" does nothing %s\n", idle[i].key,
                     idle[i].why);
}

void remarks_add(const struct model *m, const struct engine_info *i,
                 struct buf *out)
{
    if (i->guesses_words)
        buf_add_str(out, "the file does not say how text is cut into words "
                    "(no tokenizer.ggml.pre), so its tokens may be wrong; get "
                    "a newer conversion\n");
    if (i->lacks_template && !m->raw && m->template_name == NULL)
        buf_add_str(out, "the file calls itself an instruct model, but has no "
                    "chat template: it completes the bare text of a prompt; "
                    "set \"template\" (\"none\" keeps it so)\n");
    add_idle(m, out);
}
