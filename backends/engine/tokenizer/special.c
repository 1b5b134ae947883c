/* Special tokens: which tokens end an answer, and which are looked for in a
 * text before anything else. */
#include "backends/engine/tokenizer/private.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"

/* A special token that is longer is never found in text; known ones have less
 * than 50 bytes.  It bounds the work at each place of a text. */
#define MAX_SPECIAL_BYTES 256

/* Names of tokens that end an answer in the models that have them.  Files name
 * one or two of them by key; models end their turns with others too. */
static const char *const end_names[] = {
    "<|eot_id|>",      "<|eom_id|>",       "<|end_of_text|>", /* Llama 3 */
    "<|im_end|>",      "<|endoftext|>",                       /* ChatML, GPT */
    "<end_of_turn>",   "<eos>",            "<turn|>",         /* Gemma */
    "<|end|>",         "<|return|>",       "<|call|>",        /* Phi, o200k */
    "</s>",            "[EOS]",            "[EOT]",
    "<EOT>",           "_<EOT>",           "<|EOT|>",         /* Llama 1, 2 */
    "<｜end▁of▁sentence｜>", "<|end_of_sentence|>",           /* DeepSeek */
    "<|END_OF_TURN_TOKEN|>", "<end_of_utterance>", "[|endofturn|]",
    /* What code models write between files: nothing of an answer follows. */
    "<|fim_pad|>",     "<fim-pad>",        "<fim_pad>",       "<PAD>",
    "<|fim_repo|>",    "<|repo_name|>",    "<fim-repo>",      "<REPO>",
    "<reponame>",      "<|file_sep|>",
};

/* Old converters marked all added tokens as "user defined".  What looks like a
 * control token of a chat is one, lest a person's text become it. */
static bool looks_like_control(const char *s, size_t n)
{
    static const char *const names[] = {
        "<start_of_turn>", "<end_of_turn>", "[INST]", "[/INST]",
        "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "<bos>", "<eos>",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strlen(names[i]) == n && memcmp(names[i], s, n) == 0)
            return true;
    static const char open[] = "<｜", close[] = "｜>";
    size_t n_open = sizeof(open) - 1, n_close = sizeof(close) - 1;
    return (n >= 4 && memcmp(s, "<|", 2) == 0 &&
            memcmp(s + n - 2, "|>", 2) == 0) ||
           (n >= n_open + n_close && memcmp(s, open, n_open) == 0 &&
            memcmp(s + n - n_close, close, n_close) == 0);
}

static void find_ends(struct tokenizer *t)
{
    struct vocab *v = &t->vocab;
    if (t->eos >= 0)
        v->tokens[t->eos].is_end = true;
    for (size_t i = 0; i < sizeof(end_names) / sizeof(*end_names); i++) {
        size_t n = strlen(end_names[i]);
        int32_t id = vocab_find(v, end_names[i], n);
        /* A vocabulary of HTML may have "</s>" as a word like any other. */
        if (id >= 0 && (!vocab_is_text(v, id) ||
                        looks_like_control(end_names[i], n)))
            v->tokens[id].is_end = true;
    }
    for (size_t i = 0; i < v->n; i++) {
        struct token *k = &v->tokens[i];
        bool control = k->is_end || (k->type == TOKEN_USER &&
                                     looks_like_control(v->bytes + k->at,
                                                        k->n));
        if (control)
            k->type = TOKEN_CONTROL;
    }
}

static bool is_special(const struct token *k)
{
    bool kind = k->type == TOKEN_CONTROL || k->type == TOKEN_USER ||
                k->type == TOKEN_UNKNOWN;
    return kind && k->n <= MAX_SPECIAL_BYTES;
}

void tokenizer_find_specials(struct tokenizer *t)
{
    find_ends(t);
    const struct vocab *v = &t->vocab;
    vocab_sort(v, is_special, &t->specials);
    for (size_t i = 0; i < t->specials.n; i++) {
        const struct token *k = &v->tokens[t->specials.ids[i]];
        t->begins_special[(unsigned char)v->bytes[k->at]] = true;
    }
}

/* Runs of blanks and plain words are vocabulary, wherever they stand. */
static bool may_mark(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ispunct((unsigned char)s[i]))
            return n > 2;
    return false;
}

/* --- blanks around special tokens -------------------------------------- */

/* Whether a text has a word in it; upper and lower case are the same. */
static bool has_word(struct gguf_string s, const char *word)
{
    size_t n = strlen(word);
    for (size_t at = 0; at + n <= s.n; at++)
        if (strncasecmp(s.data + at, word, n) == 0)
            return true;
    return false;
}

static bool is_phi3(const struct tokenizer *t, struct gguf_string arch,
                    struct gguf_string name)
{
    return t->kind == &tokenizer_spm &&
           (gguf_string_is(arch, "phi3") || has_word(name, "phi3") ||
            has_word(name, "phi-3") || has_word(name, "phi 3"));
}

/* GGUF does not carry the flags lstrip and rstrip of added tokens, so they are
 * known by the model.  Source: the tokenizer_config.json of each; of the models
 * that this engine runs no others have such tokens. */
static const struct strip_rule {
    const char *has;     /* a token that tells the vocabulary; NULL: Phi-3's */
    bool left;           /* blanks before the token, too */
    const char *only[5]; /* if there are any: these tokens */
    const char *never[4];
} strip_rules[] = {
    /* Phi-3 and 3.5 */
    {.never = {"<unk>", "<s>", "<|endoftext|>"}},
    /* Phi-4 */
    {.has = "<|im_sep|>", .left = true},
    /* Phi-4-mini */
    {.has = "<|endofprompt|>",
     .only = {"<|system|>", "<|user|>", "<|assistant|>", "<|end|>"}},
};

