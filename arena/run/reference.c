#include "arena/run/reference.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define MARK "#### "
#define MARK_BYTES (sizeof(MARK) - 1)

/* A number becomes a text as the file writes it, as far as doubles go. */
static bool add_one(struct prompt *p, size_t turn, const cJSON *node)
{
    struct buf number;
    if (cJSON_IsString(node)) {
        if (node->valuestring[0] != '\0')
            prompt_add_reference(p, turn, node->valuestring);
        return true;
    }
    if (!cJSON_IsNumber(node))
        return false;
    buf_init(&number, 64);
    json_add_number(&number, node->valuedouble);
    prompt_add_reference(p, turn, number.data);
    buf_free(&number);
    return true;
}

static bool add_turn(struct prompt *p, size_t turn, const cJSON *node)
{
    const cJSON *alternative;
    if (!cJSON_IsArray(node))
        return cJSON_IsNull(node) || add_one(p, turn, node);
    cJSON_ArrayForEach (alternative, node)
        if (!add_one(p, turn, alternative))
            return false;
    return true;
}

/* The line with the mark must be the last one: an answer of another kind may
 * well have a heading. */
void prompts_read_solution(struct prompt *p, const char *text)
{
    size_t n = strlen(text);
    const char *blank = " \t\r\n";
    while (n > 0 && strchr(blank, text[n - 1]) != NULL)
        n--;
    size_t line = n;
    while (line > 0 && text[line - 1] != '\n')
        line--;
    if (p->n_turns == 0 || n - line <= MARK_BYTES ||
        strncmp(text + line, MARK, MARK_BYTES) != 0)
        return;
    char *answer = mem_strndup(text + line + MARK_BYTES, n - line - MARK_BYTES);
    prompt_add_reference(p, p->n_turns - 1, answer);
    free(answer);
}

int prompts_read_reference(struct prompts_reader *r, const cJSON *object,
                           struct prompt *p, struct err *e)
{
    const cJSON *reference = json_get(object, "reference"), *node;
    size_t turn = 0, n_turns = p->n_turns;
    const char *solution = json_get_string(object, "answer", NULL);
    if (reference == NULL && solution != NULL)
        prompts_read_solution(p, solution);
    if (reference == NULL || n_turns == 0)
        return 0;
    if (!cJSON_IsArray(reference)) {
        if (!add_turn(p, n_turns - 1, reference))
            return reader_fail(r, e, "\"reference\" is neither text nor a "
                                "number nor a list of them");
        return 0;
    }
    cJSON_ArrayForEach (node, reference)
        if (turn >= n_turns || !add_turn(p, turn++, node))
            return reader_fail(r, e, "\"reference\" is a list with an entry "
                                "for each of the %zu turns: text, a number, a "
                                "list of alternatives, or null", n_turns);
    return 0;
}
