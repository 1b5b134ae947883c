/* The words that tell a model, and in what sentences they do. */
#include "arena/blind/leak.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arena/blind/fold.h"
#include "base/mem.h"
#include "base/path.h"

#define MIN_BYTES 3 /* shorter words would hide half the language */
#define MAX_WORD_BYTES 100

/* Families whose name means nothing else, … */
static const char *const coined[] = {
    "chatgpt", "gpt", "mixtral", "ministral", "codestral", "magistral", "qwen",
    "qwq", "deepseek", "smollm", "tinyllama", "olmo", "wizardlm", "openchat",
    "internlm", "baichuan", "chatglm", "glm", "hunyuan", "doubao", "nemotron",
    "dbrx", "stablelm", "exaone", "rwkv", "minicpm",
    "通义千问", "文心一言", "豆包", "混元", "智谱清言", "百川",
};

/* … and those that share it with people and things. */
static const char *const families[] = {
    "claude", "gemini", "gemma", "llama", "mistral", "grok", "vicuna", "kimi",
};

static const char *const ordinary[] = {
    "bard", "palm", "command", "aya", "phi", "copilot", "granite", "falcon",
    "tulu", "alpaca", "guanaco", "zephyr", "starling", "hermes", "ernie",
    "minimax", "jamba", "nova", "solar", "reka", "dolly", "pythia", "bloom",
    "orca", "perplexity", "sonar", "mpt", "lfm",
};

static const char *const vendors[] = {
    "openai", "anthropic", "google", "google deepmind", "deepmind", "meta",
    "meta ai", "facebook", "mistral ai", "alibaba", "alibaba cloud", "tongyi",
    "deepseek", "high flyer", "xai", "cohere", "microsoft", "hugging face",
    "ibm", "tii", "technology innovation institute", "ai2", "allen institute",
    "allenai", "lmsys", "nous research", "01 ai", "shanghai ai", "zhipu",
    "moonshot", "baidu", "tencent", "bytedance", "ai21", "amazon", "nvidia",
    "databricks", "mosaicml", "stability ai", "lg ai", "upstage", "perplexity",
    "apple", "eleutherai", "together ai", "liquid ai", "openbmb", "stanford",
    "阿里云", "阿里巴巴", "百度", "腾讯", "字节跳动", "深度求索", "智谱",
    "月之暗面",
};

#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

/* The letters and digits of a name; false if it is too long. */
static bool fold_name(const char *name, char out[MAX_WORD_BYTES + 1])
{
    size_t n = strlen(name), n_out = 0;
    for (size_t at = 0; at < n;) {
        struct leak_char c = leak_fold(name + at, n - at);
        bool keep = c.class == LEAK_LETTER || c.class == LEAK_OTHER;
        size_t n_bytes = c.class == LEAK_LETTER ? 1 : c.n_bytes;
        if (keep && n_out + n_bytes > MAX_WORD_BYTES)
            return false;
        if (keep)
            memcpy(out + n_out, c.class == LEAK_LETTER ? &c.letter : name + at,
                   n_bytes);
        n_out += keep ? n_bytes : 0;
        at += c.n_bytes;
    }
    out[n_out] = '\0';
    return true;
}

void leak_words_add(struct leak_words *w, const char *word,
                    enum leak_kind kind)
{
    char folded[MAX_WORD_BYTES + 1];
    if (!fold_name(word, folded) || strlen(folded) < MIN_BYTES)
        return;
    for (size_t i = 0; i < w->n; i++)
        if (w->list[i].kind == kind && strcmp(w->list[i].folded, folded) == 0)
            return;
    w->list = mem_realloc(w->list, w->n + 1, sizeof(*w->list));
    w->list[w->n++] = (struct leak_word){
        .folded = mem_strdup(folded), .kind = kind};
}

static void add_all(struct leak_words *w, const char *const *list, size_t n,
                    enum leak_kind kind)
{
    for (size_t i = 0; i < n; i++)
        leak_words_add(w, list[i], kind);
}

void leak_words_init(struct leak_words *w)
{
    *w = (struct leak_words){0};
    add_all(w, coined, N_OF(coined), LEAK_FAMILY);
    for (size_t i = 0; i < w->n; i++)
        w->list[i].is_coined = true;
    add_all(w, families, N_OF(families), LEAK_FAMILY);
    add_all(w, ordinary, N_OF(ordinary), LEAK_ORDINARY);
    add_all(w, vendors, N_OF(vendors), LEAK_VENDOR);
}

void leak_words_free(struct leak_words *w)
{
    for (size_t i = 0; i < w->n; i++)
        free(w->list[i].folded);
    free(w->list);
    *w = (struct leak_words){0};
}

static bool has_word(const char *const *list, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(list[i], word) == 0)
            return true;
    return false;
}

static bool is_family(const char *word)
{
    return has_word(coined, N_OF(coined), word) ||
           has_word(families, N_OF(families), word);
}

