/* Photographs in the colours of the style picture, or the other way round: the linear map that gives a
 * picture the mean and the covariance of another's colours and moves colours as little as possible (Pitie and
 * Kokaram 2007, "The linear Monge-Kantorovitch linear colour mapping for example-based colour transfer"): T =
 * P^-1/2 (P^1/2 S P^1/2)^1/2 P^-1/2,  P: covariance of the photograph, S: of the style picture. Content that
 * is judged against such a picture keeps its lights and darks, and does not pull back to colours that the
 * style loss has to drive out. */
#include "style/palette.h"

#include <math.h>
#include <string.h>

/* Added to the photograph's variances (0.05 squared): a grey wall is not blown up to all colours of a
 * painting. */
static const double LEAST_VARIANCE = 0.0025;

typedef double matrix[3][3];

void gan_palette_measure(struct palette *palette, const float *pixels, int64_t count)
{
    memset(palette, 0, sizeof *palette);
    for (int64_t i = 0; i < count; i++)
        for (int c = 0; c < 3; c++)
            palette->mean[c] += (double)pixels[3 * i + c] / (double)count;
    for (int64_t i = 0; i < count; i++)
        for (int r = 0; r < 3; r++)
            for (int c = 0; c < 3; c++)
                palette->covariance[r][c] += ((double)pixels[3 * i + r] - palette->mean[r]) *
                                             ((double)pixels[3 * i + c] - palette->mean[c]) / (double)count;
}

void gan_palette_merge(struct palette *palette, double count, const struct palette *more, double more_count)
{
    const double share = more_count / (count + more_count), kept = 1 - share;
    double apart[3];
    for (int c = 0; c < 3; c++)
        apart[c] = more->mean[c] - palette->mean[c];
    for (int r = 0; r < 3; r++) {
        palette->mean[r] += share * apart[r];
        for (int c = 0; c < 3; c++)
            palette->covariance[r][c] = kept * palette->covariance[r][c] + share * more->covariance[r][c] +
                                        kept * share * apart[r] * apart[c];
    }
}

static void multiply(matrix out, matrix a, matrix b)
{
    matrix product = {{0}};
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++)
            for (int k = 0; k < 3; k++)
                product[r][c] += a[r][k] * b[k][c];
    memcpy(out, product, sizeof product);
}

static void multiply_between(matrix out, matrix outer, matrix inner)
{
    multiply(out, outer, inner);
    multiply(out, out, outer);
}

/* One rotation of Jacobi's method: element (p, q) becomes 0; vectors' columns turn along. */
static void rotate(matrix a, matrix vectors, int p, int q)
{
    if (a[p][q] == 0)
        return;
    const double angle = 0.5 * atan2(2 * a[p][q], a[q][q] - a[p][p]);
    const double cosine = cos(angle), sine = sin(angle);
    for (int k = 0; k < 3; k++) {
        const double left = a[k][p], right = a[k][q];
        a[k][p] = cosine * left - sine * right;
        a[k][q] = sine * left + cosine * right;
    }
    for (int k = 0; k < 3; k++) {
        const double upper = a[p][k], lower = a[q][k];
        a[p][k] = cosine * upper - sine * lower;
        a[q][k] = sine * upper + cosine * lower;
        const double left = vectors[k][p], right = vectors[k][q];
        vectors[k][p] = cosine * left - sine * right;
        vectors[k][q] = sine * left + cosine * right;
    }
}

/* A symmetric matrix without negative eigenvalues to some power. */
static void raise(matrix out, matrix symmetric, double exponent)
{
    enum { SWEEPS = 10 };
    matrix a, vectors = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, result = {{0}};
    memcpy(a, symmetric, sizeof a);
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int p = 0; p < 2; p++)
            for (int q = p + 1; q < 3; q++)
                rotate(a, vectors, p, q);
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++)
            for (int k = 0; k < 3; k++)
                result[r][c] += vectors[r][k] * vectors[c][k] * pow(fmax(a[k][k], 1e-12), exponent);
    memcpy(out, result, sizeof result);
}

void gan_palette_map(matrix out, const struct palette *own, const struct palette *wanted,
                     double least_variance)
{
    matrix from, to, root, inverse;
    memcpy(from, own->covariance, sizeof from);
    memcpy(to, wanted->covariance, sizeof to);
    for (int i = 0; i < 3; i++)
        from[i][i] += least_variance;
    raise(root, from, 0.5);
    raise(inverse, from, -0.5);
    multiply_between(out, root, to);
    raise(out, out, 0.5);
    multiply_between(out, inverse, out);
}

static float inside(double value)
{
    return (float)fmin(fmax(value, 0), 1);
}

void gan_palette_apply(const struct palette *style, const float *photograph, float *out, int64_t count)
{
    struct palette own;
    matrix map;
    gan_palette_measure(&own, photograph, count);
    gan_palette_map(map, &own, style, LEAST_VARIANCE);
    for (int64_t i = 0; i < count; i++) {
        double away[3];
        for (int c = 0; c < 3; c++)
            away[c] = (double)photograph[3 * i + c] - own.mean[c];
        for (int r = 0; r < 3; r++)
            out[3 * i + r] =
                inside(style->mean[r] + map[r][0] * away[0] + map[r][1] * away[1] + map[r][2] * away[2]);
    }
}
