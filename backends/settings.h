/* settings: what may be said of a model, and of the server that it is on.
 *
 * Each setting is one row of the lists below.  All else is made from the row:
 * the field of struct model, its unset value, copy and release; the identity
 * of a model (model_describe) and the listing of `arena models`; the keys of
 * arena.json, their checks and the JSON Schema; the field of a request and the
 * list of what a server may refuse; the options of `arena generate`.  To add a
 * setting is to add a row, and to read the field where it has an effect.
 *
 * The order of the rows is the order of the identity, which stands in
 * databases: never move a row of WHAT or HOW, and put new ones behind them.
 *
 * A row is X(part, type, field, key, min, max, help, more…), or, for a setting
 * that is also an option of `generate`, FLAG(option, value, part, type, …).
 * `more` names further members of struct setting.  Read only; any thread. */
#ifndef BACKENDS_SETTINGS_H
#define BACKENDS_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/bias.h"
#include "backends/lora.h"
#include "base/buf.h"

enum setting_part {
    SETTING_ASIDE, /* changes no answer: no part of the identity */
    SETTING_WHAT,  /* what answers */
    SETTING_HOW,   /* how it answers; listed by `arena models` */
};

enum setting_type {       /* the field's type; its unset value */
    SETTING_STRING,       /* char *, may be empty; NULL */
    SETTING_WORD,         /* char *, one line, not empty; NULL */
    SETTING_STRINGS,      /* char **, NULL-terminated, not empty; NULL */
    SETTING_PAIRS,        /* char **, name, value, …, NULL; NULL */
    SETTING_NUMBER,       /* double within [min, max]; NaN */
    SETTING_WHOLE,        /* int within [min, max]; -1 */
    SETTING_LONG,         /* int64_t within [min, max]; -1 */
    SETTING_BOOL,         /* bool; false */
    SETTING_SWITCH,       /* int, 0 or 1; -1 */
    SETTING_CHOICE,       /* int, of the words of `word`; -1 */
    SETTING_BIAS,         /* struct bias_list; empty */
    SETTING_LORA,         /* struct lora_list; empty */
    SETTING_OBJECT,       /* char *, a JSON object in one line; NULL */
    SETTING_OTHER,        /* code of its own; no field */
};

#define SETTING_C_STRING char *
#define SETTING_C_WORD char *
#define SETTING_C_STRINGS char **
#define SETTING_C_PAIRS char **
#define SETTING_C_NUMBER double
#define SETTING_C_WHOLE int
#define SETTING_C_LONG int64_t
#define SETTING_C_BOOL bool
#define SETTING_C_SWITCH int
#define SETTING_C_CHOICE int
#define SETTING_C_BIAS struct bias_list
#define SETTING_C_LORA struct lora_list
#define SETTING_C_OBJECT char *

/* The protocols in whose requests settings stand: columns of `wire`. */
enum wire {
    WIRE_OPENAI, WIRE_RESPONSES, WIRE_ANTHROPIC, WIRE_GEMINI, WIRE_OLLAMA,
    N_WIRES
};

/* In such a column: the dialect sends it by code of its own. */
#define WIRE_BY_CODE ""

/* How a model comes by a setting of its entry in "backends". */
enum setting_inherit {
    SETTING_INHERITED,
    SETTING_OF_ADDRESS, /* unless it has an address of its own */
    SETTING_BY_CODE,
};

struct setting {
    const char *key; /* in arena.json, the identity and the listing */
    enum setting_type type;
    size_t offset;   /* of the field in its struct */
    enum setting_part part;
    double min, max;
    const char *help; /* one sentence */

    const char *fits;   /* the backends that know it, words with blanks between;
                           "remote": all that ask a server; NULL: any */
    enum setting_inherit inherit;
    bool trusted;       /* not from a config that was found lying around */
    bool is_path;       /* in the identity without its folder */
    const char *wire[N_WIRES]; /* its names in requests, with blanks between,
                                  or WIRE_BY_CODE; NULL: the protocol has no
                                  word for it, or (in all columns) each dialect
                                  has code for it */
    const char *(*word)(int k); /* of a choice: from 0 on, NULL at the end */
};

