#include "backends/engine/sampling/constrain_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Blanks between two parts of JSON: enough for an indented line. */
#define MAX_BLANKS 24

/* Digits of a number; a double holds 17. */
#define MAX_DIGITS 20

/* How far a value has come.  What the members mean is the business of the
 * function that steps its kind. */
struct frame {
    const struct form *form;
    uint8_t phase;
    uint8_t more;   /* STRING: bytes of a character, or digits, to come */
    uint32_t index; /* of a key or text that fits so far */
    uint32_t count; /* bytes of it, items, characters or digits */
};

/* A place in a form: the values that are open, innermost last. */
struct walk {
    struct frame stack[FORM_MAX_DEPTH];
    int depth;       /* 0: the value is complete */
    uint32_t blanks; /* since the last other byte */
};

struct constraint {
    struct form *form;
    struct walk at;
};

static const struct form any_form = {.kind = FORM_ANY, .max = UINT32_MAX};
static const struct form any_string = {.kind = FORM_STRING, .max = UINT32_MAX};
static const struct form any_number = {.kind = FORM_NUMBER};
static const struct form any_array = {.kind = FORM_ARRAY, .max = UINT32_MAX};
static const struct form any_object = {.kind = FORM_OBJECT, .open = true};
static char true_text[] = "true", false_text[] = "false", null_text[] = "null";
static char *word_texts[] = {true_text, false_text, null_text};
static size_t word_lengths[] = {4, 5, 4};
static const struct form any_word = {
    .kind = FORM_TEXT, .n = 3, .texts = word_texts, .lengths = word_lengths};

/* What stepping by one byte came to. */
enum step {
    STEP_NO,     /* the byte may not stand here */
    STEP_TAKEN,
    STEP_DONE,   /* taken, and the value is complete */
    STEP_BEFORE, /* the value was complete before the byte, which is the
                    surrounding one's */
};

static bool push(struct walk *w, const struct form *f)
{
    if (w->depth == FORM_MAX_DEPTH)
        return false;
    w->stack[w->depth++] = (struct frame){.form = f};
    return true;
}

/* Finds, from f->index on, a text that begins as the fitting one does and goes
 * on with c; those before `from` are no longer possible. */
static bool match_text(struct frame *f, char c, size_t last)
{
    const struct form *form = f->form;
    const char *so_far = form->texts[f->index];
    for (size_t i = f->index; i <= last; i++) {
        if (form->lengths[i] > f->count && form->texts[i][f->count] == c &&
            memcmp(form->texts[i], so_far, f->count) == 0) {
            f->index = (uint32_t)i;
            f->count++;
            return true;
        }
    }
    return false;
}

/* --- texts, numbers, strings ------------------------------------------- */

/* Whether one of the texts ends where the matching is. */
static bool text_ends(const struct frame *f)
{
    const struct form *form = f->form;
    for (size_t i = f->index; i < form->n; i++)
        if (form->lengths[i] == f->count &&
            memcmp(form->texts[i], form->texts[f->index], f->count) == 0)
            return true;
    return false;
}

/* Whether one of the texts goes on from there. */
static bool text_goes_on(const struct frame *f)
{
    const struct form *form = f->form;
    for (size_t i = f->index; i < form->n; i++)
        if (form->lengths[i] > f->count &&
            memcmp(form->texts[i], form->texts[f->index], f->count) == 0)
            return true;
    return false;
}

static enum step step_text(struct frame *f, char c)
{
    if (match_text(f, c, f->form->n - 1))
        return text_goes_on(f) ? STEP_TAKEN : STEP_DONE;
    return f->count > 0 && text_ends(f) ? STEP_BEFORE : STEP_NO;
}

/* RFC 8259, section 6. */
enum { NUM_START, NUM_MINUS, NUM_ZERO, NUM_INT, NUM_POINT, NUM_FRAC, NUM_E,
       NUM_SIGN, NUM_EXP };

static bool number_may_end(const struct frame *f)
{
    return f->phase == NUM_ZERO || f->phase == NUM_INT ||
           f->phase == NUM_FRAC || f->phase == NUM_EXP;
}

static int number_next(const struct frame *f, char c)
{
    bool digit = c >= '0' && c <= '9', whole = f->form->kind == FORM_INTEGER;
    if (f->count >= MAX_DIGITS)
        return -1; /* no digit, nor what a digit must follow */
    switch (f->phase) {
    case NUM_START:
        if (c == '-')
            return NUM_MINUS;
        return c == '0' ? NUM_ZERO : digit ? NUM_INT : -1;
    case NUM_MINUS: return c == '0' ? NUM_ZERO : digit ? NUM_INT : -1;
    case NUM_INT:
        if (digit)
            return NUM_INT;
        /* fall through */
    case NUM_ZERO:
        if (c == '.' && !whole)
            return NUM_POINT;
        return (c == 'e' || c == 'E') && !whole ? NUM_E : -1;
    case NUM_POINT: return digit ? NUM_FRAC : -1;
    case NUM_FRAC:
        return digit ? NUM_FRAC : c == 'e' || c == 'E' ? NUM_E : -1;
    case NUM_E:
        if (c == '+' || c == '-')
            return NUM_SIGN;
        return digit ? NUM_EXP : -1;
    default: return digit ? NUM_EXP : -1;
    }
}

