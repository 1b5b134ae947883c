#include "arena/run/temperature.h"

#include <string.h>

static const struct {
    const char *category;
    double temperature;
} MT_BENCH[] = {
    {"writing", 0.7}, {"roleplay", 0.7},  {"extraction", 0}, {"math", 0},
    {"coding", 0},    {"reasoning", 0},   {"stem", 0.1},
    {"humanities", 0.1},
};

bool temperature_read(const cJSON *object, struct prompt *p)
{
    const cJSON *required = json_get(object, "required_temperature");
    double t = json_get_number(object, "required_temperature", -1);
    if (required != NULL && !cJSON_IsNull(required)) {
        p->has_temperature = true;
        p->temperature = t;
        return t >= 0 && t <= 2;
    }
    if (!cJSON_IsNumber(json_get(object, "question_id")) ||
        !cJSON_IsArray(json_get(object, "turns")))
        return true;
    for (size_t i = 0; i < sizeof(MT_BENCH) / sizeof(MT_BENCH[0]); i++) {
        if (strcmp(MT_BENCH[i].category, p->category) != 0)
            continue;
        p->has_temperature = true;
        p->temperature = MT_BENCH[i].temperature;
    }
    return true;
}
