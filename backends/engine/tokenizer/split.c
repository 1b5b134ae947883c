#include "backends/engine/tokenizer/split.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

#define MAX_STAGES 6

/* --- the published expressions -----------------------------------------
 *
 * From the tokenizer.json (pre_tokenizer) that each family ships, or from the
 * source of its own tokenizer; PCRE2 reads them as they are.  A few are
 * written otherwise, with the same matches: "\s+$" would try every blank of a
 * long run anew, so it looks behind first; and EXAONE MoE's groups keep no way
 * back, for which a long text leaves no room. */

#define CONTRACTIONS "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
#define BLANKS "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

/* GPT-2 (openai/gpt-2, encoder.py); ByteLevel of the tokenizers library. */
#define GPT2                                                            \
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+" \
    "|\\s+(?!\\S)|\\s+"

/* cl100k (openai/tiktoken) with the digits of Llama 3, Qwen 2, … */
#define CL100K(digits)                                     \
    CONTRACTIONS "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" digits \
                 "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|" BLANKS

/* o200k (openai/tiktoken): words that end where lower case ends. */
#define UPPER "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"
#define LOWER "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
#define O200K(suffix, digits)                                        \
    "[^\\r\\n\\p{L}\\p{N}]?" UPPER "*" LOWER "+" suffix              \
    "|[^\\r\\n\\p{L}\\p{N}]?" UPPER "+" LOWER "*" suffix "|" digits  \
    "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|" BLANKS

/* DeepSeek LLM: the letters that have case, as of its Unicode. */
#define CASED                                                            \
    "A-Za-z\\x{B5}\\x{C0}-\\x{D6}\\x{D8}-\\x{F6}\\x{F8}-\\x{1BA}"        \
    "\\x{1BC}-\\x{1BF}\\x{1C4}-\\x{293}\\x{295}-\\x{2AF}"                \
    "\\x{370}-\\x{373}\\x{376}\\x{377}\\x{37B}-\\x{37D}\\x{37F}\\x{386}" \
    "\\x{388}-\\x{38A}\\x{38C}\\x{38E}-\\x{3A1}\\x{3A3}-\\x{3F5}"        \
    "\\x{3F7}-\\x{481}\\x{48A}-\\x{52F}\\x{531}-\\x{556}"                \
    "\\x{10A0}-\\x{10C5}\\x{13A0}-\\x{13F5}\\x{13F8}-\\x{13FD}"          \
    "\\x{1C90}-\\x{1CBA}\\x{1CBD}-\\x{1CBF}\\x{1D00}-\\x{1D2B}"          \
    "\\x{1D6B}-\\x{1D77}\\x{1D79}-\\x{1D9A}\\x{1E00}-\\x{1F15}"          \
    "\\x{1F18}-\\x{1F1D}\\x{1F20}-\\x{1F45}\\x{1F48}-\\x{1F4D}"          \
    "\\x{1F50}-\\x{1F57}\\x{1F59}\\x{1F5B}\\x{1F5D}\\x{1F5F}-\\x{1F7D}"  \
    "\\x{1F80}-\\x{1FB4}\\x{1FB6}-\\x{1FBC}\\x{1FBE}\\x{1FC2}-\\x{1FC4}" \
    "\\x{1FC6}-\\x{1FCC}\\x{1FD0}-\\x{1FD3}\\x{1FD6}-\\x{1FDB}"          \
    "\\x{1FE0}-\\x{1FEC}\\x{1FF2}-\\x{1FF4}\\x{1FF6}-\\x{1FFC}\\x{2102}" \
    "\\x{2107}\\x{210A}-\\x{2113}\\x{2115}\\x{2119}-\\x{211D}\\x{2124}"  \
    "\\x{2126}\\x{2128}\\x{212A}-\\x{212D}\\x{212F}-\\x{2134}\\x{2139}"  \
    "\\x{213C}-\\x{213F}\\x{2145}-\\x{2149}\\x{214E}\\x{2183}\\x{2184}"  \
    "\\x{2C00}-\\x{2C7B}\\x{2C7E}-\\x{2CE4}\\x{2CEB}-\\x{2CEE}\\x{2CF2}" \
    "\\x{2CF3}\\x{A640}-\\x{A66D}\\x{A680}-\\x{A69B}\\x{A722}-\\x{A76F}" \
    "\\x{A771}-\\x{A787}\\x{A78B}-\\x{A78E}\\x{AB70}-\\x{ABBF}"          \
    "\\x{FB00}-\\x{FB06}\\x{FB13}-\\x{FB17}\\x{FF21}-\\x{FF3A}"          \
    "\\x{FF41}-\\x{FF5A}\\x{10400}-\\x{1044F}\\x{104B0}-\\x{104D3}"      \
    "\\x{104D8}-\\x{104FB}\\x{10C80}-\\x{10CB2}\\x{10CC0}-\\x{10CF2}"    \
    "\\x{118A0}-\\x{118DF}\\x{1E900}-\\x{1E943}"