static enum step step_number(struct frame *f, char c)
{
    int next = number_next(f, c);
    if (next < 0)
        return number_may_end(f) ? STEP_BEFORE : STEP_NO;
    f->phase = (uint8_t)next;
    f->count += c >= '0' && c <= '9';
    return STEP_TAKEN;
}

enum { STR_START, STR_INSIDE, STR_ESCAPE, STR_HEX, STR_UTF8 };

/* A byte of a character beyond ASCII.  Overlong forms and surrogates are left
 * to whoever reads the JSON. */
static enum step step_utf8(struct frame *f, unsigned char c)
{
    if (f->phase == STR_UTF8) {
        if ((c & 0xC0) != 0x80)
            return STEP_NO;
        if (--f->more == 0)
            f->phase = STR_INSIDE;
        return STEP_TAKEN;
    }
    if (c < 0xC2 || c > 0xF4 || f->count >= f->form->max)
        return STEP_NO;
    f->more = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
    f->phase = STR_UTF8;
    f->count++;
    return STEP_TAKEN;
}

static enum step step_inside(struct frame *f, unsigned char c)
{
    if (c == '"')
        return f->count >= f->form->min ? STEP_DONE : STEP_NO;
    if (c >= 0x80)
        return step_utf8(f, c);
    if (c < 0x20 || f->count >= f->form->max)
        return STEP_NO;
    f->count++;
    if (c == '\\')
        f->phase = STR_ESCAPE;
    return STEP_TAKEN;
}

static enum step step_string(struct frame *f, unsigned char c)
{
    bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
               (c >= 'A' && c <= 'F');
    switch (f->phase) {
    case STR_START:
        f->phase = STR_INSIDE;
        return c == '"' ? STEP_TAKEN : STEP_NO;
    case STR_INSIDE: return step_inside(f, c);
    case STR_UTF8: return step_utf8(f, c);
    case STR_ESCAPE:
        if (c == '\0' || strchr("\"\\/bfnrtu", c) == NULL)
            return STEP_NO;
        f->phase = c == 'u' ? STR_HEX : STR_INSIDE;
        f->more = 4;
        return STEP_TAKEN;
    default:
        if (hex && --f->more == 0)
            f->phase = STR_INSIDE;
        return hex ? STEP_TAKEN : STEP_NO;
    }
}

/* --- arrays and objects ------------------------------------------------ */

/* Opens the value that begins with c. */
static enum step open_value(struct walk *w, const struct form *form, char c);

enum { ARR_START, ARR_FIRST, ARR_NEXT, ARR_AFTER };

static enum step step_array(struct walk *w, struct frame *f, char c)
{
    const struct form *items = f->form->items ? f->form->items : &any_form;
    switch (f->phase) {
    case ARR_START:
        f->phase = ARR_FIRST;
        return c == '[' ? STEP_TAKEN : STEP_NO;
    case ARR_AFTER:
        if (c == ']')
            return f->count >= f->form->min ? STEP_DONE : STEP_NO;
        f->phase = ARR_NEXT;
        return c == ',' && f->count < f->form->max ? STEP_TAKEN : STEP_NO;
    default:
        if (f->phase == ARR_FIRST && c == ']')
            return f->form->min == 0 ? STEP_DONE : STEP_NO;
        if (f->form->max == 0)
            return STEP_NO;
        f->phase = ARR_AFTER;
        f->count++;
        return open_value(w, items, c);
    }
}

enum { OBJ_START, OBJ_FIRST, OBJ_NEXT, OBJ_KEY, OBJ_COLON, OBJ_VALUE,
       OBJ_AFTER };

/* The last property that may be the next key: no required one is skipped. */
static size_t last_key(const struct form *form, size_t from)
{
    while (from + 1 < form->n && !form->required[from])
        from++;
    return from;
}

/* Whether no required property is left from `index` on. */
static bool may_close(const struct form *form, size_t index)
{
    for (size_t i = index; i < form->n; i++)
        if (form->required[i])
            return false;
    return true;
}

/* A byte of a key; at the begin count is 0 and index the first one left. */
static enum step step_key(struct walk *w, struct frame *f, char c)
{
    const struct form *form = f->form;
    if (form->open) {
        f->phase = OBJ_COLON;
        return open_value(w, &any_string, c);
    }
    f->phase = OBJ_KEY;
    if (f->index >= form->n ||
        !match_text(f, c, last_key(form, f->index)))
        return STEP_NO;
    if (f->count == form->lengths[f->index]) {
        f->phase = OBJ_COLON;
        f->count = 0;
    }
    return STEP_TAKEN;
}

