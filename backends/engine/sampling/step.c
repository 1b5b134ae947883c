/* How a value of each kind goes on by one byte. */
#include "backends/engine/sampling/constrain_private.h"

#include <string.h>

/* Digits of a number; a double holds 17. */
#define MAX_DIGITS 20

static const struct form any_form = {
    .kind = FORM_ANY, .max = UINT32_MAX, .min_depth = 1};
static const struct form any_string = {
    .kind = FORM_STRING, .max = UINT32_MAX, .min_depth = 1};
static const struct form any_number = {.kind = FORM_NUMBER, .min_depth = 1};
static const struct form any_array = {
    .kind = FORM_ARRAY, .max = UINT32_MAX, .min_depth = 1};
static const struct form any_object = {
    .kind = FORM_OBJECT, .open = true, .max = UINT32_MAX, .min_depth = 1};
static char true_text[] = "true", false_text[] = "false", null_text[] = "null";
static char *word_texts[] = {true_text, false_text, null_text};
static size_t word_lengths[] = {4, 5, 4};
static const struct form any_word = {.kind = FORM_TEXT,
                                     .n = 3,
                                     .texts = word_texts,
                                     .lengths = word_lengths,
                                     .min_depth = 1};

static bool has_room(const struct walk *w, const struct form *f)
{
    return w->depth + f->min_depth <= FORM_MAX_DEPTH;
}

bool step_push(struct walk *w, const struct form *f)
{
    if (w->depth == FORM_MAX_DEPTH || !has_room(w, f))
        return false;
    w->stack[w->depth++] = (struct frame){.form = f};
    w->digits = (struct digits){0};
    return true;
}

static enum step open_value(struct walk *w, const struct form *f)
{
    return step_push(w, f) ? STEP_OPEN : STEP_NO;
}

/* Finds, from f->index on, a text that begins as the fitting one does and goes
 * on with c; those before are no longer possible.  Keys whose value would be
 * too deep are none. */
static bool match_text(const struct walk *w, struct frame *f, char c,
                       size_t last)
{
    const struct form *form = f->form;
    const char *so_far = form->texts[f->index];
    for (size_t i = f->index; i <= last; i++) {
        if (form->kind == FORM_OBJECT && !has_room(w, form->parts[i]))
            continue;
        if (form->lengths[i] > f->count && form->texts[i][f->count] == c &&
            memcmp(form->texts[i], so_far, f->count) == 0) {
            f->index = (uint32_t)i;
            f->count++;
            return true;
        }
    }
    return false;
}

/* --- texts ------------------------------------------------------------- */

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

static enum step step_text(const struct walk *w, struct frame *f, char c)
{
    if (match_text(w, f, c, f->form->n - 1))
        return text_goes_on(f) ? STEP_TAKEN : STEP_DONE;
    return f->count > 0 && text_ends(f) ? STEP_BEFORE : STEP_NO;
}

/* --- numbers ----------------------------------------------------------- */

/* RFC 8259, section 6. */
enum {
    NUM_START,
    NUM_MINUS,
    NUM_ZERO,
    NUM_INT,
    NUM_POINT,
    NUM_FRAC,
    NUM_E,
    NUM_SIGN,
    NUM_EXP
};

static bool number_may_end(const struct walk *w, const struct frame *f)
{
    bool whole = f->phase == NUM_ZERO || f->phase == NUM_INT ||
                 f->phase == NUM_FRAC || f->phase == NUM_EXP;
    return whole && (f->form->bounds == NULL ||
                     bounds_takes(f->form->bounds, &w->digits));
}

static int number_next(const struct frame *f, char c)
{
    bool digit = c >= '0' && c <= '9', whole = f->form->kind == FORM_INTEGER;
    bool power = (c == 'e' || c == 'E') && !whole && f->form->bounds == NULL;
    if (f->count >= MAX_DIGITS && f->form->bounds == NULL)
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
        return power ? NUM_E : -1;
    case NUM_POINT: return digit ? NUM_FRAC : -1;
    case NUM_FRAC: return digit ? NUM_FRAC : power ? NUM_E : -1;
    case NUM_E:
        if (c == '+' || c == '-')
            return NUM_SIGN;
        return digit ? NUM_EXP : -1;
    default: return digit ? NUM_EXP : -1;
    }
}

