#include "precision.h"
#include "console.h"

#include "gan/gan.h"

#include <string.h>

static const char *const names[] = {
    [GAN_PRECISION_DEFAULT] = "default",
    [GAN_PRECISION_EXACT] = "exact",
    [GAN_PRECISION_BF16] = "bf16",
};
enum { NAMES = sizeof names / sizeof names[0] };

bool precision_read(const char *words, int32_t *precision)
{
    *precision = GAN_PRECISION_DEFAULT;
    if (words == NULL)
        return true;
    for (int32_t i = 0; i < NAMES; i++) {
        if (strcmp(words, names[i]) != 0)
            continue;
        *precision = i;
        return true;
    }
    complain("--precision %s: expected exact, default or bf16", words);
    return false;
}

const char *precision_words(int32_t precision)
{
    return precision >= 0 && precision < NAMES ? names[precision] : "unknown";
}
