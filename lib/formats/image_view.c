#include "formats/image_view.h"

struct view gan_image_upright(int64_t height, int64_t width, int32_t orientation)
{
    const bool swapped = orientation >= 5;
    const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    const int64_t across = from_right ? -1 : 1, along = from_below ? -width : width;
    struct view view = {
        .height = swapped ? width : height,
        .width = swapped ? height : width,
        .origin = (from_right ? width - 1 : 0) + (from_below ? (height - 1) * width : 0),
        .right = swapped ? along : across,
        .down = swapped ? across : along,
    };
    return view;
}