#define SETTING_SEED_MAX 9007199254740991.0 /* 2^53 - 1: JSON has doubles */
#define SETTING_LARGE 1e9

/* How a server is reached: keys of a model and of an entry of "backends". */
#define SERVER_SETTINGS(X)                                                    \
    X(WHAT, WORD, base_url, "base_url", 0, 0,                                 \
      "Address that the protocol's paths are added to.",                      \
      .inherit = SETTING_BY_CODE, .fits = "remote")                           \
    X(ASIDE, BOOL, allow_http, "allow_http", 0, 0,                            \
      "Allow plain http to a machine other than this one.",                   \
      .inherit = SETTING_OF_ADDRESS, .fits = "remote")                        \
    X(ASIDE, WORD, key_env, "key_env", 0, 0,                                  \
      "Environment variable that holds the API key.",                         \
      .inherit = SETTING_BY_CODE, .fits = "remote exec")                      \
    X(ASIDE, WORD, key_command, "key_command", 0, 0,                          \
      "Command that prints the API key.",                                     \
      .inherit = SETTING_BY_CODE, .fits = "remote", .trusted = true)          \
    X(ASIDE, WORD, key_header, "key_header", 0, 0,                            \
      "Header that carries the API key, such as api-key; by default the "     \
      "protocol's own.", .inherit = SETTING_OF_ADDRESS, .fits = "remote")     \
    X(ASIDE, PAIRS, headers, "headers", 0, 0,                                 \
      "Further headers by name; ${VAR} in a value is that environment "       \
      "variable.",                                                            \
      .inherit = SETTING_OF_ADDRESS, .fits = "remote", .trusted = true)       \
    X(ASIDE, PAIRS, query, "query", 0, 0,                                     \
      "Query parameters of each address, by name; ${VAR} as in headers.",     \
      .inherit = SETTING_OF_ADDRESS, .fits = "remote")                        \
    X(ASIDE, WORD, ca_file, "ca_file", 0, 0,                                  \
      "File of the certificate authorities to trust, in place of the "        \
      "system's.",                                                            \
      .inherit = SETTING_OF_ADDRESS, .fits = "remote", .trusted = true)       \
    X(ASIDE, NUMBER, connect_timeout_s, "connect_timeout_s", 0.001, 86400,    \
      "Seconds to find the server and connect; 10 if not set.",               \
      .fits = "remote")                                                       \
    X(ASIDE, NUMBER, first_token_timeout_s, "first_token_timeout_s", 0.001,   \
      86400, "Seconds until the answer begins; 120 if not set, 300 on this "  \
      "machine.", .fits = "remote exec llama-server")                         \
    X(ASIDE, NUMBER, stall_timeout_s, "stall_timeout_s", 0.001, 86400,        \
      "Seconds that an answer may pause; 30 if not set.",                     \
      .fits = "remote exec llama-server")                                     \
    X(ASIDE, NUMBER, total_timeout_s, "total_timeout_s", 0.001, 86400,        \
      "Seconds that an answer may take in all; 600 if not set.",              \
      .fits = "remote exec llama-server")                                     \
    X(ASIDE, WHOLE, max_parallel, "max_parallel", 1, 1024,                    \
      "How many answers the server writes at once; no limit if not set.",     \
      .fits = "remote")                                                       \
    X(ASIDE, NUMBER, requests_per_minute, "requests_per_minute", 0.001, 1e6,  \
      "How many requests the server gets in a minute; no limit if not set.",  \
      .fits = "remote")                                                       \
    X(ASIDE, CHOICE, limit_field, "limit_field", 0, 0,                        \
      "Field of a request that limits the length of an answer.",              \
      .fits = "openai", .word = setting_limit_field)                          \
    X(ASIDE, CHOICE, think_field, "think_field", 0, 0,                        \
      "Field of a request that switches thinking.", .fits = "openai",         \
      .word = setting_think_field)

