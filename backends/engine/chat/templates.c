/* The chat formats that are known.
 *
 * Sources: the chat_template of the models' own tokenizer_config.json, and for
 * those of before such files: tatsu-lab/stanford_alpaca (README), lm-sys/
 * FastChat (conversation.py), mistralai/cookbook (chat_templates.md). */
#include "backends/engine/chat/chat.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"

/* "<|im_start|>ROLE\n…<|im_end|>\n" */
#define CHATML_TURNS                                           \
    .system = {"<|im_start|>system\n", "<|im_end|>\n"},        \
    .user = {"<|im_start|>user\n", "<|im_end|>\n"},            \
    .assistant = {"<|im_start|>assistant\n", "<|im_end|>\n"}

#define LLAMA3_TURNS(system_begins)                                         \
    .system = {"<|start_header_id|>system<|end_header_id|>\n\n"             \
               system_begins, "<|eot_id|>"},                                \
    .user = {"<|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|>"}, \
    .assistant = {"<|start_header_id|>assistant<|end_header_id|>\n\n",      \
                  "<|eot_id|>"},                                            \
    .generate = "<|start_header_id|>assistant<|end_header_id|>\n\n"

#define DEEPSEEK3_TURNS                       \
    .system = {"", ""},                       \
    .user = {"<｜User｜>", ""},               \
    .assistant = {"<｜Assistant｜>", CHAT_EOS}