#define CJK_RANGE "[一-龥ࠀ-一가-\\x{D7FF}]+"

/* DeepSeek V3. */
#define DEEPSEEK3                                                        \
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"              \
    "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"                       \
    "| ?[\\p{P}\\p{S}]+[\\r\\n]*|" BLANKS

static const struct family {
    const char *names; /* as files have them, with spaces between */
    bool whole_words, adds_bos;
    bool nfc; /* its published tokenizer has this normalizer */
    const char *stages[MAX_STAGES + 1];
} families[] = {
    {.names = "mpt olmo", /* GPT-NeoX's tokenizer */
     .nfc = true,
     .stages = {GPT2}},
    {.names = "gpt-2 gpt2 phi-2 jais trillion gigachat exaone4 "
              "a.x-4.0 mellum modern-bert granite-docling roberta-bpe "
              "jina-es jina-de jina-v1-en jina-v2-es jina-v2-de jina-v2-code",
     .stages = {GPT2}},
    {.names = "command-r", .nfc = true, .stages = {"\\p{N}", GPT2}},
    {.names = "smollm starcoder refact codeshell exaone minerva-7b "
              "mellum2",
     .stages = {"\\p{N}", GPT2}},
    {.names = "default",
     .stages = {"[\\p{P}\\$\\+<=>\\^~\\|]+", GPT2, "\\p{N}+",
                "[0-9][0-9][0-9]"}},
    {.names = "falcon",
     .stages = {"[\\p{P}\\$\\+<=>\\^~\\|`]+", GPT2, "[0-9][0-9][0-9]"}},
    {.names = "llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 "
              "lfm2 jina-v5-nano",
     .whole_words = true,
     .adds_bos = true,
     .stages = {CL100K("\\p{N}{1,3}")}},
    {.names = "dbrx smaug-bpe chatglm-bpe",
     .stages = {CL100K("\\p{N}{1,3}")}},
    {.names = "glm4 glm5",
     .whole_words = true,
     .stages = {CL100K("\\p{N}{1,3}")}},
    {.names = "minicpm5",
     .whole_words = true,
     .stages = {"\\p{N}{1,3}", CL100K("\\p{N}+")}},
    {.names = "qwen2 stablelm2 deepseek-r1-qwen hunyuan f2llmv2",
     .nfc = true,
     .stages = {CL100K("\\p{N}")}},
    {.names = "megrez kormo grok-2 solar-open",
     .stages = {CL100K("\\p{N}")}},
    {.names = "laguna",
     .stages = {"[^\\n]+|[\\n]+", CL100K("\\p{N}")}},
    {.names = "ufakzeka",
     .stages = {"[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
                "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|" BLANKS}},
    {.names = "jais-2",
     .stages = {CONTRACTIONS
                "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
                "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+"
                "|\\s{512}(?!\\S)|\\s{256}(?!\\S)|\\s{128}(?!\\S)"
                "|\\s{64}(?!\\S)|\\s{32}(?!\\S)|\\s{16}(?!\\S)"
                "|\\s{8}(?!\\S)|\\s{4}(?!\\S)|\\s{1,2}(?!\\S)|\\s"}},
    {.names = "exaone-moe",
     .stages = {CONTRACTIONS
                "|[^\\r\\n\\p{L}\\p{N}]?"
                "(?:\\p{L}\\p{M}*+(?: \\p{L}\\p{M}*+)*+)++|\\p{N}"
                "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?|\\s*[\\r\\n]"
                "|\\s+(?!\\S)|\\s+"}},
    /* Digits in threes from the end; its expression matches the empty places
     * between them.  Behind one of them the next is known without looking at
     * all digits again. */
    {.names = "superbpe",
     .stages = {"\\p{N}+", "(?s)(?<=.)\\d{3}(?=\\d)"
                           "|.+?(?=(?:\\d{3})++(?!\\d)|\\z)"}},
    {.names = "qwen35",
     .nfc = true,
     .stages = {CONTRACTIONS
                "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}"
                "| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|" BLANKS}},
    {.names = "seed-coder",
     .stages = {CONTRACTIONS "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
                             "| ?[^\\s\\p{L}\\p{N}\\r\\n]+|" BLANKS}},
    {.names = "bailingmoe bailingmoe2 llada-moe",
     .stages = {"'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}"
                "| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)"
                "|\\s+"}},
    {.names = "tekken",
     .whole_words = true,
     .adds_bos = true,
     .stages = {O200K("", "\\p{N}")}},
    {.names = "gpt-4o llama4 kanana2 minimax-m2 talkie",
     .stages = {O200K(CONTRACTIONS "?", "\\p{N}{1,3}")}},
    {.names = "youtu",
     .whole_words = true,
     .stages = {"[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+"
                "|[一-龥぀-ゟ゠-ヿ]+",
                O200K(CONTRACTIONS "?", "\\p{N}")}},
    {.names = "deepseek-llm",
     .stages = {"[\\r\\n]", "\\s?[" CASED "]+",
                "\\s?[!-/:-~！-／：-～‘-‟\\x{3000}-。]+", "(?<!\\s)\\s++\\z",
                CJK_RANGE, "\\p{N}+"}},
    {.names = "deepseek-coder",
     .stages = {"[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", CJK_RANGE,
                "\\p{N}"}},
    {.names = "deepseek-v3 hunyuan-dense hy_v4 joyai-llm",
     .stages = {"\\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+", DEEPSEEK3}},
    {.names = "bloom poro-chat gpt3-finnish",
     .stages = {" ?[^(\\s|.,!?…。，、।۔،)]+"}},
    {.names = "viking",
     .stages = {" ?[^(\\s|.,!?…。，、।۔،)]+", "\\p{N}"}},
};

