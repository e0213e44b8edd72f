/* Matrix products around the same microkernel as convolution. */
#ifndef GAN_KERNELS_GEMM_H
#define GAN_KERNELS_GEMM_H

#include "base/context.h"
#include <stdbool.h>

struct gemm {
    int64_t m, n, k;
    const float *a; /* A[i, p] = a[i * a_row + p * a_column] */
    int64_t a_row, a_column;
    const float *b; /* B[p, j] = b[p * b_row + j * b_column] */
    int64_t b_row, b_column;
    float *c; /* C[i, j] = c[i * c_row + j] */
    int64_t c_row;
    float alpha, beta; /* C = alpha A B + beta C; beta 0 does not read C */
    bool symmetric;    /* C is known to be symmetric (B = A^T): half the work, then mirrored */
};

/* Bytes of scratch memory for a product of these sizes, 64-byte aligned by the caller. */
size_t gan_gemm_workspace_size(const gan_context *context, int64_t m, int64_t n, int64_t k);

/* The same bits for any number of threads. */
void gan_gemm(gan_context *context, const struct gemm *gemm, void *workspace);

#endif
