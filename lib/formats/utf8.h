/* UTF-8 (RFC 3629). */
#ifndef GAN_FORMATS_UTF8_H
#define GAN_FORMATS_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Length of the character at `text`, 1 to 4; 0 where the bytes are no character (also surrogates and
 * overlong forms). */
size_t gan_utf8_length(const char *text, size_t size);

/* Write a character; returns its length, at most 4. */
size_t gan_utf8_encode(uint32_t character, char bytes[4]);

#endif
