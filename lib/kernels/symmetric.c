/* Eigenvalues by Householder's reduction to tridiagonal form and QL steps with implicit shifts (Golub & Van
 * Loan, Matrix Computations, section 8.3). */
#include "kernels/symmetric.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MOST_STEPS = 60 }; /* for one eigenvalue; two or three are usual */

/* Row i of the matrix holds, once it is eliminated, the vector u of the reflection I - u u^T / half[i]. */
struct problem {
    double *rows;
    int64_t count;
    double *diagonal, *beside; /* beside[i] joins i and i + 1 */
    double *half, *product;
};

static double dot(const double *a, const double *b, int64_t count)
{
    double lanes[4] = {0};
    int64_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (int k = 0; k < 4; k++)
            lanes[k] += a[i + k] * b[i + k];
    for (; i < count; i++)
        lanes[0] += a[i] * b[i];
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

static void add_multiple(double *restrict to, const double *restrict from, double factor, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        to[i] += factor * from[i];
}

static double largest(const double *values, int64_t count)
{
    double found = 0;
    for (int64_t i = 0; i < count; i++)
        found = fmax(found, fabs(values[i]));
    return found;
}

/* product = A u for the leading `count` rows, of which only the lower triangle is kept. */
static void multiply(const struct problem *problem, const double *u, int64_t count)
{
    memset(problem->product, 0, (size_t)count * sizeof(double));
    for (int64_t i = 0; i < count; i++) {
        const double *row = problem->rows + i * problem->count;
        problem->product[i] += dot(row, u, i + 1);
        add_multiple(problem->product, row, u[i], i);
    }
}

/* A - u q^T - q u^T of the leading rows. */
static void reflect(const struct problem *problem, const double *u, const double *q, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        double *row = problem->rows + i * problem->count;
        add_multiple(row, q, -u[i], i + 1);
        add_multiple(row, u, -q[i], i + 1);
    }
}

/* Make all elements of row i before the one beside the diagonal zero. The row is scaled first, so that no
 * square overflows or vanishes. */
static void eliminate(struct problem *problem, int64_t i)
{
    double *u = problem->rows + i * problem->count, *q = problem->product;
    problem->half[i] = 0;
    problem->beside[i - 1] = u[i - 1];
    if (largest(u, i - 1) == 0)
        return;
    const double scale = largest(u, i);
    for (int64_t k = 0; k < i; k++)
        u[k] /= scale;
    const double square = dot(u, u, i), length = copysign(sqrt(square), -u[i - 1]);
    const double half = square - u[i - 1] * length;
    u[i - 1] -= length;
    multiply(problem, u, i);
    for (int64_t k = 0; k < i; k++)
        q[k] /= half;
    add_multiple(q, u, -dot(u, q, i) / (2 * half), i);
    reflect(problem, u, q, i);
    problem->half[i] = half;
    problem->beside[i - 1] = scale * length;
}

static void reduce(struct problem *problem)
{
    const int64_t count = problem->count;
    for (int64_t i = count - 1; i > 0; i--)
        eliminate(problem, i);
    for (int64_t i = 0; i < count; i++)
        problem->diagonal[i] = problem->rows[i * count + i];
    problem->beside[count - 1] = 0;
}

/* The product of all reflections in place of their vectors: what it has so far ends before row i. */
static void collect(const struct problem *problem)
{
    const int64_t count = problem->count;
    for (int64_t i = 0; i < count; i++) {
        double *u = problem->rows + i * count;
        for (int64_t k = 0; i > 0 && problem->half[i] != 0 && k < i; k++) {
            double *row = problem->rows + k * count;
            add_multiple(row, u, -dot(row, u, i) / problem->half[i], i);
        }
        memset(u, 0, (size_t)count * sizeof *u);
        u[i] = 1;
    }
}

/* The last row of the block that begins with `first`: beyond it the off-diagonal element is negligible. */
static int64_t block_end(const struct problem *problem, int64_t first)
{
    const double *d = problem->diagonal;
    int64_t last = first;
    while (last + 1 < problem->count &&
           !(fabs(problem->beside[last]) <= DBL_EPSILON * (fabs(d[last]) + fabs(d[last + 1]))))
        last++;
    return last;
}

static void rotate_rows(double *restrict a, double *restrict b, double cosine, double sine, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        const double before = b[i];
        b[i] = sine * a[i] + cosine * before;
        a[i] = cosine * a[i] - sine * before;
    }
}

/* One QL step on a block: rotations from its end to its beginning chase the element that the shift makes. */
static void step(const struct problem *problem, int64_t first, int64_t last, bool vectors)
{
    double *d = problem->diagonal, *e = problem->beside;
    const double slope = (d[first + 1] - d[first]) / (2 * e[first]);
    double g = d[last] - d[first] + e[first] / (slope + copysign(hypot(slope, 1), slope));
    double sine = 1, cosine = 1, moved = 0;
    for (int64_t i = last - 1; i >= first; i--) {
        const double f = sine * e[i], b = cosine * e[i], length = hypot(f, g);
        e[i + 1] = length;
        if (length == 0) { /* the block falls apart here */
            d[i + 1] -= moved;
            e[last] = 0;
            return;
        }
        sine = f / length;
        cosine = g / length;
        g = d[i + 1] - moved;
        const double r = (d[i] - g) * sine + 2 * cosine * b;
        moved = sine * r;
        d[i + 1] = g + moved;
        g = cosine * r - b;
        if (vectors)
            rotate_rows(problem->rows + i * problem->count, problem->rows + (i + 1) * problem->count, cosine,
                        sine, problem->count);
    }
    d[first] -= moved;
    e[first] = g;
    e[last] = 0;
}

bool gan_symmetric_eigen(double *matrix, int64_t count, bool vectors, double *values, double *scratch)
{
    struct problem problem = {matrix, count, values, scratch, scratch + count, scratch + 2 * count};
    reduce(&problem);
    if (vectors)
        collect(&problem);
    for (int64_t first = 0; first < count; first++) {
        int64_t last = block_end(&problem, first);
        for (int steps = 0; last != first; last = block_end(&problem, first)) {
            if (steps++ == MOST_STEPS)
                return false;
            step(&problem, first, last, vectors);
        }
    }
    return true;
}
