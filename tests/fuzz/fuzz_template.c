/* A template and messages, out of the bytes: the parser and the evaluator end
 * by themselves, within their bounds, with a text or one line that says why;
 * and a second time alike.
 *
 * Parts end in NUL: the template, then contents; the first letter of a content
 * chooses its role. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "backends/engine/chat/template/template.h"
#include "base/mem.h"
#include "tests/fuzz/template_input.h"

static void check_error(const struct err *e)
{
    FUZZ_CHECK(e->code == ERR_FORMAT);
    FUZZ_CHECK(strncmp(e->text, "fuzz: line ", 11) == 0 ||
               strncmp(e->text, "fuzz: a template of", 19) == 0);
    FUZZ_CHECK(strchr(e->text, '\n') == NULL);
}

static void check_spans(const struct template_output *o)
{
    size_t at = 0;
    FUZZ_CHECK(!o->text.overflow);
    for (size_t i = 0; i < o->n_foreign; i++) {
        FUZZ_CHECK(i == 0 || o->foreign[i].from > at);
        FUZZ_CHECK(o->foreign[i].from < o->foreign[i].to);
        at = o->foreign[i].to;
    }
    FUZZ_CHECK(at <= o->text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_talk talk;
    struct template *t;
    struct err e = {0}, again = {0};
    struct template_output one, two;
    fuzz_talk_init(&talk, data, size);
    if (template_open(&t, talk.template, talk.n_template, "fuzz", &e) != 0) {
        check_error(&e);
    } else {
        int rc = template_render(t, &talk.in, &one, &e);
        FUZZ_CHECK(template_render(t, &talk.in, &two, &again) == rc);
        if (rc != 0) {
            check_error(&e);
            FUZZ_CHECK(strcmp(e.text, again.text) == 0);
        } else {
            check_spans(&one);
            FUZZ_CHECK(one.text.len == two.text.len &&
                       memcmp(one.text.data, two.text.data, one.text.len) ==
                           0);
        }
        template_output_free(&one);
        template_output_free(&two);
        template_close(t);
    }
    fuzz_talk_free(&talk);
    return 0;
}
