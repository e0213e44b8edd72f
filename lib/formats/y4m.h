/* YUV4MPEG2: one line of text, then frames of planes of bytes. */
#ifndef GAN_FORMATS_Y4M_H
#define GAN_FORMATS_Y4M_H

#include "base/context.h"
#include "gan/video.h"

#include <stdbool.h>

enum { Y4M_LINE = 512 }; /* the longest line that is read, its end included */

/* Understand a header line (without its end). Errors: FORMAT, UNSUPPORTED. `path` is for messages. */
gan_status gan_y4m_parse(gan_video_format *format, const char *line, const char *path);

/* Its length; the line ends with '\n'. */
int gan_y4m_header(const gan_video_format *format, char line[Y4M_LINE]);

/* Check what a caller made, and decide GAN_MATRIX_BY_SIZE. Errors: ARGUMENT. */
gan_status gan_y4m_settle(gan_video_format *format);

/* Samples of one colour plane beside those of brightness. */
struct y4m_planes {
    int64_t width, height; /* of brightness */
    int64_t columns, rows; /* of colour; 0: grey */
    int64_t bytes;         /* of a frame */
};
struct y4m_planes gan_y4m_planes(const gan_video_format *format);

/* Between the planes of a frame and [1, H, W, 3]. `rows`: room for gan_y4m_scratch floats. */
size_t gan_y4m_scratch(gan_context *context, const gan_video_format *format);
void gan_y4m_to_rgb(gan_context *context, const gan_video_format *format, const uint8_t *planes, float *rgb,
                    float *scratch);
void gan_y4m_from_rgb(gan_context *context, const gan_video_format *format, const float *rgb, uint8_t *planes,
                      float *scratch);

#endif