#define MODEL_SETTINGS(X, FLAG)                                               \
    X(ASIDE, WORD, name, "name", 0, 0, "Name on the leaderboard.")            \
    X(WHAT, WORD, provider, "backend", 0, 0,                                  \
      "What answers: local, a preset such as ollama or openai, or an entry "  \
      "of backends.")                                                         \
    X(WHAT, WORD, file_name, "file", 0, 0,                                    \
      "Weights file (GGUF or llama2.c); beside this file, else in the "       \
      "weights folder.", .fits = "local llama-server")                        \
    X(WHAT, WORD, tokenizer, "tokenizer", 0, 0,                               \
      "Tokenizer file of a llama2.c checkpoint.", .fits = "local",            \
      .is_path = true)                                                        \
    X(WHAT, WORD, template_name, "template", 0, 0,                            \
      "Chat template by name or file, in place of the weights' own.",         \
      .fits = "local", .is_path = true)                                       \
    X(HOW, BOOL, raw, "raw", 0, 0,                                            \
      "Complete the bare prompt, without a chat template.", .fits = "local")  \
    X(WHAT, WORD, id, "id", 0, 0, "The server's name of the model.",          \
      .fits = "remote")                                                       \
    SERVER_SETTINGS(X)                                                        \
    X(WHAT, STRINGS, command, "command", 0, 0,                                \
      "Program and arguments: reads the prompt, prints the answer; or what "  \
      "stands in place of llama-server.",                                     \
      .fits = "exec llama-server", .trusted = true, .is_path = true)          \
    X(WHAT, WORD, script, "script", 0, 0, "File with the answers to replay.", \
      .fits = "replay", .is_path = true)                                      \
    X(HOW, STRING, system, "system", 0, 0,                                    \
      "System prompt; \"\" for none at all.")                                 \
    FLAG("temp", "T", HOW, NUMBER, temperature, "temperature", 0, 10,         \
         "0 takes the likeliest token; higher is more varied.",               \
         .wire = {[WIRE_OPENAI] = "temperature",                              \
                  [WIRE_RESPONSES] = "temperature",                           \
                  [WIRE_ANTHROPIC] = "temperature",                           \
                  [WIRE_GEMINI] = "temperature",                              \
                  [WIRE_OLLAMA] = "temperature"})                             \
    FLAG("top-p", "P", HOW, NUMBER, top_p, "top_p", 0, 1,                     \
         "Sample from the likeliest tokens that make up this probability.",   \
         .wire = {[WIRE_OPENAI] = "top_p",                                    \
                  [WIRE_RESPONSES] = "top_p",                                 \
                  [WIRE_ANTHROPIC] = "top_p",                                 \
                  [WIRE_GEMINI] = "topP",                                     \
                  [WIRE_OLLAMA] = "top_p"})                                   \
    FLAG("min-p", "P", HOW, NUMBER, min_p, "min_p", 0, 1,                     \
         "Drop tokens less likely than this part of the likeliest.",          \
         .wire = {[WIRE_OPENAI] = "min_p",                                    \
                  [WIRE_OLLAMA] = "min_p"})                                   \
    FLAG("typical-p", "P", HOW, NUMBER, typical_p, "typical_p", 0, 1,         \
         "Locally typical sampling: keep this much of the probability.",      \
         .wire = {[WIRE_OPENAI] = "typical_p",                                \
                  [WIRE_OLLAMA] = "typical_p"})                               \
    FLAG("top-k", "K", HOW, WHOLE, top_k, "top_k", 0, 1e6,                    \
         "Sample from this many of the likeliest tokens; 0 for all.",         \
         .wire = {[WIRE_OPENAI] = "top_k",                                    \
                  [WIRE_ANTHROPIC] = "top_k",                                 \
                  [WIRE_GEMINI] = "topK",                                     \
                  [WIRE_OLLAMA] = "top_k"})                                   \
    /* llama.cpp's name and vLLM's; each ignores the other's. */              \
    FLAG("repeat-penalty", "R", HOW, NUMBER, repeat_penalty,                  \
         "repeat_penalty", 0.01, 100,                                         \
         "Makes tokens that were there before less likely; 1 is off.",        \
         .wire = {[WIRE_OPENAI] = "repeat_penalty repetition_penalty",        \
                  [WIRE_OLLAMA] = "repeat_penalty"})                          \
    FLAG("repeat-last-n", "N", HOW, WHOLE, repeat_last_n, "repeat_last_n", 0, \
         65536, "How many tokens back the penalties look; 64 if not set.",    \
         .fits = "local ollama",                                              \
         .wire = {[WIRE_OLLAMA] = "repeat_last_n"})                           \
    FLAG("frequency-penalty", "F", HOW, NUMBER, frequency_penalty,            \
         "frequency_penalty", -100, 100,                                      \
         "The same, by how often a token was there; 0 is off.",               \
         .wire = {[WIRE_OPENAI] = "frequency_penalty",                        \
                  [WIRE_GEMINI] = "frequencyPenalty",                         \
                  [WIRE_OLLAMA] = "frequency_penalty"})                       \
    FLAG("presence-penalty", "F", HOW, NUMBER, presence_penalty,              \
         "presence_penalty", -100, 100,                                       \
         "The same, by whether a token was there; 0 is off.",                 \
         .wire = {[WIRE_OPENAI] = "presence_penalty",                         \
                  [WIRE_GEMINI] = "presencePenalty",                          \
                  [WIRE_OLLAMA] = "presence_penalty"})                        \
    FLAG("dry-multiplier", "M", HOW, NUMBER, dry_multiplier,                  \
         "dry_multiplier", 0, 100,                                            \
         "DRY: makes tokens less likely that would prolong a repetition; 0 "  \
         "is off, 0.8 usual.", .fits = "local")                               \
    FLAG("dry-base", "B", HOW, NUMBER, dry_base, "dry_base", 1, 100,          \
         "DRY: how the penalty grows with each token of the repetition; "     \
         "1.75 if not set.", .fits = "local")                                 \
    FLAG("dry-allowed-length", "N", HOW, WHOLE, dry_allowed_length,           \
         "dry_allowed_length", 0, 1e6,                                        \
         "DRY: shorter repetitions are free; 2 if not set.",                  \
         .fits = "local")                                                     \
    FLAG("mirostat-tau", "BITS", HOW, NUMBER, mirostat_tau, "mirostat_tau",   \
         0, 100,                                                              \
         "Mirostat 2: the surprise to aim at in bits, in place of top_k, "    \
         "top_p, min_p and typical_p; 0 is off, 5 usual.", .fits = "local")   \
    FLAG("mirostat-eta", "E", HOW, NUMBER, mirostat_eta, "mirostat_eta", 0,   \
         10, "Mirostat 2: how fast it corrects itself; 0.1 if not set.",      \
         .fits = "local")                                                     \
    FLAG("logit-bias", "'{\" the\": -5}'", HOW, BIAS, logit_bias,             \
         "logit_bias", 0, 0,                                                  \
         "Tokens, by number or (local) by text, and what is added to the "    \
         "logit of each; -100 forbids it.",                                   \
         .wire = {[WIRE_OPENAI] = "logit_bias"})                              \
    X(HOW, WHOLE, max_tokens, "max_tokens", 1, 1e6,                           \
      "Length at which its answers are cut; by default the arena's.")         \
    X(HOW, WHOLE, n_ctx, "context", 16, 1 << 24,                              \
      "Tokens of context; by default what the weights and memory allow.",     \
      .fits = "local ollama llama-server",                                    \
      .wire = {[WIRE_OLLAMA] = "num_ctx"})                                    \
    X(HOW, SWITCH, think, "think", 0, 1,                                      \
      "Whether the model thinks before it answers, if it can be told.")       \
    X(HOW, WHOLE, best_of, "best_of", 1, 64,                                  \
      "Ask it so many times at once, in battles and runs, and take the "      \
      "answer that agrees most with the others.")                             \
    X(HOW, WORD, best_judge, "best_judge", 0, 0,                              \
      "Of best_of: the model of this file that chooses instead.")             \
    X(HOW, LONG, seed, "seed", 0, SETTING_SEED_MAX,                           \
      "Seed of its sampling; by default a new one for each battle.",          \
      .wire = {[WIRE_OPENAI] = "seed",                                        \
               [WIRE_GEMINI] = "seed",                                        \
               [WIRE_OLLAMA] = "seed"})                                       \
    X(HOW, OBJECT, template_args, "template_args", 0, 0,                      \
      "Variables of the chat template, such as reasoning_effort.",            \
      .fits = "local")                                                        \
    X(HOW, WORD, think_effort, "think_effort", 0, 0,                          \
      "How hard it thinks, in the server's words, such as low or high.",      \
      .fits = "remote",                                                       \
      .wire = {[WIRE_OPENAI] = "reasoning_effort",                            \
               [WIRE_RESPONSES] = WIRE_BY_CODE,                               \
               [WIRE_ANTHROPIC] = WIRE_BY_CODE,                               \
               [WIRE_GEMINI] = WIRE_BY_CODE,                                  \
               [WIRE_OLLAMA] = WIRE_BY_CODE})                                 \
    X(HOW, WHOLE, think_budget, "think_budget", 1, 1e6,                       \
      "Tokens that it may think for, on top of max_tokens.",                  \
      .fits = "remote")                                                       \
    X(HOW, LORA, lora, "lora", 0, 0,                                          \
      "LoRA adapters (GGUF) of its weights, each with a scale, 1 if not set: "\
      "[{ \"file\": \"a.gguf\", \"scale\": 0.5 }].",                          \
      .fits = "local")                                                        \
    X(ASIDE, SWITCH, lookup, "lookup", 0, 1,                                  \
      "Whether a pass also checks guesses at the next tokens, taken from "    \
      "earlier text; no answer changes. On if not set.", .fits = "local")     \
    X(WHAT, STRINGS, args, "args", 0, 0,                                      \
      "Further arguments of llama-server.", .fits = "llama-server",           \
      .trusted = true)                                                        \
    X(HOW, CHOICE, input, "input", 0, 0,                                      \
      "What the program reads: the conversation as JSON, or the bare prompt " \
      "as text.", .fits = "exec", .word = setting_exec_input)                 \
    X(HOW, CHOICE, output, "output", 0, 0,                                    \
      "What the program prints: the answer as text, or a JSON object per "    \
      "line.", .fits = "exec", .word = setting_exec_output)                   \
    FLAG("kv", "f16|q8", HOW, CHOICE, kv, "kv", 0, 0,                         \
         "What keys and values are kept in: q8 takes half the memory of f16, "\
         "and long contexts are faster.", .fits = "local",                    \
         .word = setting_kv)                                                  \
    X(ASIDE, NUMBER, weight, "weight", 0, SETTING_LARGE,                      \
      "How often it is drawn, against the others' 1; 0 for never.")           \
    X(ASIDE, NUMBER, price_in, "price_in", 0, SETTING_LARGE,                  \
      "Price of a million tokens read.")                                      \
    X(ASIDE, NUMBER, price_out, "price_out", 0, SETTING_LARGE,                \
      "Price of a million tokens written.")                                   \
    X(ASIDE, NUMBER, price_cached, "price_cached", 0, SETTING_LARGE,          \
      "Price of a million tokens read that the server knew before; price_in " \
      "if not set.")                                                          \
    X(ASIDE, WHOLE, logprobs, "logprobs", 1, 20,                              \
      "How many of the likeliest tokens the server can tell with each; as a " \
      "judge it is then read by probabilities, and with an answer of a "      \
      "battle it tells how sure it was of each.",                             \
      .fits = "openai llama-server")                                          \
    X(ASIDE, SWITCH, json_schema, "json_schema", 0, 1,                        \
      "Whether the server can hold an answer to a JSON Schema; as a judge it "\
      "then gives its verdict so.", .fits = "openai llama-server ollama")     \
    X(ASIDE, STRINGS, tags, "tags", 0, 0,                                     \
      "Words of your own about it; arena does not read them.")