/* The longest that occurs, so that "chatgpt" is not "gpt". */
static void find_family(const char *folded, const char *const *list, size_t n,
                        const char **best)
{
    char word[MAX_WORD_BYTES + 1];
    for (size_t i = 0; i < n; i++)
        if (fold_name(list[i], word) && strstr(folded, word) != NULL &&
            (*best == NULL || strlen(list[i]) > strlen(*best)))
            *best = list[i];
}

const char *leak_family(const char *name)
{
    const char *best = NULL;
    char folded[MAX_WORD_BYTES + 1];
    if (name == NULL || !fold_name(name, folded))
        return NULL;
    find_family(folded, coined, N_OF(coined), &best);
    find_family(folded, families, N_OF(families), &best);
    if (best == NULL)
        find_family(folded, ordinary, N_OF(ordinary), &best);
    return best;
}

/* Adds a name without the digits it ends in, as "claude-opus": all of it, for
 * the words behind the first one would tell which of a family it is, and the
 * first word.  Cuts the part. */
static void add_letters(struct leak_words *w, char *part)
{
    part[strcspn(part, "0123456789")] = '\0';
    char *whole = mem_strdup(part);
    part[strcspn(part, "-_. ")] = '\0';
    leak_words_add(w, whole, is_family(part) ? LEAK_FAMILY : LEAK_ORDINARY);
    leak_words_add(w, part, LEAK_ORDINARY);
    free(whole);
}

void leak_words_add_name(struct leak_words *w, const char *name)
{
    /* Of "org/name:tag", each part between the signs. */
    for (const char *rest = name; rest != NULL && *rest != '\0';) {
        size_t n = strcspn(rest, "/:");
        char *part = mem_strndup(rest, n);
        if (strpbrk(part, "0123456789") != NULL && n > MIN_BYTES)
            leak_words_add(w, part, LEAK_ANYWHERE);
        add_letters(w, part);
        free(part);
        rest += n + strspn(rest + n, "/:");
    }
}

void leak_words_add_file(struct leak_words *w, const char *path)
{
    const char *name = path_name(path);
    char *stem = mem_strndup(name, strcspn(name, "."));
    leak_words_add_name(w, stem);
    free(stem);
}

/* --- sentences ------------------------------------------------------------ */

/* A context is folded, so Russian looks odd here: what looks like an ASCII
 * letter has become one. */

/* A sentence with one of these speaks of the speaker, … */
static const char *const speaker[] = {
    " i am ", " im ", " i was ", " i have been ", " ive been ", " my name ",
    " call me ", " talking to ", " talking with ", " speaking to ",
    " speaking with ", " chatting with ", " i identify ", " language model ",
    " ai assistant ", " ai model ", " chatbot ", " ich bin ", " ich wurde ",
    " mein name ", " ich heisse ", " ich heiße ", " je suis ",
    " je mappelle ", " mon nom ", " soy ", " me llamo ", " mi nombre ",
    " sono ", " mi chiamo ", " il mio nome ", " eu sou ", " meu nome ",
    " me chamo ", " ik ben ", " jestem ", " я ", " mehя 3obyt ",
    "我是", "我叫", "名字", "私は", "名前", "저는", "나는", "أنا", "मैं",
};

/* … and directly behind one of these stands the speaker's name. */
static const char *const name_follows[] = {
    " i am ", " im ", " name is ", " call me ", " i am called ",
    " im called ", " i am named ", " im named ", " i am the ", " talking to ",
    " speaking with ", " chatting with ", " ich bin ", " ich heisse ",
    " ich heiße ", " je suis ", " je mappelle ", " soy ", " me llamo ",
    " sono ", " mi chiamo ", " eu sou ", " me chamo ", " ik ben ", " jestem ",
    " я ", " mehя 3obyt ", "我是", "我叫", "名字是", "私は", "저는",
    "나는",
};

/* Directly behind these stands who made it. */
static const char *const maker_follows[] = {
    " by ", " by the ", " from ", " at ", " at the ", " of ", " von ",
    " par ", " por ", " da ", " di ", " door ", " przez ", "由", "来自", "は",
    "이", "에서",
};

static bool has_any(const char *context, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strstr(context, list[i]) != NULL)
            return true;
    return false;
}

static bool ends_with_any(const char *context, const char *const *list,
                          size_t n)
{
    size_t length = strlen(context);
    for (size_t i = 0; i < n; i++) {
        size_t n_cue = strlen(list[i]);
        if (n_cue <= length &&
            memcmp(context + length - n_cue, list[i], n_cue) == 0)
            return true;
    }
    return false;
}

bool leak_context_fits(const char *context, enum leak_kind kind)
{
    static const char *const begins[] = {" as ", " this is ", " here is "};
    switch (kind) {
    case LEAK_ANYWHERE:
        return true;
    case LEAK_FAMILY:
        for (size_t i = 0; i < N_OF(begins); i++)
            if (strcmp(context, begins[i]) == 0)
                return true;
        return has_any(context, speaker, N_OF(speaker));
    case LEAK_ORDINARY:
        return ends_with_any(context, name_follows, N_OF(name_follows));
    case LEAK_VENDOR:
        return ends_with_any(context, maker_follows, N_OF(maker_follows)) &&
               has_any(context, speaker, N_OF(speaker));
    }
    return false;
}
