/* What gives a model away is hidden; what merely looks like it is not. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/blind/leak.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/utf8.h"

static struct leak_words words;

static int make(void **state)
{
    (void)state;
    leak_words_init(&words);
    leak_words_add_name(&words, "zorblax9");
    leak_words_add_name(&words, "acme/vimtrop3-8b:q4");
    leak_words_add_name(&words, "SmolLM2-135M-Instruct");
    leak_words_add_name(&words, "terse");
    leak_words_add_name(&words, "blue-heron");
    leak_words_add_name(&words, "anthropic/claude-opus-4-1");
    leak_words_add(&words, "Professor Quibble", LEAK_ANYWHERE);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    leak_words_free(&words);
    return 0;
}

/* What is shown of a text that comes in pieces of `piece` bytes. */
static bool shown(const char *text, size_t piece, struct buf *out)
{
    struct leak_scan s;
    size_t n = strlen(text);
    buf_clear(out);
    leak_scan_init(&s, &words);
    for (size_t have = piece; have < n; have += piece) {
        size_t before = out->len;
        leak_scan_step(&s, text, have, false, out);
        assert_true(out->len >= before && s.at <= have);
    }
    leak_scan_step(&s, text, n, true, out);
    assert_int_equal(s.at, n);
    return s.found;
}

static void assert_shown(const char *text, const char *want)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    for (size_t piece = 1; piece <= strlen(text) + 1; piece++) {
        bool found = shown(text, piece, &out);
        assert_string_equal(out.data, want);
        assert_int_equal(found, strcmp(text, want) != 0);
    }
    buf_free(&out);
}

static void names_are_hidden(void **state)
{
    (void)state;
    assert_shown("I am zorblax9.", "I am [hidden].");
    assert_shown("zorblax9", "[hidden]");
    assert_shown("(Zorblax9)", "([hidden])");
    assert_shown("Ask VIMTROP3-8B about it!", "Ask [hidden] about it!");
    assert_shown("vimtrop3 8b", "[hidden]");
    assert_shown("As Claude, I cannot.", "As [hidden], I cannot.");
    assert_shown("I'm ChatGPT, made by OpenAI.",
                 "I'm [hidden], made by [hidden].");
    assert_shown("I am GPT-4o mini.", "I am [hidden]-4o mini.");
    assert_shown("I was trained by Meta AI in 2023",
                 "I was trained by [hidden] in 2023");
    assert_shown("I am a language model developed by Hugging Face.",
                 "I am a language model developed by [hidden].");
    assert_shown("I am SmolLM2!", "I am [hidden]2!");
    assert_shown("I am Terse.", "I am [hidden].");
    /* What stands behind the first word tells which of a family it is. */
    assert_shown("I am Blue Heron.", "I am [hidden].");
    assert_shown("I'm Claude Opus!", "I'm [hidden]!");
    assert_shown("As Claude Opus, I cannot.", "As [hidden], I cannot.");
    assert_shown("I am Claude Opus 4.1.", "I am [hidden].");
    assert_shown("Meet Professor Quibble", "Meet [hidden]");
    /* An answer begins with its speaker's name. */
    assert_shown("SmolLM,\n\nThere are 300 cents.",
                 "[hidden],\n\nThere are 300 cents.");
    assert_shown("**Qwen2.5**: yes", "**[hidden]2.5**: yes");
    assert_shown("# Qwen: hello", "# [hidden]: hello");
    assert_shown("> \"Qwen, at your service", "> \"[hidden], at your service");
    assert_shown("Qwen, GPT, and more", "[hidden], GPT, and more");
    assert_shown("我是通义千问，由阿里云开发。",
                 "我是[hidden]，由[hidden]开发。");
    assert_shown("Ich bin Mistral.", "Ich bin [hidden].");
    assert_shown("Меня зовут Gemini", "Меня зовут [hidden]");
    assert_shown("Je m'appelle Le Chat, de Mistral.",
                 "Je m'appelle Le Chat, de [hidden].");
}

/* The screen shows neither colours nor the marks of Markdown. */
static void what_the_screen_drops_hides_no_name(void **state)
{
    (void)state;
    assert_shown("zor\x1B[1;31mblax\x1B[0m9", "[hidden]");
    assert_shown("zor\x1B[m\\blax**9**", "[hidden]**");
    assert_shown("zor\x1B[2Jblax9", "zor\x1B[2Jblax9");
}

