/** An invisible mark in the pixels themselves, which stays where metadata is lost: eight bytes of the
 * caller's choice, such as a name or a number.
 *
 *  The luma, brought to 256 x 256 pixels, is taken apart by the cosine transform; each of 96 bits (the eight
 *  bytes and their CRC-32) moves the projection of some 60 or 80 coefficients of middle frequency to the next
 *  of the points that stand for it (spread transform dither modulation, Chen and Wornell 2001). The mark
 *  survives JPEG of quality 85, other sizes down to a half, and both, where the sides of the marked picture
 *  have 256 pixels or more; it does not survive cropping or turning. It changes little where the picture is
 *  flat, on the whole about 50 dB (PSNR), or 44 dB where a side has less than 400 pixels. A picture that was
 *  never marked is taken for marked once in 8 million. Anyone who knows the key can read and remove it: it
 *  tells honest people apart, and is no proof.
 */
#ifndef GAN_WATERMARK_H
#define GAN_WATERMARK_H

#include "gan/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { GAN_WATERMARK_BYTES = 8 };

/** Mark a picture [1, H, W, 3] in 0..1, in place; sides of at least 128 pixels. `key` decides where in the
 *  spectrum the bits are; 0 is what the program gan uses. Marking again replaces the mark. Errors: ARGUMENT,
 *  SHAPE, TYPE, NOT_FINITE, OUT_OF_MEMORY, UNSUPPORTED (the picture does not hold the mark: black or white
 *  almost throughout); the picture is then as before. The same bits for any number of threads. Since 0.1. */
GAN_API gan_status gan_watermark_embed(gan_tensor *picture, const uint8_t bytes[8], uint64_t key);

/** What was found. */
typedef struct gan_watermark {
    size_t struct_size;    /**< set by the caller */
    int32_t found;         /**< 1: there is a mark; all else is 0 where there is none */
    int32_t repaired_bits; /**< bits that had to be guessed, up to 8 */
    double clarity; /**< how far the bits are from being mistaken, on average: 1 as marked, 0 by chance */
    uint8_t bytes[8];
} gan_watermark;

/** Look for a mark. Errors: ARGUMENT, SHAPE, TYPE, NOT_FINITE, OUT_OF_MEMORY. Since 0.1. */
GAN_API gan_status gan_watermark_find(const gan_tensor *picture, uint64_t key, gan_watermark *result);

#ifdef __cplusplus
}
#endif
#endif