/* Whether some number within the bounds begins so, after a step to `next`. */
static bool number_reaches(struct digits *d, const struct bounds *b, int next,
                           char c)
{
    bool behind = next == NUM_POINT || next == NUM_FRAC;
    if (next == NUM_MINUS) {
        d->negative = true;
        return b->low < 0 && bounds_reaches(b, d, false, false);
    }
    if (next == NUM_POINT && d->n_decimals >= b->decimals)
        return false;
    if (next != NUM_POINT) {
        if (behind ? d->n_decimals == b->decimals
                   : d->n_digits == BOUNDS_MAX_DIGITS)
            return false;
        digits_add(d, b, c - '0', behind);
    }
    return bounds_reaches(b, d, next == NUM_ZERO, behind);
}

static enum step step_number(struct walk *w, struct frame *f, char c)
{
    int next = number_next(f, c);
    const struct bounds *b = f->form->bounds;
    struct digits d = w->digits;
    if (next >= 0 && b != NULL && !number_reaches(&d, b, next, c))
        next = -1;
    if (next < 0)
        return number_may_end(w, f) ? STEP_BEFORE : STEP_NO;
    w->digits = d;
    f->phase = (uint8_t)next;
    f->count += c >= '0' && c <= '9';
    return STEP_TAKEN;
}

/* --- strings ----------------------------------------------------------- */

/* HIGH: of \uD800 to \uDBFF, which a \uDC00 to \uDFFF must follow. */
enum {
    STR_START,
    STR_INSIDE,
    STR_ESCAPE,
    STR_HEX,
    STR_UTF8,
    STR_HIGH,
    STR_HIGH_U,
    STR_LOW
};

/* How many more characters are needed and allowed behind the next one. */
static uint32_t min_left(const struct frame *f)
{
    return f->form->min > f->count + 1 ? f->form->min - f->count - 1 : 0;
}

static uint32_t max_left(const struct frame *f)
{
    return f->form->max == UINT32_MAX ? UINT32_MAX
                                      : f->form->max - f->count - 1;
}

/* Whether one of some characters may come next. */
static bool chars_fit(const struct frame *f, uint32_t first, uint32_t last)
{
    if (f->count >= f->form->max)
        return false;
    return f->form->pattern == NULL ||
           pattern_reaches_by(f->form->pattern, f->state, first, last,
                              min_left(f), max_left(f));
}

static enum step end_char(struct frame *f, uint32_t cp)
{
    if (f->form->pattern != NULL)
        f->state = pattern_next(f->form->pattern, f->state, cp);
    f->count++;
    f->phase = STR_INSIDE;
    return STEP_TAKEN;
}

/* The characters that a sequence of UTF-8 may become whose bits so far are
 * f->code, with f->more bytes to come (Unicode 15, table 3-7). */
static bool utf8_fits(const struct frame *f, uint32_t least)
{
    uint32_t first = f->code << (6 * f->more);
    uint32_t last = first + ((uint32_t)1 << (6 * f->more)) - 1;
    first = first > least ? first : least;
    last = last < 0x10FFFF ? last : 0x10FFFF;
    if (first > last)
        return false;
    if (last < 0xD800 || first > 0xDFFF)
        return chars_fit(f, first, last);
    return (first < 0xD800 && chars_fit(f, first, 0xD7FF)) ||
           (last > 0xDFFF && chars_fit(f, 0xE000, last));
}

static enum step begin_utf8(struct frame *f, unsigned char c)
{
    if (c < 0xC2 || c > 0xF4)
        return STEP_NO;
    f->more = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
    f->code = c & (0x3Fu >> f->more);
    f->phase = STR_UTF8;
    return utf8_fits(f, f->more == 1   ? 0x80
                        : f->more == 2 ? 0x800
                                       : 0x10000)
               ? STEP_TAKEN
               : STEP_NO;
}

static enum step step_utf8(struct frame *f, unsigned char c)
{
    if ((c & 0xC0) != 0x80)
        return STEP_NO;
    /* Of three bytes the first code is below 16, of four below 5; and a second
     * byte must not make it one that fewer bytes could say. */
    uint32_t least = f->more == 3                     ? 0x10000
                     : f->more == 2 && f->code < 0x10 ? 0x800
                                                      : 0;
    f->code = f->code << 6 | (c & 0x3F);
    f->more--;
    if (f->more == 0)
        return chars_fit(f, f->code, f->code) ? end_char(f, f->code) : STEP_NO;
    return utf8_fits(f, least) ? STEP_TAKEN : STEP_NO;
}

static const char escapes[] = "\"\\/bfnrt";
static const uint8_t escaped[] = {'"', '\\', '/', '\b', '\f', '\n', '\r', '\t'};

