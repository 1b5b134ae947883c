#include "backends/engine/file/kind.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"

/* --- GGUF files -------------------------------------------------------- */

static const char adapter[] =
    "an adapter (LoRA), not a model: it changes a base model, and this engine "
    "applies none; merge it into its base model and convert that";
static const char projector[] =
    "a projector (mmproj), not a model: it shows pictures or sound to a model "
    "of another file; name that file";
static const char imatrix[] =
    "an importance matrix (imatrix), not a model: it is made for quantizing; "
    "name the model's own file";
static const char embedding[] =
    "an embedding model: it turns text into vectors and cannot answer";
static const char reranking[] =
    "a reranking model: it scores texts and cannot answer";
static const char pictures[] =
    "a model that makes pictures or videos, not text";
static const char sound[] = "a model of sound, not of text";

/* By general.type. */
static const struct {
    const char *type, *is;
} types[] = {
    {"adapter", adapter},
    {"mmproj", projector},
    {"imatrix", imatrix},
};

/* By general.architecture. */
static const struct {
    const char *arch, *is;
} archs[] = {
    {"clip", projector},
    {"controlvector", "a control vector, not a model: it steers a model of "
                      "another file; name that file"},
    {"bert", embedding},
    {"modern-bert", embedding},
    {"neo-bert", embedding},
    {"nomic-bert", embedding},
    {"nomic-bert-moe", embedding},
    {"jina-bert-v2", embedding},
    {"jina-bert-v3", embedding},
    {"eurobert", embedding},
    {"gemma-embedding", embedding},
    {"llama-embed", embedding},
    {"t5encoder", embedding},
    {"flux", pictures},
    {"sd1", pictures},
    {"sdxl", pictures},
    {"sd3", pictures},
    {"aura", pictures},
    {"hidream", pictures},
    {"hyvid", pictures},
    {"ltxv", pictures},
    {"wan", pictures},
    {"lumina2", pictures},
    {"qwen_image", pictures},
    {"whisper", sound},
    {"wavtokenizer-dec", sound},
};

static int refuse(const struct gguf *g, const char *is, struct err *e)
{
    return err_set(e, ERR_BACKEND, "%s: is %s", gguf_path(g), is);
}

/* What a key of the architecture says: "qwen3.pooling_type". */
static bool arch_key(const struct gguf *g, struct gguf_string arch,
                     const char *name, char out[96])
{
    snprintf(out, 96, "%.*s.%s", (int)(arch.n < 40 ? arch.n : 40), arch.data,
             name);
    return gguf_has(g, out);
}

/* Models of known architectures that were turned into something else. */
static const char *turned_into(const struct gguf *g, struct gguf_string arch)
{
    char key[96];
    uint64_t pooling = 0;
    bool causal = true;
    if (arch_key(g, arch, "pooling_type", key))
        gguf_get_u64(g, key, &pooling);
    if (arch_key(g, arch, "attention.causal", key))
        gguf_get_bool(g, key, &causal);
    if (pooling == 4 || arch_key(g, arch, "classifier.output_labels", key) ||
        gguf_find_tensor(g, "cls.weight") != NULL ||
        gguf_find_tensor(g, "cls.output.weight") != NULL)
        return reranking;
    return pooling != 0 || !causal ? embedding : NULL;
}

int kind_check(const struct gguf *g, struct err *e)
{
    struct gguf_string type = {"", 0}, arch = {"", 0};
    gguf_get_string(g, "general.type", &type);
    gguf_get_string(g, "general.architecture", &arch);
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (gguf_string_is(type, types[i].type))
            return refuse(g, types[i].is, e);
    if (gguf_has(g, "adapter.type") || gguf_has(g, "adapter.lora.alpha"))
        return refuse(g, adapter, e);
    if (gguf_has(g, "imatrix.datasets") || gguf_has(g, "imatrix.chunk_count"))
        return refuse(g, imatrix, e);
    for (size_t i = 0; i < sizeof(archs) / sizeof(*archs); i++)
        if (gguf_string_is(arch, archs[i].arch))
            return refuse(g, archs[i].is, e);
    const char *is = turned_into(g, arch);
    return is != NULL ? refuse(g, is, e) : 0;
}

/* --- instruct models --------------------------------------------------- */

/* Whether one of the words stands in a text by itself, whatever the case. */
static bool has_word(const char *s, size_t n)
{
    static const char *const words[] = {
        "instruct", "chat", "it", "assistant", "sft", "dpo", "rlhf", "orpo",
        "simpo", "kto", "conversational", "instruction", "chatbot",
    };
    for (size_t at = 0; at < n;) {
        size_t len = 0;
        while (at + len < n && isalpha((unsigned char)s[at + len]))
            len++;
        for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
            if (strlen(words[i]) == len &&
                strncasecmp(words[i], s + at, len) == 0)
                return true;
        at += len > 0 ? len : 1;
    }
    return false;
}

bool kind_is_tuned(const struct gguf *g)
{
    static const char *const keys[] = {"general.finetune", "general.name"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        struct gguf_string s = {"", 0};
        gguf_get_string(g, keys[i], &s);
        if (has_word(s.data, s.n))
            return true;
    }
    const char *name = path_name(gguf_path(g));
    return has_word(name, strlen(name));
}
