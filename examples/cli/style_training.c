#include "style_training.h"
#include "console.h"

#include <string.h>

void style_training_fill_options(struct style_training *style, struct option options[STYLE_TRAINING_OPTIONS])
{
    const struct option lines[STYLE_TRAINING_OPTIONS] = {
        {"content", 0, OPTION_TEXT, "FOLDER", "photographs to learn on", &style->content, 0, 0},
        {"preset", 0, OPTION_TEXT, "NAME", "small, balanced (default) or detailed", &style->preset, 0, 0},
        {"size", 0, OPTION_INTEGER, "PX", "side of the crops trained on", &style->size, 1, 65535},
        {"batch", 0, OPTION_INTEGER, "N", "crops per step", &style->batch, 1, 1024},
        {"style-size", 0, OPTION_INTEGER, "PX", "long side to which a style is scaled", &style->style_size, 1,
         65535},
        {"channels", 0, OPTION_INTEGER, "N", "of the generator's first layer", &style->channels, 1, 1024},
        {"blocks", 0, OPTION_INTEGER, "N", "residual blocks of the generator", &style->blocks, 1, 100},
        {"content-weight", 0, OPTION_REAL, "W", "0: none", &style->content_weight.value, 0, 1e12},
        {"style-weight", 0, OPTION_REAL, "W", "0: none", &style->style_weight.value, 0, 1e12},
        {"variation-weight", 0, OPTION_REAL, "W", "0: none", &style->variation_weight.value, 0, 1e12},
    };
    weight_unset(&style->content_weight);
    weight_unset(&style->style_weight);
    weight_unset(&style->variation_weight);
    memcpy(options, lines, sizeof lines);
}

bool style_training_is_complete(const struct style_training *style)
{
    if (style->content == NULL)
        complain("expected a folder of photographs: --content FOLDER");
    return style->content != NULL;
}

gan_style_trainer_options style_training_options(const struct style_training *style,
                                                 struct training_job *training, gan_model *extractor)
{
    return (gan_style_trainer_options){
        .struct_size = sizeof(gan_style_trainer_options),
        .preset = style->preset,
        .extractor = extractor,
        .channels = (int32_t)style->channels,
        .blocks = (int32_t)style->blocks,
        .size = (int32_t)style->size,
        .batch = (int32_t)style->batch,
        .style_size = (int32_t)style->style_size,
        .content_weight = weight_option(&style->content_weight),
        .style_weight = weight_option(&style->style_weight),
        .variation_weight = weight_option(&style->variation_weight),
        .steps = training->steps,
        .minutes = training->minutes,
        .seed = (uint64_t)training->seed,
        .checkpoint = training->checkpoint,
        .checkpoint_every = training->checkpoint_every,
        .resume = training->resume,
        .log_csv = training->log,
        .plot_png = training->plot,
        .preview_png = training->preview,
        .progress = training_progress,
        .progress_user = training,
    };
}
