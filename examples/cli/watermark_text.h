/* Watermarks in words: a text of at most eight bytes, or 0x and sixteen hexadecimal digits. */
#ifndef CLI_WATERMARK_TEXT_H
#define CLI_WATERMARK_TEXT_H

#include "gan/watermark.h"

#include <stdbool.h>

#define WATERMARK_HELP "mark the pixels invisibly: up to 8 bytes of text, or 0x and 16 digits"

enum { WATERMARK_TEXT_SIZE = 19 };

/* false: the mistake was named. */
bool watermark_read(const char *text, uint8_t bytes[GAN_WATERMARK_BYTES]);

/* The text that gives these bytes. */
void watermark_write(const uint8_t bytes[GAN_WATERMARK_BYTES], char text[WATERMARK_TEXT_SIZE]);

#endif