static bool rule_fits(const struct strip_rule *r, const struct tokenizer *t,
                      bool phi3)
{
    if (r->has == NULL || t->kind != &tokenizer_bpe)
        return r->has == NULL && phi3;
    return vocab_find(&t->vocab, r->has, strlen(r->has)) >= 0;
}

/* `list` ends with NULL or after n names. */
static bool is_listed(const struct vocab *v, int32_t id,
                      const char *const *list, size_t n)
{
    size_t n_text;
    const char *text = vocab_text(v, id, &n_text);
    for (size_t i = 0; i < n && list[i] != NULL; i++)
        if (strlen(list[i]) == n_text && memcmp(list[i], text, n_text) == 0)
            return true;
    return false;
}

static void apply_rule(const struct strip_rule *r, struct tokenizer *t)
{
    struct vocab *v = &t->vocab;
    for (size_t i = 0; i < t->specials.n; i++) {
        int32_t id = t->specials.ids[i];
        if (is_listed(v, id, r->never, sizeof(r->never) / sizeof(*r->never)) ||
            (r->only[0] != NULL &&
             !is_listed(v, id, r->only, sizeof(r->only) / sizeof(*r->only))))
            continue;
        v->tokens[id].rstrip = true;
        v->tokens[id].lstrip = r->left;
    }
}

void tokenizer_find_strips(struct tokenizer *t, struct gguf_string arch,
                           struct gguf_string name)
{
    bool phi3 = is_phi3(t, arch, name);
    for (size_t i = 0; i < sizeof(strip_rules) / sizeof(*strip_rules); i++)
        if (rule_fits(&strip_rules[i], t, phi3)) {
            apply_rule(&strip_rules[i], t);
            return;
        }
}

/* White space as Unicode has it (PropList.txt, White_Space). */
static bool is_blank(uint32_t cp)
{
    return (cp >= 0x09 && cp <= 0x0D) || cp == 0x20 || cp == 0x85 ||
           cp == 0xA0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) ||
           cp == 0x2028 || cp == 0x2029 || cp == 0x202F || cp == 0x205F ||
           cp == 0x3000;
}

size_t tokenizer_skip_blanks(const char *s, size_t n)
{
    size_t at = 0;
    while (at < n) {
        uint32_t cp;
        size_t len = utf8_decode(s + at, n - at, &cp);
        if (!is_blank(cp))
            break;
        at += len;
    }
    return at;
}

size_t tokenizer_drop_blanks(const char *s, size_t n)
{
    while (n > 0) {
        size_t from = n - 1;
        while (from > 0 && n - from < UTF8_MAX_BYTES &&
               ((unsigned char)s[from] & 0xC0) == 0x80)
            from--;
        uint32_t cp;
        if (utf8_decode(s + from, n - from, &cp) != n - from || !is_blank(cp))
            break;
        n = from;
    }
    return n;
}

/* --- finding them ------------------------------------------------------ */

static bool holds(const struct token_list *l, int32_t id)
{
    for (size_t i = 0; l != NULL && i < l->n; i++)
        if (l->ids[i] == id)
            return true;
    return false;
}

/* The special tokens that a text begins with, from the shortest on. */
struct special_walk {
    const char *text;
    size_t n, at; /* at: bytes compared */
    struct vocab_range range;
};

static struct special_walk walk_specials(const struct tokenizer *t,
                                         const char *text, size_t n)
{
    bool any = n > 0 && t->begins_special[(unsigned char)text[0]];
    return (struct special_walk){
        .text = text, .n = any ? n : 0, .range = {0, t->specials.n}};
}

/* The next one, or -1. */
static int32_t next_special(const struct tokenizer *t, struct special_walk *w)
{
    while (w->at < w->n) {
        w->range = vocab_narrow(&t->vocab, &t->specials, w->range, w->at,
                                (unsigned char)w->text[w->at]);
        if (w->range.from == w->range.to)
            break;
        int32_t id = t->specials.ids[w->range.from];
        if (t->vocab.tokens[id].n == ++w->at)
            return id;
    }
    w->n = 0;
    return -1;
}

/* Adds the tokens that text[0..n) begins with and may be markers. */
static void add_markers_at(const struct tokenizer *t, const char *text,
                           size_t n, struct token_list *out)
{
    struct special_walk w = walk_specials(t, text, n);
    for (int32_t id; (id = next_special(t, &w)) >= 0;) {
        const struct token *k = &t->vocab.tokens[id];
        if (k->type == TOKEN_USER && may_mark(text, k->n) && !holds(out, id))
            token_list_add(out, id);
    }
}

void tokenizer_find_markers(const struct tokenizer *t, const char *text,
                            size_t n, struct token_list *out)
{
    /* Templates call it by another name. */
    if (t->bos >= 0 && t->vocab.tokens[t->bos].type == TOKEN_USER &&
        !holds(out, t->bos))
        token_list_add(out, t->bos);
    for (size_t i = 0; i < n; i++)
        add_markers_at(t, text + i, n - i, out);
}

int32_t tokenizer_marker(const struct tokenizer *t, const char *text, size_t n)
{
    int32_t id = tokenizer_match_special(t, text, n, n, NULL);
    return id >= 0 && may_mark(text, t->vocab.tokens[id].n) ? id : -1;
}

int32_t tokenizer_match_special(const struct tokenizer *t, const char *text,
                                size_t n, size_t n_own,
                                const struct token_list *barred)
{
    int32_t best = -1;
    struct special_walk w = walk_specials(t, text, n);
    for (int32_t id; (id = next_special(t, &w)) >= 0;) {
        const struct token *k = &t->vocab.tokens[id];
        if (k->n <= n_own || (k->type == TOKEN_USER && !holds(barred, id)))
            best = id;
    }
    return best;
}
