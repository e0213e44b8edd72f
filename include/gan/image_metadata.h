/** What picture files say beside their pixels: a camera's notes (EXIF), the colour profile (ICC), and where
 * the picture comes from. The last is written as XMP (ISO 16684-1), which other programs read too. Errors of
 *  all: ARGUMENT (NULL), OUT_OF_MEMORY. Threads: one at a time per object. */
#ifndef GAN_IMAGE_METADATA_H
#define GAN_IMAGE_METADATA_H

#include "gan/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_image_metadata gan_image_metadata;

/** Empty. Since 0.1. */
GAN_API gan_status gan_image_metadata_create(gan_image_metadata **out, gan_context *context);
GAN_API void gan_image_metadata_free(gan_image_metadata *metadata);

/** That of a picture file; PNG and JPEG have some, of all others it is empty. Orientation and thumbnail are
 *  not kept, since gan_image_load turns pictures upright and a result looks different; notes and profiles
 *  that are broken, larger than 64 KiB or 4 MiB, or for other colours than RGB count as none, and so do notes
 *  whose thumbnail lies where it cannot be cleared. All else that a camera notes is kept: also where the
 *  photograph was taken (GPS). Of XMP the first MiB of the first packet is read. Errors:
 *  NOT_FOUND, IO too. Since 0.1. */
GAN_API gan_status gan_image_metadata_load(gan_image_metadata **out, gan_context *context, const char *path);

/** The same from a file's bytes in memory. */
GAN_API gan_status gan_image_metadata_decode(gan_image_metadata **out, gan_context *context,
                                             const void *bytes, size_t size);

/** Bytes of the camera's notes, and of the colour profile; 0: none. */
GAN_API size_t gan_image_metadata_exif_size(const gan_image_metadata *metadata);
GAN_API size_t gan_image_metadata_profile_size(const gan_image_metadata *metadata);

/** Bits per sample of the file it was loaded from, 8 or 16; 0: it was made empty. */
GAN_API int32_t gan_image_metadata_depth(const gan_image_metadata *metadata);

/** Names with a meaning beyond libgan: the IPTC's DigitalSourceType, a URL that says whether and how a
 *  picture was made by trained networks, and the program. */
#define GAN_METADATA_SOURCE_TYPE "digital-source-type"
#define GAN_METADATA_CREATOR_TOOL "creator-tool"
/** Values of the former (cv.iptc.org/newscodes/digitalsourcetype): a photograph that a network changed, and a
 *  picture that it made alone. */
#define GAN_SOURCE_COMPOSITE                                                                                 \
    "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
#define GAN_SOURCE_GENERATED "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

/** Say something about where the picture comes from; copied. `name` has letters, digits and hyphens, begins
 *  with a letter, and is shorter than 64 bytes; `value` is UTF-8, shorter than 1 KiB, without control
 *  characters but line ends and tab; NULL takes it away. At most 32, and in all 65000 bytes of XMP, which a
 *  JPEG holds (quotes, brackets and line ends take up to 6 bytes each there). Errors: ARGUMENT (also a name
 * or value that is none, and more than fits; nothing is changed then). */
GAN_API gan_status gan_image_metadata_set(gan_image_metadata *metadata, const char *name, const char *value);

/** What was said; NULL: nothing. Borrowed until the next change. */
GAN_API const char *gan_image_metadata_get(const gan_image_metadata *metadata, const char *name);
GAN_API int32_t gan_image_metadata_count(const gan_image_metadata *metadata);
/** Name number `index`; NULL where there is none. Borrowed likewise. */
GAN_API const char *gan_image_metadata_name(const gan_image_metadata *metadata, int32_t index);

/** SHA-256 of a file in 64 hexadecimal digits and a NUL, by which provenance names models and styles (also
 *  what the program sha256sum prints). Errors: NOT_FOUND, IO too. Since 0.1. */
GAN_API gan_status gan_file_digest(gan_context *context, const char *path, char digest[65]);

#ifdef __cplusplus
}
#endif
#endif