static enum step step_object(struct walk *w, struct frame *f, char c)
{
    const struct form *form = f->form;
    switch (f->phase) {
    case OBJ_START:
        f->phase = OBJ_FIRST;
        return c == '{' ? STEP_TAKEN : STEP_NO;
    case OBJ_FIRST:
        if (c == '}')
            return may_close(form, 0) ? STEP_DONE : STEP_NO;
        return step_key(w, f, c);
    case OBJ_NEXT:
    case OBJ_KEY: return step_key(w, f, c);
    case OBJ_COLON:
        f->phase = OBJ_VALUE;
        return c == ':' ? STEP_TAKEN : STEP_NO;
    case OBJ_VALUE:
        f->phase = OBJ_AFTER;
        f->index++;
        return open_value(w, !form->open   ? form->parts[f->index - 1]
                             : form->items ? form->items
                                           : &any_form,
                          c);
    default:
        if (c == '}')
            return may_close(form, f->index) ? STEP_DONE : STEP_NO;
        f->phase = OBJ_NEXT;
        return c == ',' && (form->open || f->index < form->n) ? STEP_TAKEN
                                                              : STEP_NO;
    }
}

/* --- walking ----------------------------------------------------------- */

static enum step step_value(struct walk *w, char c);

/* The form of a value that begins with c, if several are possible; NULL:
 * none does. */
static const struct form *form_for(const struct form *f, char c)
{
    if (f->kind == FORM_ANY)
        return c == '{'   ? &any_object
               : c == '[' ? &any_array
               : c == '"' ? &any_string
               : c == 't' || c == 'f' || c == 'n' ? &any_word
                                                  : &any_number;
    for (size_t i = 0; i < f->n; i++) {
        struct walk w = {.depth = 0};
        push(&w, f->parts[i]);
        if (step_value(&w, c) != STEP_NO)
            return f->parts[i];
    }
    return NULL;
}

static enum step step_value(struct walk *w, char c)
{
    struct frame *f = &w->stack[w->depth - 1];
    if (f->form->kind == FORM_ANY || f->form->kind == FORM_ONE_OF) {
        f->form = form_for(f->form, c);
        if (f->form == NULL)
            return STEP_NO;
    }
    switch (f->form->kind) {
    case FORM_TEXT: return step_text(f, c);
    case FORM_STRING: return step_string(f, (unsigned char)c);
    case FORM_ARRAY: return step_array(w, f, c);
    case FORM_OBJECT: return step_object(w, f, c);
    default: return step_number(f, c);
    }
}

static enum step open_value(struct walk *w, const struct form *form, char c)
{
    if (!push(w, form))
        return STEP_NO;
    enum step s = step_value(w, c);
    if (s == STEP_DONE)
        w->depth--;
    return s == STEP_DONE ? STEP_TAKEN : s;
}

/* Whether a blank may stand here: between the parts of arrays and objects. */
static bool blank_fits(const struct walk *w)
{
    const struct frame *f = &w->stack[w->depth - 1];
    return (f->form->kind == FORM_ARRAY && f->phase != ARR_START) ||
           (f->form->kind == FORM_OBJECT && f->phase != OBJ_START &&
            f->phase != OBJ_KEY);
}

static bool step(struct walk *w, char c)
{
    bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    while (w->depth > 0) {
        if (blank && blank_fits(w))
            return ++w->blanks <= MAX_BLANKS;
        int depth = w->depth;
        enum step s = step_value(w, c);
        if (s == STEP_NO)
            return false;
        if (s == STEP_DONE)
            w->depth = depth - 1;
        if (s != STEP_BEFORE) {
            w->blanks = 0;
            return true;
        }
        w->depth--; /* and the byte is asked about again */
    }
    return false;
}

static bool walk_bytes(struct walk *w, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!step(w, bytes[i]))
            return false;
    return true;
}

/* --- constraints ------------------------------------------------------- */

int constraint_open_schema(struct constraint **out, const char *text, size_t n,
                           struct err *e)
{
    struct form *f;
    if (form_compile(&f, text, n, e) != 0)
        return -1;
    struct constraint *c = mem_calloc(1, sizeof(*c));
    c->form = f;
    push(&c->at, f);
    *out = c;
    return 0;
}

void constraint_close(struct constraint *c)
{
    if (c == NULL)
        return;
    form_free(c->form);
    free(c);
}

bool constraint_allows(const struct constraint *c, const char *bytes, size_t n)
{
    struct walk w = c->at;
    return n > 0 && walk_bytes(&w, bytes, n);
}

void constraint_accept(struct constraint *c, const char *bytes, size_t n)
{
    walk_bytes(&c->at, bytes, n);
}

static bool walk_may_end(const struct walk *w)
{
    if (w->depth != 1)
        return w->depth == 0;
    const struct frame *f = &w->stack[0];
    if (f->form->kind == FORM_TEXT)
        return f->count > 0 && text_ends(f);
    return (f->form->kind == FORM_NUMBER || f->form->kind == FORM_INTEGER) &&
           number_may_end(f);
}

bool form_takes(const struct form *f, const char *text, size_t n)
{
    struct walk w = {.depth = 0};
    push(&w, f);
    return walk_bytes(&w, text, n) && walk_may_end(&w);
}

bool constraint_may_end(const struct constraint *c)
{
    return walk_may_end(&c->at);
}

bool constraint_must_end(const struct constraint *c)
{
    return c->at.depth == 0;
}
