#include "style/guide.h"
#include "gan/image.h"

#include <math.h>

gan_status gan_style_guide(gan_tensor **out, const gan_tensor *mask, const gan_tensor *features)
{
    const gan_status status =
        gan_image_resize(out, mask, gan_tensor_size(features, 1), gan_tensor_size(features, 2));
    if (status != GAN_OK)
        return status;
    float *values = gan_tensor_data(*out);
    const int64_t count = gan_tensor_count(*out);
    double squares = 0;
    for (int64_t i = 0; i < count; i++) {
        values[i] = fmaxf(values[i], 0.0f);
        squares += (double)values[i] * (double)values[i];
    }
    const float scale = squares > 0 ? (float)sqrt((double)count / squares) : 0.0f;
    for (int64_t i = 0; i < count; i++)
        values[i] *= scale;
    return GAN_OK;
}
