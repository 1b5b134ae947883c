#include "tui/terminal/looks.h"

#include <stdlib.h>
#include <string.h>

#define N_CUBE 216 /* colours of xterm's 6x6x6 cube, from 16 on */

/* Attributes with 8 colours, with more, and with none; then colours on dark and
 * on light, of 8 and of 256.  -1: the terminal's own. */
static const struct {
    attr_t few, many, mono;
    short dark8, light8, dark256, light256;
} table[STYLE_N] = {
    [STYLE_NORMAL] = {A_NORMAL, A_NORMAL, A_NORMAL, -1, -1, -1, -1},
    [STYLE_FAINT] = {A_DIM, A_NORMAL, A_DIM, -1, -1, 245, 242},
    [STYLE_STRONG] = {A_BOLD, A_BOLD, A_BOLD, -1, -1, -1, -1},
    [STYLE_BAR] = {A_BOLD, A_BOLD, A_BOLD, COLOR_CYAN, COLOR_BLUE, 37, 25},
    [STYLE_KEY] = {A_NORMAL, A_NORMAL, A_BOLD, COLOR_CYAN, COLOR_BLUE, 37, 25},
    [STYLE_FOCUS] = {A_NORMAL, A_NORMAL, A_BOLD, COLOR_CYAN, COLOR_BLUE, 37,
                     25},
    [STYLE_GOOD] = {A_BOLD, A_BOLD, A_BOLD, COLOR_GREEN, COLOR_GREEN, 114, 28},
    [STYLE_BAD] = {A_NORMAL, A_NORMAL, A_BOLD, COLOR_RED, COLOR_RED, 210, 124},
    [STYLE_CURSOR] = {A_REVERSE, A_REVERSE, A_REVERSE, -1, -1, -1, -1},
    [STYLE_FOUND] = {A_REVERSE, A_REVERSE, A_REVERSE, COLOR_YELLOW, COLOR_BLUE,
                     221, 25},
    [STYLE_HEADING] = {A_BOLD, A_BOLD, A_BOLD, COLOR_CYAN, COLOR_BLUE, 37, 25},
    [STYLE_EMPHASIS] = {A_ITALIC, A_ITALIC, A_ITALIC, -1, -1, -1, -1},
    [STYLE_BOTH] = {A_BOLD | A_ITALIC, A_BOLD | A_ITALIC, A_BOLD | A_ITALIC,
                    -1, -1, -1, -1},
    [STYLE_CODE] = {A_NORMAL, A_NORMAL, A_UNDERLINE, COLOR_CYAN, COLOR_BLUE,
                    116, 24},
    [STYLE_KEYWORD] = {A_BOLD, A_BOLD, A_BOLD, COLOR_MAGENTA, COLOR_MAGENTA,
                       135, 90},
    [STYLE_STRING] = {A_NORMAL, A_NORMAL, A_NORMAL, COLOR_GREEN, COLOR_GREEN,
                      150, 22},
    [STYLE_NUMBER] = {A_NORMAL, A_NORMAL, A_NORMAL, COLOR_CYAN, COLOR_BLUE,
                      116, 24},
    [STYLE_COMMENT] = {A_DIM, A_NORMAL, A_DIM, -1, -1, 245, 242},
    /* Told apart by their brightness, too. */
    [STYLE_UNSURE] = {A_NORMAL, A_NORMAL, A_NORMAL, COLOR_YELLOW, COLOR_YELLOW,
                      229, 94},
    [STYLE_GUESS] = {A_UNDERLINE, A_NORMAL, A_UNDERLINE, COLOR_YELLOW,
                     COLOR_RED, 215, 166},
    [STYLE_WILD] = {A_REVERSE, A_REVERSE, A_REVERSE, COLOR_RED, COLOR_RED, 209,
                    160},
    /* Orange to blue, which colour-blind people tell apart. */
    [STYLE_HEAT_LOST] = {A_REVERSE, A_REVERSE, A_NORMAL, COLOR_RED, COLOR_RED,
                         173, 130},
    [STYLE_HEAT_LESS] = {A_REVERSE, A_REVERSE, A_NORMAL, COLOR_YELLOW,
                         COLOR_YELLOW, 180, 137},
    [STYLE_HEAT_EVEN] = {A_REVERSE, A_REVERSE, A_NORMAL, -1, -1, 250, 243},
    [STYLE_HEAT_MORE] = {A_REVERSE, A_REVERSE, A_NORMAL, COLOR_CYAN,
                         COLOR_CYAN, 110, 67},
    [STYLE_HEAT_WON] = {A_REVERSE, A_REVERSE, A_NORMAL, COLOR_BLUE, COLOR_BLUE,
                        75, 25},
};

/* A colour of the 256 as red, green and blue, for terminals whose colours are
 * numbers of that form (xterm-direct).  The cube and the greys are xterm's. */
static int direct_color(int n)
{
    static const int levels[] = {0, 95, 135, 175, 215, 255};
    if (n >= 16 + N_CUBE) {
        int grey = 8 + 10 * (n - 16 - N_CUBE);
        return grey << 16 | grey << 8 | grey;
    }
    n -= 16;
    return levels[n / 36] << 16 | levels[n / 6 % 6] << 8 | levels[n % 6];
}

void looks_choose(struct looks *l, bool colored, bool light)
{
    for (short i = 0; i < STYLE_N; i++) {
        bool many = COLORS >= 256;
        int color = many ? (light ? table[i].light256 : table[i].dark256)
                         : (light ? table[i].light8 : table[i].dark8);
        l->attributes[i] = !colored ? table[i].mono
                           : many   ? table[i].many
                                    : table[i].few;
        l->pairs[i] = 0;
        if (!colored || color < 0)
            continue;
        if (COLORS > 256)
            color = direct_color(color);
        if (init_extended_pair(i + 1, color, -1) == OK)
            l->pairs[i] = (short)(i + 1);
    }
}

int looks_background(const char *colorfgbg)
{
    const char *last = colorfgbg ? strrchr(colorfgbg, ';') : NULL;
    if (last == NULL || last[1] < '0' || last[1] > '9')
        return -1;
    long n = strtol(last + 1, NULL, 10);
    return n == 7 || (n > 8 && n < 16);
}

int looks_reply(const char *reply, size_t n)
{
    static const double weights[] = {0.299, 0.587, 0.114}; /* ITU-R BT.601 */
    char text[64] = "";
    const char *at = text + strlen("11;rgb:");
    double light = 0;
    if (n >= sizeof(text))
        return -1;
    memcpy(text, reply, n);
    if (strncmp(text, "11;rgb:", strlen("11;rgb:")) != 0)
        return -1;
    for (int i = 0; i < 3; i++) {
        char *end;
        unsigned long value = strtoul(at, &end, 16);
        int digits = (int)(end - at);
        if (digits < 1 || digits > 4 || *end != (i < 2 ? '/' : '\0'))
            return -1;
        light += weights[i] * (double)value / ((1 << 4 * digits) - 1);
        at = end + 1;
    }
    return light > 0.5;
}