/* Tried in this order: the more special before the more general. */
static const struct chat_template templates[] = {
    {.name = "phi4",
     .has = {"<|im_start|>", "<|im_sep|>"},
     .system = {"<|im_start|>system<|im_sep|>", "<|im_end|>"},
     .user = {"<|im_start|>user<|im_sep|>", "<|im_end|>"},
     .assistant = {"<|im_start|>assistant<|im_sep|>", "<|im_end|>"},
     .generate = "<|im_start|>assistant<|im_sep|>"},
    {.name = "smollm3-undated", /* as Unsloth has it */
     .has = {"<|im_start|>", "Reasoning Mode: ", "## Custom Instructions"},
     .lacks = "Today Date: ",
     .traits = CHAT_RARE | CHAT_SYSTEM_ALWAYS | CHAT_FILE_SYSTEM |
               CHAT_SMOLLM3_HEADER | CHAT_UNDATED,
     .system = {"<|im_start|>system\n", "\n\n<|im_end|>\n"},
     .user = {"<|im_start|>user\n", "<|im_end|>\n"},
     .assistant = {"<|im_start|>assistant\n", "<|im_end|>\n"},
     .generate = "<|im_start|>assistant\n",
     .no_thinking = "<think>\n\n</think>\n"},
    {.name = "smollm3",
     .has = {"<|im_start|>", "Reasoning Mode: ", "## Custom Instructions"},
     .traits = CHAT_SYSTEM_ALWAYS | CHAT_FILE_SYSTEM | CHAT_SMOLLM3_HEADER,
     .system = {"<|im_start|>system\n", "\n\n"}, /* it is not closed */
     .user = {"<|im_start|>user\n", "<|im_end|>\n"},
     .assistant = {"<|im_start|>assistant\n", "<|im_end|>\n"},
     .generate = "<|im_start|>assistant\n",
     .no_thinking = "<think>\n\n</think>\n"},
    {.name = "qwen3-thinking",
     .has = {"<|im_start|>assistant\n<think>\n'"},
     .traits = CHAT_RARE | CHAT_DROP_THINKING | CHAT_FILE_SYSTEM,
     CHATML_TURNS,
     .generate = "<|im_start|>assistant\n<think>\n"},
    {.name = "qwen3",
     .has = {"<|im_start|>", "enable_thinking", "<think>\n\n</think>"},
     .traits = CHAT_DROP_THINKING | CHAT_FILE_SYSTEM,
     CHATML_TURNS,
     .generate = "<|im_start|>assistant\n",
     .no_thinking = "<think>\n\n</think>\n\n"},
    {.name = "chatml",
     .has = {"<|im_start|>"},
     .lacks = "<end_of_utterance>",
     .traits = CHAT_FILE_SYSTEM,
     CHATML_TURNS,
     .generate = "<|im_start|>assistant\n"},
    {.name = "mistral-v7",
     .has = {"[INST]", "[SYSTEM_PROMPT] "},
     .traits = CHAT_FILE_SYSTEM,
     .system = {"[SYSTEM_PROMPT] ", "[/SYSTEM_PROMPT]"},
     .user = {"[INST] ", "[/INST]"},
     .assistant = {" ", CHAT_EOS}},
    {.name = "mistral-v7-tekken",
     .has = {"[INST]", "[SYSTEM_PROMPT]"},
     .traits = CHAT_RARE | CHAT_FILE_SYSTEM,
     .system = {"[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"},
     .user = {"[INST]", "[/INST]"},
     .assistant = {"", CHAT_EOS}},
    {.name = "mistral-v3-tekken",
     .has = {"\"[INST]\"", "[AVAILABLE_TOOLS]"},
     .traits = CHAT_RARE | CHAT_SYSTEM_IN_LAST,
     .system = {"", "\n\n"},
     .user = {"[INST]", "[/INST]"},
     .assistant = {"", CHAT_EOS}},
    {.name = "mistral-v3",
     .has = {"[INST]", "[AVAILABLE_TOOLS]"},
     .traits = CHAT_SYSTEM_IN_LAST | CHAT_TRIM_ANSWER,
     .system = {"", "\n\n"},
     .user = {"[INST] ", "[/INST]"},
     .assistant = {" ", CHAT_EOS}},
    {.name = "llama2",
     .has = {"[INST]", "<<SYS>>"},
     .traits = CHAT_SYSTEM_IN_USER | CHAT_TRIM | CHAT_FILE_SYSTEM,
     .system = {"<<SYS>>\n", "\n<</SYS>>\n\n"},
     .user = {CHAT_BOS "[INST] ", " [/INST]"},
     .assistant = {" ", " " CHAT_EOS}},
    {.name = "mistral-v1",
     .has = {"[INST]"},
     .traits = CHAT_SYSTEM_IN_USER,
     .system = {"", "\n\n"},
     .user = {"[INST] ", " [/INST]"},
     .assistant = {" ", CHAT_EOS}},
    {.name = "phi4-mini",
     .has = {"<|assistant|>", "<|end|>", "<|/tool|>"},
     .traits = CHAT_RARE,
     .system = {"<|system|>", "<|end|>"},
     .user = {"<|user|>", "<|end|>"},
     .assistant = {"<|assistant|>", "<|end|>"},
     .generate = "<|assistant|>"},
    {.name = "phi3",
     .has = {"<|assistant|>", "<|end|>"},
     .lacks = "[BEGIN FINAL RESPONSE]", /* Apriel's turns are others */
     .system = {"<|system|>\n", "<|end|>\n"},
     .user = {"<|user|>\n", "<|end|>\n"},
     .assistant = {"<|assistant|>\n", "<|end|>\n"},
     .generate = "<|assistant|>\n"},
    {.name = "olmo2",
     .has = {"<|assistant|>", "<|user|>\n' + message['content'] + '\n'",
             "bos_token"},
     .traits = CHAT_RARE,
     .begin = CHAT_BOS,
     .system = {"<|system|>\n", "\n"},
     .user = {"<|user|>\n", "\n"},
     .assistant = {"<|assistant|>\n", CHAT_EOS "\n"},
     .generate = "<|assistant|>\n"},
    {.name = "falcon3", /* and Tulu before OLMo 2 */
     .has = {"<|assistant|>", "<|user|>\n' + message['content'] + '\n'"},
     .traits = CHAT_RARE,
     .system = {"<|system|>\n", "\n"},
     .user = {"<|user|>\n", "\n"},
     .assistant = {"<|assistant|>\n", CHAT_EOS "\n"},
     .generate = "<|assistant|>\n"},
    {.name = "zephyr",
     .has = {"<|assistant|>", "<|user|>\n", "eos_token"},
     .lacks = "<|end|>",
     .system = {"<|system|>\n", CHAT_EOS "\n"},
     .user = {"<|user|>\n", CHAT_EOS "\n"},
     .assistant = {"<|assistant|>\n", CHAT_EOS "\n"},
     .generate = "<|assistant|>\n"},
    {.name = "stablelm-zephyr",
     .has = {"<|assistant|>", "<|user|>\n", "<|endoftext|>"},
     .traits = CHAT_RARE,
     .system = {"<|system|>\n", "<|endoftext|>\n"},
     .user = {"<|user|>\n", "<|endoftext|>\n"},
     .assistant = {"<|assistant|>\n", "<|endoftext|>\n"},
     .generate = "<|assistant|>\n"},
    {.name = "granite",
     .has = {"<|start_of_role|>", "<|end_of_role|>"},
     .traits = CHAT_FILE_SYSTEM,
     .system = {"<|start_of_role|>system<|end_of_role|>",
                "<|end_of_text|>\n"},
     .user = {"<|start_of_role|>user<|end_of_role|>", "<|end_of_text|>\n"},
     .assistant = {"<|start_of_role|>assistant<|end_of_role|>",
                   "<|end_of_text|>\n"},
     .generate = "<|start_of_role|>assistant<|end_of_role|>"},
    /* Its program falls back to this date where the program is not told one;
     * with the day's own date answers would not be repeatable. */
    {.name = "llama3.1",
     .has = {"<|start_header_id|>", "Cutting Knowledge Date"},
     .traits = CHAT_SYSTEM_ALWAYS | CHAT_TRIM,
     LLAMA3_TURNS("Cutting Knowledge Date: December 2023\n"
                  "Today Date: 26 Jul 2024\n\n")},
    {.name = "llama3",
     .has = {"<|start_header_id|>", "<|end_header_id|>"},
     .lacks = ">>>", /* Functionary's answers begin with who is spoken to */
     .traits = CHAT_TRIM,
     LLAMA3_TURNS("")},
    {.name = "gemma",
     .has = {"<start_of_turn>", "<end_of_turn>"},
     .traits = CHAT_SYSTEM_IN_USER | CHAT_TRIM,
     .system = {"", "\n\n"},
     .user = {"<start_of_turn>user\n", "<end_of_turn>\n"},
     .assistant = {"<start_of_turn>model\n", "<end_of_turn>\n"},
     .generate = "<start_of_turn>model\n"},
    {.name = "deepseek-r1",
     .has = {"<｜User｜>", "<｜Assistant｜><think>\n"},
     .traits = CHAT_DROP_THINKING,
     DEEPSEEK3_TURNS,
     .generate = "<｜Assistant｜><think>\n"},
    {.name = "deepseek3",
     .has = {"<｜User｜>", "<｜Assistant｜>"},
     .traits = CHAT_DROP_THINKING,
     DEEPSEEK3_TURNS,
     .generate = "<｜Assistant｜>"},
    {.name = "deepseek-coder",
     .has = {"### Instruction:", "### Response:", "<|EOT|>"},
     .traits = CHAT_RARE | CHAT_FILE_SYSTEM,
     .system = {"", ""},
     .user = {"### Instruction:\n", "\n"},
     .assistant = {"### Response:\n", "\n<|EOT|>\n"},
     .generate = "### Response:\n"},
    {.name = "alpaca",
     .has = {"### Instruction:", "### Response:"},
     .system = {"", "\n\n"},
     .user = {"### Instruction:\n", "\n\n"},
     .assistant = {"### Response:\n", CHAT_EOS "\n\n"},
     .generate = "### Response:\n",
     .system_text = "Below is an instruction that describes a task. Write a "
                    "response that appropriately completes the request."},
    {.name = "vicuna",
     .has = {"USER: ", "ASSISTANT:"},
     .system = {"", " "},
     .user = {"USER: ", " "},
     .assistant = {"ASSISTANT: ", CHAT_EOS},
     .generate = "ASSISTANT:",
     .system_text = "A chat between a curious user and an artificial "
                    "intelligence assistant. The assistant gives helpful, "
                    "detailed, and polite answers to the user's questions."},
    {.name = "command-r",
     .has = {"<|START_OF_TURN_TOKEN|>", "<|CHATBOT_TOKEN|>"},
     .traits = CHAT_RARE | CHAT_TRIM,
     .system = {"<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>",
                "<|END_OF_TURN_TOKEN|>"},
     .user = {"<|START_OF_TURN_TOKEN|><|USER_TOKEN|>",
              "<|END_OF_TURN_TOKEN|>"},
     .assistant = {"<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
                   "<|END_OF_TURN_TOKEN|>"},
     .generate = "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>"},
    {.name = "openchat",
     .has = {"GPT4 Correct "},
     .traits = CHAT_RARE,
     .system = {"", "<|end_of_turn|>"},
     .user = {"GPT4 Correct User: ", "<|end_of_turn|>"},
     .assistant = {"GPT4 Correct Assistant: ", "<|end_of_turn|>"},
     .generate = "GPT4 Correct Assistant:"},
    {.name = "exaone",
     .has = {"[|assistant|]", "[|endofturn|]"},
     .traits = CHAT_RARE | CHAT_TRIM,
     .system = {"[|system|]", "[|endofturn|]\n"},
     .user = {"[|user|]", "\n"},
     .assistant = {"[|assistant|]", "[|endofturn|]\n"},
     .generate = "[|assistant|]"},
    {.name = "minicpm",
     .has = {"<用户>", "<AI>"},
     .traits = CHAT_RARE | CHAT_TRIM,
     .system = {"", ""},
     .user = {"<用户>", "<AI>"},
     .assistant = {"", ""}},
    {.name = "megrez",
     .has = {"<|role_start|>", "<|role_end|>", "<|turn_end|>"},
     .traits = CHAT_RARE | CHAT_FILE_SYSTEM,
     .system = {"<|role_start|>system<|role_end|>", "<|turn_end|>"},
     .user = {"<|role_start|>user<|role_end|>", "<|turn_end|>"},
     .assistant = {"<|role_start|>assistant<|role_end|>", "<|turn_end|>"},
     .generate = "<|role_start|>assistant<|role_end|>"},
    {.name = "monarch",
     .has = {"bos_token + message['role'] + '\n'", "eos_token + '\n'"},
     .traits = CHAT_RARE,
     .system = {CHAT_BOS "system\n", CHAT_EOS "\n"},
     .user = {CHAT_BOS "user\n", CHAT_EOS "\n"},
     .assistant = {CHAT_BOS "assistant\n", CHAT_EOS "\n"},
     .generate = CHAT_BOS "assistant\n"},
    {.name = "deepseek",
     .has = {"User: ", "Assistant: ", "eos_token"},
     .traits = CHAT_RARE,
     .system = {"", "\n\n"},
     .user = {"User: ", "\n\n"},
     .assistant = {"Assistant: ", CHAT_EOS},
     .generate = "Assistant:"},
};

