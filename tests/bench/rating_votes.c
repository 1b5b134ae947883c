/* Bench: writes made-up votes as CSV to stdout.
 *
 * usage: rating_votes VOTES MODELS
 *
 * Names of 16 to 24 bytes, as real ones are; strengths from a normal law of
 * 120 points; a quarter of ties.  The same arguments give the same file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"

enum { MAX_MODELS = 1000 };

int main(int argc, char **argv)
{
    static const char *const families[] = {
        "aurora", "borealis", "cygnus", "delphi", "ember",
        "fjord",  "gamma",    "halcyon", "iris",  "juniper"};
    static const char *const sizes[] = {"7b", "13b", "70b", "405b"};
    static char names[MAX_MODELS][64];
    static double strength[MAX_MODELS];
    long votes = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
    long models = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    struct rng r;
    if (votes < 1 || models < 2 || models > MAX_MODELS) {
        fprintf(stderr, "usage: rating_votes VOTES MODELS (2 to %d)\n",
                MAX_MODELS);
        return 2;
    }
    rng_init(&r, 7);
    for (long i = 0; i < models; i++) {
        double sum = 0; /* of twelve uniform numbers: nearly normal */
        snprintf(names[i], sizeof(names[i]), "%s-%s-it-2024%02ld-%ld",
                 families[i % 10], sizes[i % 4], 1 + i % 12, i);
        for (int k = 0; k < 12; k++)
            sum += rng_double(&r);
        strength[i] = 120 * (sum - 6);
    }
    puts("model_a,model_b,winner");
    for (long k = 0; k < votes; k++) {
        uint64_t a = rng_below(&r, (uint64_t)models);
        uint64_t b = rng_below(&r, (uint64_t)models - 1);
        b += b >= a;
        double p = 1 / (1 + pow(10, (strength[b] - strength[a]) / 400));
        const char *winner = rng_double(&r) < p ? "model_a" : "model_b";
        if (rng_double(&r) < 0.25)
            winner = "tie";
        printf("%s,%s,%s\n", names[a], names[b], winner);
    }
    return fflush(stdout) != 0;
}
