#include "tui/widgets/keymap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/nearest.h"

#define MAX_KEYS_BYTES 1024

static enum action find_action(const char *name, struct nearest *near)
{
    for (int i = ACT_NONE + 1; i < ACT_N; i++) {
        if (strcmp(action_name((enum action)i), name) == 0)
            return (enum action)i;
        nearest_offer(near, action_name((enum action)i));
    }
    return ACT_NONE;
}

/* The action of a binding; ACT_NONE with e: there is none, or the key is none.
 */
static enum action read_binding(const struct config *c,
                                const struct config_binding *b, struct err *e)
{
    struct nearest near;
    nearest_init(&near, b->action);
    enum action action = find_action(b->action, &near);
    if (action != ACT_NONE && keys_parse(b->key, strlen(b->key)) != 0)
        return action;
    if (action != ACT_NONE)
        err_set(e, ERR_CONFIG, "%s: keys: \"%s\": \"%.64s\" is not a key; keys "
                "are such as a, Enter, PgUp, F2, ^L, Alt-x", c->path, b->action,
                b->key);
    else if (near.best != NULL)
        err_set(e, ERR_CONFIG, "%s: keys: unknown action \"%.64s\"; did you "
                "mean \"%s\"?", c->path, b->action, near.best);
    else
        err_set(e, ERR_CONFIG, "%s: keys: unknown action \"%.64s\"; the palette "
                "(:) of the full screen has them all", c->path, b->action);
    return ACT_NONE;
}

int keymap_check(const struct config *c, size_t i, struct err *e)
{
    return read_binding(c, &c->bindings[i], e) != ACT_NONE ? 0 : -1;
}

static int add_key(struct keymap *m, const struct config *c,
                   const struct config_binding *b, struct err *e)
{
    struct buf keys;
    enum action action = read_binding(c, b, e);
    if (action == ACT_NONE)
        return -1;
    buf_init(&keys, MAX_KEYS_BYTES);
    if (m->keys[action] != NULL)
        buf_addf(&keys, "%s ", m->keys[action]);
    buf_add_str(&keys, b->key);
    free(m->keys[action]);
    m->keys[action] = buf_detach(&keys);
    return 0;
}

int keymap_init(struct keymap *m, const struct config *c, struct err *e)
{
    *m = (struct keymap){.n_copies = 0};
    for (size_t i = 0; i < c->n_bindings; i++)
        if (add_key(m, c, &c->bindings[i], e) != 0)
            return -1;
    return 0;
}

void keymap_free(struct keymap *m)
{
    for (int i = 0; i < ACT_N; i++)
        free(m->keys[i]);
    for (int k = 0; k < m->n_copies; k++) {
        const struct keymap_copy *copy = &m->copies[k];
        for (size_t i = 0; copy->rows[i].action != ACT_NONE; i++)
            if (copy->rows[i].keys != copy->from[i].keys)
                free((char *)copy->rows[i].keys);
        free(copy->rows);
    }
    *m = (struct keymap){.n_copies = 0};
}

/* Whether the config gives a key to another action of a table that works in one
 * of the states. */
static bool is_taken(const struct keymap *m, const struct binding *table,
                     const struct binding *row, uint32_t code)
{
    for (; table->action != ACT_NONE; table++) {
        const char *given = m->keys[table->action];
        if (given != NULL && table->action != row->action &&
            (table->states & row->states) != 0 && keys_have(given, code))
            return true;
    }
    return false;
}

/* The usual keys of a row that the config has given to no other action. */
static const char *keys_left(const struct keymap *m,
                             const struct binding *table,
                             const struct binding *row)
{
    struct buf left;
    bool all = true;
    buf_init(&left, MAX_KEYS_BYTES);
    for (const char *name = row->keys; *name != '\0';) {
        size_t n = strcspn(name, " ");
        if (is_taken(m, table, row, keys_parse(name, n))) {
            all = false;
        } else {
            buf_add_str(&left, left.len > 0 ? " " : "");
            buf_add(&left, name, n);
        }
        name += n + strspn(name + n, " ");
    }
    if (!all)
        return buf_detach(&left);
    buf_free(&left);
    return row->keys;
}

const struct binding *keymap_table(struct keymap *m,
                                   const struct binding *table)
{
    for (int k = 0; k < m->n_copies; k++)
        if (m->copies[k].from == table)
            return m->copies[k].rows;
    assert(m->n_copies < KEYMAP_TABLES);
    size_t n = 0;
    while (table[n].action != ACT_NONE)
        n++;
    struct binding *rows = mem_calloc(n + 1, sizeof(*rows));
    for (size_t i = 0; i < n; i++) {
        const char *own = m->keys[table[i].action];
        rows[i] = table[i];
        rows[i].keys = own != NULL ? mem_strdup(own)
                                   : keys_left(m, table, &table[i]);
    }
    m->copies[m->n_copies++] = (struct keymap_copy){table, rows};
    return rows;
}