/* The fields of a struct that has the settings of a list. */
#define SETTING_FIELD(part_, type_, field_, ...) SETTING_C_##type_ field_;
#define SETTING_FLAG_FIELD(flag_, value_, ...) SETTING_FIELD(__VA_ARGS__)

/* A row of a table over struct `owner`. */
#define SETTING_ROW(owner_, part_, type_, field_, key_, min_, max_, ...)      \
    {.key = key_, .type = SETTING_##type_,                                    \
     .offset = offsetof(struct owner_, field_), .part = SETTING_##part_,      \
     .min = min_, .max = max_, .help = __VA_ARGS__}

/* The help of a row, from what stands behind its range. */
#define SETTING_HELP(...) SETTING_FIRST(__VA_ARGS__, )
#define SETTING_FIRST(help_, ...) help_

struct setting_table {
    const struct setting *rows;
    size_t n;
};
#define SETTING_TABLE(rows_) {rows_, sizeof(rows_) / sizeof(rows_[0])}

/* The row with this key, or NULL. */
const struct setting *setting_find(const struct setting_table *t,
                                   const char *key);

/* The field of a row in a struct of its table. */
void *setting_field(const struct setting *s, void *owner);
const void *setting_value(const struct setting *s, const void *owner);

/* Sets a field to its unset value, without releasing what was there. */
void setting_unset(const struct setting *s, void *owner);
bool setting_is_set(const struct setting *s, const void *owner);

