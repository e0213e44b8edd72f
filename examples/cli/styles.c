#include "styles.h"

enum { MOST_STYLES = 256 };

gan_status styles_choose(gan_model **model, const char *words)
{
    float weights[MOST_STYLES];
    gan_model *one = NULL;
    const int32_t count = gan_model_style_count(*model);
    if (count == 0 && words == NULL)
        return GAN_OK;
    gan_status status = gan_model_style_weights(*model, words != NULL ? words : "", weights);
    if (status == GAN_OK)
        status = gan_model_mix_styles(&one, *model, weights, count);
    if (status != GAN_OK)
        return status;
    gan_model_free(*model);
    *model = one;
    return GAN_OK;
}
