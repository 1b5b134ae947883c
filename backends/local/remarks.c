#include "backends/local/remarks.h"

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
}
