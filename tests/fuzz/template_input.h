/* template_input: a template and a conversation out of a fuzzer's bytes. */
#ifndef TESTS_FUZZ_TEMPLATE_INPUT_H
#define TESTS_FUZZ_TEMPLATE_INPUT_H

#include <string.h>

#include "backends/engine/chat/template/template.h"
#include "base/mem.h"
#include "tests/fuzz/fuzz.h"

#define FUZZ_MAX_MESSAGES 8

struct fuzz_talk {
    char *bytes;
    char *template; /* [n_template], in bytes */
    size_t n_template;
    struct template_message messages[FUZZ_MAX_MESSAGES];
    struct template_input in;
    cJSON *variables;
};

static inline void fuzz_talk_init(struct fuzz_talk *t, const uint8_t *data,
                                  size_t size)
{
    static const char *const roles[] = {"user", "assistant", "system"};
    static const char variables[] =
        "{\"n\": 3, \"s\": \"a,b\", \"l\": [3, 1, 2], \"d\": {\"b\": 1, "
        "\"a\": [1, null]}, \"enable_thinking\": true, \"tools\": []}";
    *t = (struct fuzz_talk){0};
    t->bytes = mem_strndup((const char *)data, size);
    char *end = t->bytes + size;
    t->template = t->bytes;
    t->n_template = strlen(t->bytes);
    for (char *p = t->bytes + t->n_template + 1;
         p < end && t->in.n_messages < FUZZ_MAX_MESSAGES;
         p += strlen(p) + 1)
        t->messages[t->in.n_messages++] = (struct template_message){
            roles[(unsigned char)*p % 3], p, strlen(p)};
    t->variables = json_parse(variables, sizeof(variables) - 1, 1000, "fuzz",
                              NULL);
    t->in.messages = t->messages;
    t->in.in_parts = size % 2;
    t->in.add_generation_prompt = size % 3 != 0;
    t->in.bos_token = "<s>";
    t->in.eos_token = "</s>";
    t->in.variables = t->variables;
    t->in.clock = (struct tm){.tm_year = 125, .tm_mon = 5, .tm_mday = 15};
}

static inline void fuzz_talk_free(struct fuzz_talk *t)
{
    cJSON_Delete(t->variables);
    free(t->bytes);
}

#endif
