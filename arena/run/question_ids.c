#include "arena/run/question_ids.h"

#include <stdio.h>
#include <string.h>

static int add_all(struct question_ids *q, struct err *e)
{
    for (size_t i = 0; i < q->questions->n; i++) {
        char place[32]; /* so that numbers are those of the list */
        const char *id = q->questions->list[i].id;
        snprintf(place, sizeof(place), "\x1f%zu", i);
        id = id ? id : place;
        if (names_add(&q->ids, id, strlen(id)) == NAMES_NONE)
            return err_set(e, ERR_FAILURE, "not enough memory");
    }
    return 0;
}

int question_ids_init(struct question_ids *q, const struct prompts *questions,
                      struct err *e)
{
    *q = (struct question_ids){.questions = questions};
    names_init(&q->ids, PROMPTS_MAX);
    if (questions == NULL)
        return 0;
    if (questions->n_same_id > 0)
        return err_set(e, ERR_FORMAT, "%zu question%s the id of another "
                       "one, so an id does not say which is meant",
                       questions->n_same_id,
                       questions->n_same_id == 1 ? " has" : "s have");
    return add_all(q, e);
}

void question_ids_free(struct question_ids *q)
{
    names_free(&q->ids);
}

const struct prompt *question_ids_find(const struct question_ids *q,
                                       const char *id)
{
    uint32_t at = q->questions == NULL || id == NULL
                      ? NAMES_NONE
                      : names_find(&q->ids, id, strlen(id));
    return at == NAMES_NONE ? NULL : &q->questions->list[at];
}
