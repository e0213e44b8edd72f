/* Symmetric matrices of double. */
#ifndef GAN_KERNELS_SYMMETRIC_H
#define GAN_KERNELS_SYMMETRIC_H

#include <stdbool.h>
#include <stdint.h>

/* Eigenvalues (in no order) of a symmetric matrix of `count` rows and, where `vectors` is true, eigenvectors:
 * they take the matrix' place as rows, row i with value i. Otherwise the matrix is spoilt. `values` has
 * `count` elements, `scratch` three times as many. false: no convergence, as with numbers that are not
 * finite. */
bool gan_symmetric_eigen(double *matrix, int64_t count, bool vectors, double *values, double *scratch);

#endif
