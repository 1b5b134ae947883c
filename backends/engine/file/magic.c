#include "backends/engine/file/magic.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A length of 8 bytes, then that much JSON (safetensors, "Format"). */
static const char *safetensors(const unsigned char *b, size_t n)
{
    uint64_t length = 0;
    for (int i = 7; i >= 0 && n > 8; i--)
        length = length << 8 | b[i];
    if (n < 16 || b[8] != '{' || length < 2 || length > (uint64_t)1 << 30)
        return NULL;
    for (size_t i = 8; i + 6 <= n && i < 1 << 16; i++)
        if (memcmp(b + i, "lora_A", 6) == 0)
            return "an adapter (LoRA) in safetensors: merge it into its base "
                   "model and convert that to GGUF";
    return "a safetensors file: get the model as GGUF, or convert it "
           "(convert_hf_to_gguf.py of llama.cpp)";
}

/* The older imatrix.dat: a count of entries, then the length and the name of
 * the first, which is a tensor's (llama.cpp, tools/imatrix). */
static bool is_old_imatrix(const unsigned char *b, size_t n)
{
    if (n < 16 || b[1] > 0x10 || b[2] != 0 || b[3] != 0 || b[4] == 0 ||
        b[5] != 0 || b[6] != 0 || b[7] != 0)
        return false;
    return memcmp(b + 8, "blk.", 4) == 0 || memcmp(b + 8, "output.", 7) == 0;
}

#define OLD_GGML "a GGML file of before 2023-08: get the model as GGUF"
#define PACKED "a packed file: unpack it first"

const char *magic_name(const void *bytes, size_t n)
{
    static const struct {
        const char *begins;
        size_t n;
        const char *is;
    } known[] = {
        {"version https://git-lfs", 23,
         "a Git LFS pointer: fetch the real file"},
        {"<!DOCTYPE", 9, "a web page: download the file itself"},
        {"<!doctype", 9, "a web page: download the file itself"},
        {"<html", 5, "a web page: download the file itself"},
        {"PK\x03\x04", 4, "a PyTorch or zip archive: convert it to GGUF"},
        {"\x80\x02", 2, "a PyTorch or pickle file: convert it to GGUF"},
        {"algg", 4, "an adapter (LoRA) of before 2024-08: convert it to GGUF "
                    "together with its base model"},
        {"lmgg", 4, OLD_GGML},
        {"fmgg", 4, OLD_GGML},
        {"tjgg", 4, OLD_GGML},
        {"FUGG", 4, "a big-endian GGUF: get the little-endian one"},
        {"\x89HDF", 4, "an HDF5 file (Keras): get the model as GGUF"},
        {"\x1F\x8B", 2, PACKED " (gunzip)"},
        {"\x28\xB5\x2F\xFD", 4, PACKED " (unzstd)"},
        {"\xFD" "7zXZ", 5, PACKED " (unxz)"},
        {"BZh", 3, PACKED " (bunzip2)"},
        {"7z\xBC\xAF", 4, PACKED " (7z x)"},
        {"\x7F" "ELF", 4, "a program, not a model (a llamafile? unpack the "
                          "weights in it with unzip)"},
        {"MZ", 2, "a program, not a model (a llamafile? unpack the weights in "
                  "it with unzip)"},
        {"{", 1, "a JSON file, not weights: name the .gguf file"},
    };
    const char *is = safetensors(bytes, n);
    if (is != NULL)
        return is;
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (n >= known[i].n && memcmp(bytes, known[i].begins, known[i].n) == 0)
            return known[i].is;
    return is_old_imatrix(bytes, n)
               ? "an importance matrix (imatrix), not a model: it is made for "
                 "quantizing; name the model's own file"
               : NULL;
}
