#include "blend.h"

static float clamp(float value)
{
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

static float luma(const float *pixel)
{
    return 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];
}

/* In YCbCr, chroma is a difference to luma: adding one number to R, G and B changes luma alone. */
void blend_keep_color(gan_tensor *result, const gan_tensor *photo)
{
    float *to = gan_tensor_data(result);
    const float *from = gan_tensor_data_const(photo);
    const int64_t count = gan_tensor_count(result);
    for (int64_t i = 0; i < count; i += 3) {
        const float change = luma(to + i) - luma(from + i);
        for (int c = 0; c < 3; c++)
            to[i + c] = clamp(from[i + c] + change);
    }
}

void blend_strength(gan_tensor *result, const gan_tensor *photo, float strength)
{
    float *to = gan_tensor_data(result);
    const float *from = gan_tensor_data_const(photo);
    const int64_t count = gan_tensor_count(result);
    for (int64_t i = 0; i < count; i++)
        to[i] = from[i] + strength * (to[i] - from[i]);
}