#define N_FAMILIES (sizeof(families) / sizeof(*families))

struct splitter {
    const struct family *family;
    pcre2_code *codes[MAX_STAGES];
    int n_stages;
};

/* Whether `word` is one of the words of a list. */
static bool list_has(const char *list, const char *word, size_t n)
{
    while (*list != '\0') {
        size_t len = strcspn(list, " ");
        if (len == n && memcmp(list, word, n) == 0)
            return true;
        list += len + strspn(list + len, " ");
    }
    return false;
}

static const struct family *find_family(const char *name, size_t n)
{
    for (size_t i = 0; i < N_FAMILIES; i++)
        if (list_has(families[i].names, name, n))
            return &families[i];
    return NULL;
}

int splitter_open(struct splitter **out, const char *name, size_t n,
                  struct err *e)
{
    const struct family *f = find_family(name, n);
    if (f == NULL)
        return err_set(e, ERR_BACKEND, "cuts words in a way that this version "
                       "does not know (tokenizer.ggml.pre is \"%.*s\"); run "
                       "it by a server (llama-server, Ollama)",
                       (int)(n < 40 ? n : 40), name);
    struct splitter *s = mem_calloc(1, sizeof(*s));
    s->family = f;
    for (const char *const *p = f->stages; *p != NULL; p++) {
        int code;
        PCRE2_SIZE at;
        pcre2_code *c = pcre2_compile((PCRE2_SPTR)*p, PCRE2_ZERO_TERMINATED,
                                      PCRE2_UTF | PCRE2_UCP, &code, &at, NULL);
        if (c == NULL) {
            splitter_close(s);
            return err_set(e, ERR_BACKEND, "the PCRE2 library refuses the "
                           "pre-tokenizer \"%.*s\" (error %d)", (int)n, name,
                           code);
        }
        /* If it cannot, matching is interpreted: slower, the same. */
        pcre2_jit_compile(c, PCRE2_JIT_COMPLETE);
        s->codes[s->n_stages++] = c;
    }
    *out = s;
    return 0;
}

