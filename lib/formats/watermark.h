/* Where the bits of a watermark are: a few coefficients of the picture's cosine transform each. */
#ifndef GAN_FORMATS_WATERMARK_H
#define GAN_FORMATS_WATERMARK_H

#include "base/context.h"
#include "gan/watermark.h"

enum {
    WATERMARK_SIDE = 256, /* pixels of the picture that is transformed */
    WATERMARK_ROWS = 113, /* and its coefficients that are looked at, along each axis */
    WATERMARK_BITS = 96,
    WATERMARK_MOST_SHARE = 80,
    WATERMARK_GRADES = 2
};

/* Small pictures lose more when they become smaller: they bear a mark that is stronger and coarser. */
struct watermark_grade {
    int64_t least_side; /* of a picture that is marked so */
    int low, high;      /* distance of the coefficients from that of the mean */
    int share;          /* coefficients of a bit */
    float step; /* between two points that stand for one bit, of values 0..1 in an orthonormal transform */
};
extern const struct watermark_grade gan_watermark_grades[WATERMARK_GRADES];

struct watermark_bit {
    int16_t row[WATERMARK_MOST_SHARE], column[WATERMARK_MOST_SHARE]; /* of the coefficients */
    float weight[WATERMARK_MOST_SHARE];                              /* their squares add up to 1 */
    float dither;                                                    /* where its points begin, in steps */
};

struct watermark_code {
    float basis[WATERMARK_ROWS][WATERMARK_SIDE];  /* cosines */
    float turned[WATERMARK_SIDE][WATERMARK_ROWS]; /* the same, rows and columns exchanged */
    struct watermark_grade grade;
    struct watermark_bit bits[WATERMARK_BITS];
};

/* What the key says. Errors: OUT_OF_MEMORY. */
gan_status gan_watermark_code_make(struct watermark_code *code, gan_context *context,
                                   const struct watermark_grade *grade, uint64_t key);

/* The projections of a luma of WATERMARK_SIDE squared, onto each bit's coefficients; and the luma that adds
 * such changes to them. `scratch` has WATERMARK_ROWS * (WATERMARK_SIDE + WATERMARK_ROWS) floats. */
void gan_watermark_project(const struct watermark_code *code, const float *luma,
                           float projections[WATERMARK_BITS], float *scratch);
void gan_watermark_spread(const struct watermark_code *code, const float changes[WATERMARK_BITS], float *luma,
                          float *scratch);

/* The eight bytes with their CRC-32. */
void gan_watermark_frame(const uint8_t bytes[8], uint8_t bits[WATERMARK_BITS]);

/* The bytes, where their CRC-32 is right; `least_sure` bits may be flipped to make it so, which are tried in
 * the order of `margins`. Returns how many were flipped; -1: no mark. */
int gan_watermark_unframe(const uint8_t bits[WATERMARK_BITS], const float margins[WATERMARK_BITS],
                          uint8_t bytes[8]);

#endif