#define N_TEMPLATES (sizeof(templates) / sizeof(*templates))

const struct chat_template *chat_find(const char *name)
{
    for (size_t i = 0; i < N_TEMPLATES; i++)
        if (strcmp(templates[i].name, name) == 0)
            return &templates[i];
    return NULL;
}

static bool fits(const struct chat_template *t, const char *program)
{
    for (size_t i = 0; i < sizeof(t->has) / sizeof(*t->has); i++)
        if (t->has[i] != NULL && strstr(program, t->has[i]) == NULL)
            return false;
    return t->lacks == NULL || strstr(program, t->lacks) == NULL;
}

const struct chat_template *chat_match(const char *program)
{
    for (size_t i = 0; i < N_TEMPLATES; i++)
        if (fits(&templates[i], program))
            return &templates[i];
    return NULL;
}

char *chat_normalize(const char *program, size_t n)
{
    char *out = mem_calloc(n + 1, 1), *p = out;
    for (size_t i = 0; i < n && program[i] != '\0'; i++) {
        bool newline = program[i] == '\\' && i + 1 < n &&
                       program[i + 1] == 'n';
        *p++ = newline ? '\n' : program[i];
        i += newline;
    }
    return out;
}

void chat_list(bool all, struct buf *out)
{
    for (size_t i = 0; i < N_TEMPLATES; i++)
        if (all || !(templates[i].traits & CHAT_RARE))
            buf_addf(out, "%s ", templates[i].name);
    buf_add_str(out, "none");
}

const char *chat_nearest(const char *name)
{
    struct nearest near;
    nearest_init(&near, name);
    for (size_t i = 0; i < N_TEMPLATES; i++)
        nearest_offer(&near, templates[i].name);
    return near.best;
}
