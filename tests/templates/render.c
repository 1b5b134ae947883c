/* Renders chat templates for compare.py: a line of JSON in, one out.
 *
 *     {"template": PATH, "messages": [[ROLE, CONTENT], …], "variables": {…},
 *      "prompt": true, "in_parts": false, "clock": SECONDS}
 *
 * becomes {"text": …, "foreign": [[FROM, TO], …]} or {"error": …}.  bos_token
 * is "<s>", eos_token "</s>". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/chat/template/template.h"
#include "base/mem.h"

#define MAX_LINE_BYTES (16u << 20)

static void put_error(const struct err *e, struct buf *out)
{
    buf_add_str(out, "{\"error\": ");
    json_add_string(out, e->text, strlen(e->text));
    buf_add_str(out, "}");
}

static int open_template(const char *path, struct template **t, struct err *e)
{
    struct buf file;
    int rc;
    buf_init(&file, TEMPLATE_MAX_BYTES);
    if (buf_read_file(&file, path) != 0)
        rc = err_set(e, ERR_FORMAT, "%s cannot be read", path);
    else
        rc = template_open(t, file.data, file.len, "template", e);
    buf_free(&file);
    return rc;
}

static int render(const struct template *t, const cJSON *request,
                  struct buf *out, struct err *e)
{
    const cJSON *talk = json_get(request, "messages"), *turn;
    struct template_output o;
    struct template_message *m =
        mem_calloc((size_t)cJSON_GetArraySize(talk), sizeof(*m));
    struct template_input in = {
        .messages = m,
        .in_parts = json_get_bool(request, "in_parts", false),
        .add_generation_prompt = json_get_bool(request, "prompt", true),
        .bos_token = "<s>",
        .eos_token = "</s>",
        .variables = json_get(request, "variables"),
    };
    time_t clock = (time_t)json_get_number(request, "clock", 0);
    gmtime_r(&clock, &in.clock);
    cJSON_ArrayForEach (turn, talk) {
        m[in.n_messages].role = cJSON_GetArrayItem(turn, 0)->valuestring;
        m[in.n_messages].content = cJSON_GetArrayItem(turn, 1)->valuestring;
        m[in.n_messages].n_content = strlen(m[in.n_messages].content);
        in.n_messages++;
    }
    int rc = template_render(t, &in, &o, e);
    if (rc == 0) {
        buf_add_str(out, "{\"text\": ");
        json_add_string(out, o.text.data, o.text.len);
        buf_add_str(out, ", \"foreign\": [");
        for (size_t i = 0; i < o.n_foreign; i++)
            buf_addf(out, "%s[%zu, %zu]", i ? ", " : "", o.foreign[i].from,
                     o.foreign[i].to);
        buf_add_str(out, "]}");
    }
    template_output_free(&o);
    free(m);
    return rc;
}

int main(void)
{
    struct template *t = NULL;
    char *line = NULL, *path = mem_strdup("");
    size_t cap = 0;
    ssize_t n;
    while ((n = getline(&line, &cap, stdin)) > 0) {
        struct err e = {0};
        struct buf out;
        cJSON *request = json_parse(line, (size_t)n, MAX_LINE_BYTES, "line",
                                    &e);
        const char *wanted = json_get_string(request, "template", "");
        int rc = request == NULL ? -1 : 0;
        buf_init(&out, MAX_LINE_BYTES);
        if (rc == 0 && (t == NULL || strcmp(path, wanted) != 0)) {
            template_close(t);
            t = NULL;
            free(path);
            path = mem_strdup(wanted);
            rc = open_template(path, &t, &e);
        }
        if (rc == 0)
            rc = render(t, request, &out, &e);
        if (rc != 0)
            put_error(&e, &out);
        puts(out.data);
        fflush(stdout);
        buf_free(&out);
        cJSON_Delete(request);
    }
    template_close(t);
    free(path);
    free(line);
    return 0;
}
