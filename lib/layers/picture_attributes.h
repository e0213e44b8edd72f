/* What layers that pool, frame and resample pictures are made with. */
#ifndef GAN_LAYERS_PICTURE_ATTRIBUTES_H
#define GAN_LAYERS_PICTURE_ATTRIBUTES_H

#include <stdint.h>

struct pool_attributes {
    int32_t kernel[2], stride[2], pad[4], ceil_mode, count_padding;
};

struct pad_attributes {
    int32_t pad[4]; /* top, left, bottom, right */
    int32_t mode;   /* of crop: unused */
};

/* Either a factor, or a size. */
struct resample_attributes {
    int32_t bilinear, factor, height, width;
    /* Of a band: rows of the whole picture before and after, and which of them this is; all 0: not a band. */
    struct {
        int64_t size, out_size, first, out_first, out_count;
    } rows;
};

struct pixel_shuffle_attributes {
    int32_t factor;
};

#endif