static void innocent_words_stay(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Claude Monet painted water lilies.",
        "My favourite painter is Claude Monet. He was French.",
        "A llama is a domesticated animal from South America.",
        "Search for it on Google, or ask at Microsoft.",
        "I was at home. Google Maps showed the way.",
        "Palm oil, a falcon, an orca and a bloom of algae.",
        "Use the command line: this is a command that lists files.",
        "The Bard of Avon wrote many plays.",
        "My zodiac sign is Gemini, and hers too.",
        "A terse answer is called terse.",
        "I saw a blue heron, and I am not a blue heron.",
        "Claude painted, and his magnum opus hangs here.",
        "Phi is the golden ratio, 1.618.",
        "I am happy to help! Here are three apples from the market.",
        "I am going to explain. First, meta-analysis combines studies.",
        "He took command of the solar sail, a granite ship named Nova.",
        "The company was founded by Bill Gates at Microsoft.",
        "gptel is an Emacs package",
        "Open models include Llama and Mistral.",
        "As llamas graze, falcons fly.",
        "zorblax99x zorblaxian",
        "I am an alpaca farmer by trade.",
        "int i = 0; /* i am a comment */ return claude_count(i);",
        "Sono le tre.", "Soy feliz.", "私は学生です。", "我是学生。",
        "Dear Sir, my name is John and I live at the lake.",
        "1. Preheat the oven. 2. Mix flour, eggs and sugar.",
        "https://google.com/search?q=claude",
        "ChatGPT is a program, and Qwen another one.",
        "Qwen", "Qwen2.5", "Qwen. Then Llama: both.",
        "Claude, thank you for your letter.", "Gemini: the twins.",
        "Compared: Qwen, Llama and Mistral.",
    };
    struct buf out;
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        for (size_t piece = 1; piece < 9; piece += 3)
            if (shown(texts[i], piece, &out))
                fail_msg("hidden in: %s -> %s", texts[i], out.data);
    buf_free(&out);
}

/* --- disguises ------------------------------------------------------------ */

enum disguise { PLAIN, UPPER, ZERO_WIDTH, MARKDOWN, SPACED, FULL_WIDTH,
                HOMOGLYPH, N_DISGUISES };

static void disguise(const char *name, enum disguise how, struct rng *rng,
                     struct buf *out)
{
    static const struct {
        char ascii;
        const char *twin;
    } twins[] = {{'a', "а"}, {'e', "е"}, {'o', "ο"}, {'p', "р"}, {'c', "с"},
                 {'i', "і"}, {'x', "х"}, {'s', "ѕ"}, {'t', "т"}, {'m', "м"},
                 {'n', "ո"}, {'l', "ʟ"}, {'d', "ԁ"}, {'g', "ɡ"}, {'r', "ʀ"}};
    if (how == MARKDOWN)
        buf_add_str(out, "**");
    for (const char *p = name; *p != '\0'; p++) {
        char c = *p;
        const char *twin = NULL;
        for (size_t i = 0; i < sizeof(twins) / sizeof(twins[0]); i++)
            if (twins[i].ascii == c)
                twin = twins[i].twin;
        if (how == UPPER && c >= 'a' && c <= 'z')
            buf_add_char(out, (char)(c - 'a' + 'A'));
        else if (how == FULL_WIDTH && c > ' ')
            buf_add_utf8(out, 0xFF00u + (unsigned char)c - 0x20);
        else if (how == HOMOGLYPH && twin != NULL && rng_below(rng, 2) == 0)
            buf_add_str(out, twin);
        else
            buf_add_char(out, c);
        if (how == ZERO_WIDTH && rng_below(rng, 2) == 0)
            buf_add_utf8(out, rng_below(rng, 2) ? 0x200B : 0x2060);
        if (how == MARKDOWN && p == name)
            buf_add_str(out, "**_");
        if (how == SPACED && p[1] != '\0')
            buf_add_char(out, p == name + 2 ? '-' : ' ');
    }
    if (how == MARKDOWN)
        buf_add_str(out, "_");
}