/* Releases what a field owns, and unsets it. */
void setting_free(const struct setting *s, void *owner);

/* Makes of the field in `to`, whose contents are not released, a copy of the
 * one in `from`. */
void setting_copy(const struct setting *s, void *to, const void *from);

/* The same between two structs whose rows are of one type, if the field is set
 * in `from` and not in `to`. */
void setting_inherit(const struct setting *s, void *to,
                     const struct setting *s_from, const void *from);

/* Appends the value as JSON; of a field that is set. */
void setting_add_json(const struct setting *s, const void *owner,
                      struct buf *out);

/* Appends "key value" for people; of a field that is set. */
void setting_say(const struct setting *s, const void *owner, struct buf *out);

/* Whether a server can be told it by a protocol: false if only other protocols
 * have a word for it, or it fits none that asks a server. */
bool setting_can_be_sent(const struct setting *s, enum wire wire);

/* Whether `list`, words with blanks between, has the word s[0..n). */
bool setting_has_word(const char *list, const char *s, size_t n);

/* Takes the next word off such a list.  False: there is none left. */
bool setting_next_word(const char **list, char word[64]);

/* What "limit_field" may be: fields of an OpenAI request.  Unset: the first. */
enum { LIMIT_MAX_TOKENS, LIMIT_MAX_COMPLETION_TOKENS };
const char *setting_limit_field(int k);

