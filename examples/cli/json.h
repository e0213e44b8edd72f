/* One JSON object on one line of standard output. Names inside are unique by construction. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>

struct json {
    bool separate; /* a comma comes before the next value */
};

/* Begin {"event": NAME. */
struct json json_event(const char *name);
/* End it, with the end of the line, and send it off. */
void json_finish(struct json *json);

/* `key` is NULL inside a list. A NULL text and a number that is not finite become null. */
void json_text(struct json *json, const char *key, const char *text);
void json_integer(struct json *json, const char *key, int64_t number);
void json_real(struct json *json, const char *key, double number);
void json_boolean(struct json *json, const char *key, bool truth);
void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);

#endif