/* Whether an escape may begin.  A text with a pattern has short ones only. */
static bool escape_fits(const struct frame *f)
{
    if (f->form->pattern == NULL)
        return f->count < f->form->max;
    for (size_t i = 0; i < sizeof(escaped); i++)
        if (chars_fit(f, escaped[i], escaped[i]))
            return true;
    return false;
}

static enum step step_escape(struct frame *f, char c)
{
    const char *at = c != '\0' ? strchr(escapes, c) : NULL;
    if (at != NULL) {
        uint32_t cp = escaped[at - escapes];
        return chars_fit(f, cp, cp) ? end_char(f, cp) : STEP_NO;
    }
    if (c != 'u' || f->form->pattern != NULL)
        return STEP_NO;
    f->phase = STR_HEX;
    f->more = 4;
    f->code = 0;
    return STEP_TAKEN;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static enum step step_hex(struct frame *f, char c)
{
    int digit = hex_value(c);
    if (digit < 0)
        return STEP_NO;
    f->code = f->code << 4 | (uint32_t)digit;
    f->more--;
    bool low = f->more == 2 && f->code >= 0xDC && f->code <= 0xDF;
    if (f->phase == STR_LOW) {
        if ((f->more == 3 && digit != 0xD) || (f->more == 2 && !low))
            return STEP_NO;
    } else if (low) {
        return STEP_NO; /* half of a pair, without the other before it */
    }
    if (f->more > 0)
        return STEP_TAKEN;
    if (f->phase == STR_HEX && f->code >= 0xD800 && f->code <= 0xDBFF) {
        f->phase = STR_HIGH;
        return STEP_TAKEN;
    }
    return end_char(f, f->code);
}

static enum step step_inside(struct frame *f, unsigned char c)
{
    const struct pattern *p = f->form->pattern;
    if (c == '"')
        return f->count >= f->form->min &&
                       (p == NULL || pattern_ends(p, f->state))
                   ? STEP_DONE
                   : STEP_NO;
    if (c >= 0x80)
        return begin_utf8(f, c);
    if (c == '\\') {
        f->phase = STR_ESCAPE;
        return escape_fits(f) ? STEP_TAKEN : STEP_NO;
    }
    return c >= 0x20 && chars_fit(f, c, c) ? end_char(f, c) : STEP_NO;
}

static enum step step_string(struct frame *f, char c)
{
    switch (f->phase) {
    case STR_START:
        f->phase = STR_INSIDE;
        return c == '"' ? STEP_TAKEN : STEP_NO;
    case STR_INSIDE: return step_inside(f, (unsigned char)c);
    case STR_UTF8: return step_utf8(f, (unsigned char)c);
    case STR_ESCAPE: return step_escape(f, c);
    case STR_HIGH:
        f->phase = STR_HIGH_U;
        return c == '\\' ? STEP_TAKEN : STEP_NO;
    case STR_HIGH_U:
        f->phase = STR_LOW;
        f->more = 4;
        f->code = 0;
        return c == 'u' ? STEP_TAKEN : STEP_NO;
    default: return step_hex(f, c);
    }
}

/* --- arrays and objects ------------------------------------------------ */

enum { ARR_START, ARR_FIRST, ARR_NEXT, ARR_AFTER };

static const struct form *item_form(const struct frame *f)
{
    const struct form *form = f->form;
    if (f->count < form->n)
        return form->parts[f->count];
    return form->items ? form->items : &any_form;
}

static enum step step_array(struct walk *w, struct frame *f, char c)
{
    switch (f->phase) {
    case ARR_START:
        f->phase = ARR_FIRST;
        return c == '[' ? STEP_TAKEN : STEP_NO;
    case ARR_AFTER:
        if (c == ']')
            return f->count >= f->form->min ? STEP_DONE : STEP_NO;
        f->phase = ARR_NEXT;
        return c == ',' && f->count < f->form->max && has_room(w, item_form(f))
                   ? STEP_TAKEN
                   : STEP_NO;
    default:
        if (f->phase == ARR_FIRST && c == ']')
            return f->form->min == 0 ? STEP_DONE : STEP_NO;
        if (f->form->max == 0)
            return STEP_NO;
        f->phase = ARR_AFTER;
        f->count++;
        f->index = f->count - 1;
        const struct form *form = f->form;
        return open_value(w, f->index < form->n ? form->parts[f->index]
                             : form->items      ? form->items
                                                : &any_form);
    }
}

enum {
    OBJ_START,
    OBJ_FIRST,
    OBJ_NEXT,
    OBJ_KEY,
    OBJ_COLON,
    OBJ_VALUE,
    OBJ_AFTER
};

/* The last property that may be the next key: no required one is skipped. */
static size_t last_key(const struct form *form, size_t from)
{
    while (from + 1 < form->n && !form->required[from])
        from++;
    return from;
}

static const struct form *value_form(const struct frame *f)
{
    return !f->form->open   ? f->form->parts[f->index]
           : f->form->items ? f->form->items
                            : &any_form;
}

/* Whether no required property is left, or so many as an open object needs. */
static bool may_close(const struct frame *f)
{
    const struct form *form = f->form;
    if (form->open)
        return f->index >= form->min;
    for (size_t i = f->index; i < form->n; i++)
        if (form->required[i])
            return false;
    return true;
}

/* Whether another property may follow; f->index is the first one left. */
static bool may_go_on(const struct walk *w, const struct frame *f)
{
    if (f->form->open)
        return f->index < f->form->max && has_room(w, value_form(f)) &&
               has_room(w, &any_string);
    for (size_t i = f->index; i < f->form->n; i++)
        if (has_room(w, f->form->parts[i]))
            return true;
    return false;
}

/* A byte of a key; at the start count is 0 and index the first one left. */
static enum step step_key(struct walk *w, struct frame *f, char c)
{
    const struct form *form = f->form;
    if (form->open) {
        f->phase = OBJ_COLON;
        return may_go_on(w, f)
                   ? open_value(w, form->keys ? form->keys : &any_string)
                   : STEP_NO;
    }
    f->phase = OBJ_KEY;
    if (f->index >= form->n || !match_text(w, f, c, last_key(form, f->index)))
        return STEP_NO;
    if (f->count == form->lengths[f->index]) {
        f->phase = OBJ_COLON;
        f->count = 0;
    }
    return STEP_TAKEN;
}

static enum step step_object(struct walk *w, struct frame *f, char c)
{
    switch (f->phase) {
    case OBJ_START:
        f->phase = OBJ_FIRST;
        return c == '{' ? STEP_TAKEN : STEP_NO;
    case OBJ_FIRST:
        if (c == '}')
            return may_close(f) ? STEP_DONE : STEP_NO;
        return step_key(w, f, c);
    case OBJ_NEXT:
    case OBJ_KEY: return step_key(w, f, c);
    case OBJ_COLON:
        f->phase = OBJ_VALUE;
        return c == ':' ? STEP_TAKEN : STEP_NO;
    case OBJ_VALUE: {
        const struct form *value = value_form(f);
        f->phase = OBJ_AFTER;
        f->index++;
        return open_value(w, value);
    }
    default:
        if (c == '}')
            return may_close(f) ? STEP_DONE : STEP_NO;
        f->phase = OBJ_NEXT;
        return c == ',' && may_go_on(w, f) ? STEP_TAKEN : STEP_NO;
    }
}

/* --- values ------------------------------------------------------------ */

static const struct form *any_for(char c)
{
    return c == '{'                           ? &any_object
           : c == '['                         ? &any_array
           : c == '"'                         ? &any_string
           : c == 't' || c == 'f' || c == 'n' ? &any_word
                                              : &any_number;
}

enum step step_value(struct walk *w, char c)
{
    struct frame *f = &w->stack[w->depth - 1];
    if (f->form->kind == FORM_ANY)
        f->form = any_for(c);
    switch (f->form->kind) {
    case FORM_TEXT: return step_text(w, f, c);
    case FORM_STRING: return step_string(f, c);
    case FORM_ARRAY: return step_array(w, f, c);
    case FORM_OBJECT: return step_object(w, f, c);
    default: return step_number(w, f, c);
    }
}

bool step_blank_fits(const struct walk *w)
{
    const struct frame *f = &w->stack[w->depth - 1];
    return (f->form->kind == FORM_ARRAY && f->phase != ARR_START) ||
           (f->form->kind == FORM_OBJECT && f->phase != OBJ_START &&
            f->phase != OBJ_KEY);
}

bool step_may_end(const struct walk *w)
{
    const struct frame *f = &w->stack[w->depth - 1];
    if (f->form->kind == FORM_TEXT)
        return f->count > 0 && text_ends(f);
    return (f->form->kind == FORM_NUMBER || f->form->kind == FORM_INTEGER) &&
           number_may_end(w, f);
}