/* Self-namings, plain and disguised, in pieces: how many are found. */
static void disguises_are_seen_through(void **state)
{
    (void)state;
    static const char *const frames[] = {
        "Hello! I am %s, and I am glad to help.", "I'm %s.",
        "My name is %s. How can I help?", "Sure. As you asked: I am %s",
        "You are talking to %s now.", "I am a large language model, %s, here.",
        "As %s, I would say no.", "Ich bin %s und helfe gern.",
        "Well, you can call me %s!", "Hi, this is it: I was called %s.",
    };
    static const char *const names[] = {"zorblax9", "vimtrop3-8b", "claude",
                                        "chatgpt", "qwen", "deepseek",
                                        "smollm", "gemini", "mixtral", "llama"};
    struct buf name, text, out;
    struct rng rng;
    rng_init(&rng, 5);
    buf_init(&name, 4096);
    buf_init(&text, 4096);
    buf_init(&out, 8192);
    for (int how = 0; how < N_DISGUISES; how++) {
        int n_found = 0, n = 0;
        for (size_t f = 0; f < sizeof(frames) / sizeof(frames[0]); f++) {
            for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
                const char *gap = strstr(frames[f], "%s");
                buf_clear(&name);
                buf_clear(&text);
                disguise(names[k], (enum disguise)how, &rng, &name);
                buf_add(&text, frames[f], (size_t)(gap - frames[f]));
                buf_add(&text, name.data, name.len);
                buf_add_str(&text, gap + 2);
                bool found = shown(text.data, 1 + rng_below(&rng, 9), &out);
                n_found += found && strstr(out.data, name.data) == NULL;
                n++;
            }
        }
        /* 99 of 100, of look-alike letters 90 (TRUST promise B3). */
        int wanted = how == HOMOGLYPH ? 90 : 99;
        if (n_found * 100 < n * wanted)
            fail_msg("disguise %d: %d of %d", how, n_found, n);
    }
    buf_free(&name);
    buf_free(&text);
    buf_free(&out);
}

/* Any bytes in any pieces come out whole where nothing is found. */
static void any_bytes_pass(void **state)
{
    (void)state;
    static const char *const parts[] = {"I am ", "zorb", "lax9", " ", "-", "\n",
                                        "*", "\xC3", "\xA9", "\xE2\x80\x8B",
                                        "cl", "aude", "我是", ".", "G", "\xFF"};
    struct rng rng;
    struct buf text, one, two;
    rng_init(&rng, 6);
    buf_init(&text, 4096);
    buf_init(&one, 8192);
    buf_init(&two, 8192);
    for (int i = 0; i < 5000; i++) {
        buf_clear(&text);
        for (uint64_t k = rng_below(&rng, 12); k > 0; k--)
            buf_add_str(&text, parts[rng_below(&rng, 16)]);
        char *exact = mem_strndup(text.data, text.len);
        bool found = shown(exact, text.len + 1, &one);
        assert_int_equal(shown(exact, 1 + rng_below(&rng, 5), &two), found);
        assert_string_equal(one.data, two.data);
        if (!found)
            assert_string_equal(one.data, text.data);
        free(exact);
    }
    buf_free(&text);
    buf_free(&one);
    buf_free(&two);
}

/* Padding inside or behind a name must not make each new piece a new look at
 * all of it: what is held back stays small. */
static void little_is_held_back(void **state)
{
    (void)state;
    static const char *const begins[] = {"I am zorblax9", "I am zor", "cl",
                                         "z"};
    struct buf text, out;
    buf_init(&text, 1 << 20);
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < 4; i++) {
        struct leak_scan s;
        leak_scan_init(&s, &words);
        buf_clear(&text);
        buf_add_str(&text, begins[i]);
        for (int k = 0; k < 3000; k++) {
            buf_add_str(&text, k % 2 ? "*" : "\xE2\x80\x8B");
            leak_scan_step(&s, text.data, text.len, false, &out);
            assert_true(text.len - s.at <= 450);
        }
    }
    buf_free(&text);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_hidden),
        cmocka_unit_test(what_the_screen_drops_hides_no_name),
        cmocka_unit_test(innocent_words_stay),
        cmocka_unit_test(disguises_are_seen_through),
        cmocka_unit_test(any_bytes_pass),
        cmocka_unit_test(little_is_held_back),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make, unmake);
}
