/* A template of ASCII without escapes, and messages with other characters, out
 * of the bytes: whatever the template does with them, none of those characters
 * comes out as the template's own.  Parts as in fuzz_template.c. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "tests/fuzz/template_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_talk talk;
    struct template *t;
    struct template_output o;
    fuzz_talk_init(&talk, data, size);
    for (size_t i = 0; i < talk.n_template; i++)
        if ((unsigned char)talk.template[i] >= 0x80 ||
            talk.template[i] == '\\')
            talk.template[i] = 'x';
    if (template_open(&t, talk.template, talk.n_template, "fuzz", NULL) == 0) {
        if (template_render(t, &talk.in, &o, NULL) == 0) {
            size_t span = 0;
            for (size_t i = 0; i < o.text.len; i++) {
                if ((unsigned char)o.text.data[i] < 0x80)
                    continue;
                while (span < o.n_foreign && o.foreign[span].to <= i)
                    span++;
                FUZZ_CHECK(span < o.n_foreign && o.foreign[span].from <= i);
            }
        }
        template_output_free(&o);
        template_close(t);
    }
    fuzz_talk_free(&talk);
    return 0;
}
