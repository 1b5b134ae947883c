/* What a server refuses, and what the next request does without. */
#include <stdlib.h>
#include <string.h>

#include "backends/remote/remote_private.h"
#include "base/mem.h"

#define ADAPT_MAX 8 /* times for one answer */

/* Whether the fault refuses a setting that was sent, by any of its names. */
static bool refuses_setting(const struct remote *r, size_t row,
                            const struct fault *f)
{
    enum wire wire = r->backend->dialect->wire;
    const char *names = model_settings.rows[row].wire[wire];
    char name[64];
    if (!remote_sends(r, row))
        return false;
    while (setting_next_word(&names, name))
        if (fault_refuses(f, name))
            return true;
    return false;
}

static bool leave_setting_out(struct remote *r, const struct fault *f)
{
    for (size_t i = 0; i < model_settings.n; i++)
        if (refuses_setting(r, i, f)) {
            r->backend->left_out[i] = true;
            return true;
        }
    return false;
}

/* Templates that know no system role say so in words of their own. */
static bool refuses_system(const struct remote *r, const struct fault *f)
{
    static const char *const signs[] = {
        "system role", "system message", "system prompt", "role system",
        "role 'system'", "role \"system\"", "role `system`", "role: system",
        "'system' is not one of", "only user and assistant roles",
        "system instruction", "developer instruction", "roles must alternate",
        NULL,
    };
    if (r->backend->no_system || remote_system(r) == NULL)
        return false;
    return fault_refuses(f, "system") || fault_mentions_any(f, signs);
}

bool remote_adapt(struct remote *r, const struct fault *f)
{
    const struct dialect *d = r->backend->dialect;
    if (r->listing || r->n_adapted == ADAPT_MAX)
        return false;
    r->n_adapted++;
    unsigned bit = d->lacks ? d->lacks(r, f) & ~r->backend->lacks : 0;
    if (bit != 0) {
        r->backend->lacks |= bit;
        return true;
    }
    if (leave_setting_out(r, f))
        return true;
    if (!refuses_system(r, f))
        return false;
    r->backend->no_system = true;
    return true;
}

void remote_merge_system(struct remote *r)
{
    if (remote_system(r) == NULL)
        return;
    struct message *m = r->messages;
    if (r->n_messages == 1 || strcmp(m[1].role, "user") != 0) {
        free((char *)m[0].role);
        m[0].role = mem_strdup("user");
        return;
    }
    struct buf both;
    buf_init(&both, strlen(m[0].content) + strlen(m[1].content) + 2);
    buf_addf(&both, "%s\n\n", m[0].content);
    buf_add_str(&both, m[1].content);
    free((char *)m[0].role);
    free((char *)m[0].content);
    free((char *)m[1].content);
    m[1].content = buf_detach(&both);
    memmove(&m[0], &m[1], --r->n_messages * sizeof(*m));
}

void remote_note_refusals(struct remote *r)
{
    struct buf note;
    buf_init(&note, sizeof(r->end.note) - 1);
    for (size_t i = 0; i < model_settings.n; i++)
        if (r->backend->left_out[i])
            buf_addf(&note, "%s%s", note.len > 0 ? ", " : "without ",
                     model_settings.rows[i].key);
    const struct remote_lack *lack = r->backend->dialect->lack_keys;
    for (; lack != NULL && lack->bit != 0; lack++)
        if (r->backend->lacks & lack->bit)
            buf_addf(&note, "%s%s", note.len > 0 ? ", " : "without ",
                     lack->key);
    if (note.len > 0)
        buf_add_str(&note, ", which the server refuses");
    if (r->backend->no_system)
        buf_addf(&note, "%ssystem prompt sent as a user's message",
                 note.len > 0 ? "; " : "");
    if (r->note[0] != '\0')
        buf_addf(&note, "%s%s", note.len > 0 ? "; " : "", r->note);
    memcpy(r->end.note, note.data, note.len);
    r->end.note[note.len] = '\0';
    buf_free(&note);
}

