/* The tensor types by number.  Source of numbers and sizes: ggml.h and
 * ggml-common.h of the ggml repository. */
#include "backends/engine/file/gguf.h"

#define N_TYPES 42

static const struct gguf_type_info types[N_TYPES] = {
    [GGUF_F32] = {"F32", 1, 4},
    [GGUF_F16] = {"F16", 1, 2},
    [GGUF_BF16] = {"BF16", 1, 2},
    [GGUF_Q4_0] = {"Q4_0", 32, 18},
    [GGUF_Q4_1] = {"Q4_1", 32, 20},
    [GGUF_Q5_0] = {"Q5_0", 32, 22},
    [GGUF_Q5_1] = {"Q5_1", 32, 24},
    [GGUF_Q8_0] = {"Q8_0", 32, 34},
    [GGUF_Q2_K] = {"Q2_K", 256, 84},
    [GGUF_Q3_K] = {"Q3_K", 256, 110},
    [GGUF_Q4_K] = {"Q4_K", 256, 144},
    [GGUF_Q5_K] = {"Q5_K", 256, 176},
    [GGUF_Q6_K] = {"Q6_K", 256, 210},
    [GGUF_IQ4_NL] = {"IQ4_NL", 32, 18},
    [GGUF_IQ4_XS] = {"IQ4_XS", 256, 136},
    /* Known by name only, so that the refusal can say what the file has. */
    [9] = {"Q8_1", 0, 0},
    [15] = {"Q8_K", 0, 0},
    [16] = {"IQ2_XXS", 0, 0},
    [17] = {"IQ2_XS", 0, 0},
    [18] = {"IQ3_XXS", 0, 0},
    [19] = {"IQ1_S", 0, 0},
    [21] = {"IQ3_S", 0, 0},
    [22] = {"IQ2_S", 0, 0},
    [24] = {"I8", 0, 0},
    [25] = {"I16", 0, 0},
    [26] = {"I32", 0, 0},
    [27] = {"I64", 0, 0},
    [28] = {"F64", 0, 0},
    [29] = {"IQ1_M", 0, 0},
    [34] = {"TQ1_0", 0, 0},
    [35] = {"TQ2_0", 0, 0},
    [39] = {"MXFP4", 0, 0},
    [40] = {"NVFP4", 0, 0},
    [41] = {"Q1_0", 0, 0},
    /* That ggml once had. */
    [4] = {"Q4_2", 0, 0},
    [5] = {"Q4_3", 0, 0},
    [31] = {"Q4_0_4_4", 0, 0},
    [32] = {"Q4_0_4_8", 0, 0},
    [33] = {"Q4_0_8_8", 0, 0},
    [36] = {"IQ4_NL_4_4", 0, 0},
    [37] = {"IQ4_NL_4_8", 0, 0},
    [38] = {"IQ4_NL_8_8", 0, 0},
};

/* Of ik_llama.cpp, a fork of llama.cpp; source: its ggml.h. */
static const struct {
    uint32_t number;
    struct gguf_type_info info;
} forked[] = {
    {133, {"Q6_0", 0, 0}},   {134, {"IQ1_BN", 0, 0}}, {135, {"IQ2_BN", 0, 0}},
    {136, {"Q8_K64", 0, 0}}, {137, {"IQ2_K", 0, 0}},  {138, {"IQ3_K", 0, 0}},
    {139, {"IQ4_K", 0, 0}},  {140, {"IQ5_K", 0, 0}},  {141, {"IQ6_K", 0, 0}},
    {144, {"IQ4_KS", 0, 0}}, {145, {"IQ2_KS", 0, 0}}, {146, {"IQ4_KSS", 0, 0}},
};

const struct gguf_type_info *gguf_type_info(uint32_t type)
{
    static const struct gguf_type_info none = {NULL, 0, 0};
    for (size_t i = 0; i < sizeof(forked) / sizeof(*forked); i++)
        if (forked[i].number == type)
            return &forked[i].info;
    return type < N_TYPES ? &types[type] : &none;
}