void splitter_close(struct splitter *s)
{
    if (s == NULL)
        return;
    for (int i = 0; i < s->n_stages; i++)
        pcre2_code_free(s->codes[i]);
    free(s);
}

bool splitter_whole_words(const struct splitter *s)
{
    return s->family->whole_words;
}

bool splitter_wants_nfc(const struct splitter *s)
{
    return s->family->nfc;
}

bool splitter_adds_bos(const struct splitter *s)
{
    return s->family->adds_bos;
}

/* --- running ----------------------------------------------------------- */

struct run {
    const struct splitter *s;
    pcre2_match_data *match[MAX_STAGES];
    split_word *word;
    void *arg;
};

/* Cuts valid UTF-8 by the expressions from `stage` on. */
static int run_stage(const struct run *r, int stage, const char *text,
                     size_t n, struct err *e)
{
    if (n == 0)
        return 0;
    if (stage == r->s->n_stages)
        return r->word(r->arg, text, n, e);
    for (size_t at = 0; at < n;) {
        /* The text is known to be valid; checking it again at every match
         * would be quadratic. */
        int rc = pcre2_match(r->s->codes[stage], (PCRE2_SPTR)text, n, at,
                             PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY,
                             r->match[stage], NULL);
        if (rc == PCRE2_ERROR_NOMATCH)
            return run_stage(r, stage + 1, text + at, n - at, e);
        if (rc < 0)
            return err_set(e, ERR_BACKEND, "a text cannot be cut into words "
                           "(PCRE2 error %d)", rc);
        const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(r->match[stage]);
        size_t from = ends[0], to = ends[1];
        if (run_stage(r, stage + 1, text + at, from - at, e) != 0 ||
            run_stage(r, stage + 1, text + from, to - from, e) != 0)
            return -1;
        at = to;
    }
    return 0;
}

/* The length of the run of valid, or of invalid, characters that begins a
 * text. */
static size_t same_validity(const char *s, size_t n, bool *valid)
{
    size_t at = 0;
    while (at < n) {
        uint32_t cp;
        size_t len = utf8_decode(s + at, n - at, &cp);
        bool ok = cp != UTF8_REPLACEMENT || utf8_valid(s + at, len);
        if (at == 0)
            *valid = ok;
        else if (ok != *valid)
            break;
        at += len;
    }
    return at;
}

int splitter_run(const struct splitter *s, const char *text, size_t n,
                 split_word *word, void *arg, struct err *e)
{
    struct run r = {.s = s, .word = word, .arg = arg};
    int rc = 0;
    for (int i = 0; i < s->n_stages && rc == 0; i++) {
        r.match[i] = pcre2_match_data_create(1, NULL);
        if (r.match[i] == NULL)
            rc = err_set(e, ERR_BACKEND, "no memory to cut a text into words");
    }
    while (n > 0 && rc == 0) {
        bool valid = true;
        size_t len = same_validity(text, n, &valid);
        rc = valid ? run_stage(&r, 0, text, len, e) : word(arg, text, len, e);
        text += len;
        n -= len;
    }
    for (int i = 0; i < s->n_stages; i++)
        pcre2_match_data_free(r.match[i]);
    return rc;
}
