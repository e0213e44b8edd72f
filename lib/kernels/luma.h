/* Brightness of a colour. */
#ifndef GAN_KERNELS_LUMA_H
#define GAN_KERNELS_LUMA_H

/* Shares of red, green and blue (ITU-R BT.601). */
static const float luma_red = 0.299f, luma_green = 0.587f, luma_blue = 0.114f;

/* Of an RGB pixel. */
static inline float luma_of(const float *pixel)
{
    return luma_red * pixel[0] + luma_green * pixel[1] + luma_blue * pixel[2];
}

#endif
