/* temperature: at which temperature a question of a benchmark is to be
 * answered.  Any thread. */
#ifndef ARENA_RUN_TEMPERATURE_H
#define ARENA_RUN_TEMPERATURE_H

#include "arena/run/promptlist.h"
#include "base/json.h"

/* Sets the prompt's temperature if its object says one: as
 * "required_temperature", or as a question of MT-bench ("question_id", "turns"
 * and one of its categories), whose temperatures stand in FastChat's
 * llm_judge/common.py.  False: what it says is no temperature, 0 to 2. */
bool temperature_read(const cJSON *object, struct prompt *p);

#endif
