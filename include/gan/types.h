/** Types that every part of libgan shares: statuses, enumerations, opaque handles. */
#ifndef GAN_TYPES_H
#define GAN_TYPES_H

#include <stddef.h>
#include <stdint.h>

#if defined(GAN_BUILDING) && defined(__GNUC__)
#define GAN_API __attribute__((visibility("default")))
#else
#define GAN_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Result of a call: GAN_OK or a negative error. gan_error_message() says more. */
typedef int32_t gan_status;

enum {
    GAN_OK = 0,
    GAN_ERROR_OUT_OF_MEMORY = -1,
    GAN_ERROR_ARGUMENT = -2,    /**< a value outside what the call accepts */
    GAN_ERROR_SHAPE = -3,       /**< shapes that do not fit each other */
    GAN_ERROR_TYPE = -4,        /**< an element type that the call does not take */
    GAN_ERROR_IO = -5,          /**< the operating system refused to read or write */
    GAN_ERROR_FORMAT = -6,      /**< a file whose content is not what its format demands */
    GAN_ERROR_UNSUPPORTED = -7, /**< valid, but not offered by this build or version */
    GAN_ERROR_STATE = -8,       /**< the object is not in a state in which this can be done */
    GAN_ERROR_NOT_FINITE = -9,  /**< NaN or infinity where numbers were expected */
    GAN_ERROR_CANCELLED = -10,  /**< the progress callback asked to stop */
    GAN_ERROR_NOT_FOUND = -11   /**< no such file, layer, parameter or architecture */
};

/** Element types of a gan_tensor. */
enum { GAN_FLOAT32 = 0, GAN_FLOAT16 = 1, GAN_INT32 = 2, GAN_UINT8 = 3 };

/** How positions outside the picture are filled. GAN_PADDING_REFLECT does not repeat the border;
 *  GAN_PADDING_WRAP goes on at the opposite side, for textures that shall tile; GAN_PADDING_SYMMETRIC, of
 * gan_pad alone, is the mirror image with the border repeated, and again, however wide it is. */
enum {
    GAN_PADDING_ZERO = 0,
    GAN_PADDING_REFLECT = 1,
    GAN_PADDING_REPLICATE = 2,
    GAN_PADDING_WRAP = 3,
    GAN_PADDING_SYMMETRIC = 4
};

/** How much padding. EXPLICIT: the numbers given. SAME: TensorFlow's, output size = ceil(input / stride), the
 *  odd pixel at the bottom and right. VALID: none. HALF: dilation * (kernel - 1) / 2, rounded down, all
 * round. */
enum { GAN_PAD_EXPLICIT = 0, GAN_PAD_SAME = 1, GAN_PAD_VALID = 2, GAN_PAD_HALF = 3 };

/** How parameters start. DEFAULT is Glorot uniform for weights; biases start at 0. */
enum {
    GAN_INITIALIZER_DEFAULT = 0,
    GAN_INITIALIZER_ZEROS = 1,
    GAN_INITIALIZER_ONES = 2,
    GAN_INITIALIZER_NORMAL = 3,         /**< mean 0, standard deviation initializer_value (0: 0.02) */
    GAN_INITIALIZER_GLOROT_UNIFORM = 4, /**< Glorot & Bengio 2010 */
    GAN_INITIALIZER_GLOROT_NORMAL = 5,
    GAN_INITIALIZER_HE_UNIFORM = 6, /**< He et al. 2015 */
    GAN_INITIALIZER_HE_NORMAL = 7,
    GAN_INITIALIZER_ORTHOGONAL = 8, /**< Saxe et al. 2013; gain initializer_value (0: 1) */
    GAN_INITIALIZER_CONSTANT = 9    /**< initializer_value */
};

/** Which statistics batch normalization uses. FOLLOW: of the batch while training (and the running ones
 *  move), the running ones otherwise. BATCH: of the batch, running ones untouched. RUNNING: the running ones.
 */
enum { GAN_STATISTICS_FOLLOW = 0, GAN_STATISTICS_BATCH = 1, GAN_STATISTICS_RUNNING = 2 };

/** Arithmetic of a session. Each value of a convolution or a gradient of one is off by at most a share of the
 *  sum of the magnitudes of its products: GAN_PRECISION_EXACT, direct convolution in float32 only, 2e-6;
 *  GAN_PRECISION_DEFAULT, which also takes Winograd's algorithm, 4e-5 (the output of a published Johnson
 *  network, of VGG-19 or of SqueezeNet stays within 10 times the error of direct float32).
 * GAN_PRECISION_BF16, for inference: convolutions of one group, transposed ones and dense layers multiply
 * values rounded to bfloat16 (8 bits of precision) and sum in float32, by the tile registers (AMX) of
 * processors that have them; see gan_session_precision. */
enum { GAN_PRECISION_DEFAULT = 0, GAN_PRECISION_EXACT = 1, GAN_PRECISION_BF16 = 2 };

/** Sets of register-blocked matrix kernels; AUTO takes the widest that the CPU runs. */
enum { GAN_KERNELS_AUTO = 0, GAN_KERNELS_PORTABLE = 1, GAN_KERNELS_AVX2 = 2, GAN_KERNELS_AVX512 = 3 };

typedef struct gan_context gan_context;
typedef struct gan_tensor gan_tensor;
typedef struct gan_graph gan_graph;
typedef struct gan_layer gan_layer;
typedef struct gan_model gan_model;
typedef struct gan_session gan_session;
typedef struct gan_optimizer gan_optimizer;
typedef struct gan_objective gan_objective;
typedef struct gan_style gan_style;
typedef struct gan_content gan_content;
typedef struct gan_style_loss gan_style_loss;

/** The calling thread's last error in words; "" before the first. Valid until the thread's next call into
 *  libgan. Never NULL. Since 0.1. */
GAN_API const char *gan_error_message(void);

/** Name of a status, such as "GAN_ERROR_SHAPE"; "unknown status" for a number that is none. Since 0.1. */
GAN_API const char *gan_status_name(gan_status status);

/** Version of the library in use, such as "0.1.0". Since 0.1. */
GAN_API const char *gan_version(void);

#ifdef __cplusplus
}
#endif
#endif