/* What "input" and "output" may be.  Unset: the first. */
enum { EXEC_INPUT_JSON, EXEC_INPUT_TEXT };
const char *setting_exec_input(int k);
enum { EXEC_OUTPUT_TEXT, EXEC_OUTPUT_JSON };
const char *setting_exec_output(int k);

/* What "kv" may be.  Unset: the first. */
enum { KV_F16, KV_Q8 };
const char *setting_kv(int k);

/* What "think_field" may be: X(NAME, field, value that switches thinking off,
 * and on), as there is no agreed way.  Unset: the first. */
#define THINK_FIELDS(X)                                                       \
    /* llama.cpp, vLLM, SGLang */                                             \
    X(TEMPLATE, "chat_template_kwargs", "{\"enable_thinking\":false}",        \
      "{\"enable_thinking\":true}")                                           \
    /* OpenAI, Ollama */                                                      \
    X(EFFORT, "reasoning_effort", "\"none\"", "\"medium\"")                   \
    /* OpenRouter */                                                          \
    X(REASONING, "reasoning", "{\"enabled\":false}", "{\"enabled\":true}")

#define THINK_FIELD_NUMBER(name, field, off, on) THINK_FIELD_##name,
enum { THINK_FIELDS(THINK_FIELD_NUMBER) };
#undef THINK_FIELD_NUMBER

const char *setting_think_field(int k);

/* The JSON value that switches thinking on or off; k: one of the above. */
const char *setting_think_value(int k, bool on);

#endif
