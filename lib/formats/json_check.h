/* The grammar of JSON, checked before a text is cut into tokens. */
#ifndef GAN_FORMATS_JSON_CHECK_H
#define GAN_FORMATS_JSON_CHECK_H

#include "base/status.h"

/* Check a whole text and count its values, keys included. Errors: FORMAT. */
gan_status gan_json_check(const char *text, size_t size, const char *name, int32_t *count);

#endif
