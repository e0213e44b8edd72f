"""Writes expected.h: values of metrics by their definitions, in float64 with numpy and scipy.

    python3 make_expected.py >expected.h

The inputs are numbers that test_metrics.c makes by the same rule."""
import numpy as np
from scipy import linalg


def numbers(count, seed):
    i = np.arange(count, dtype=np.int64)
    return ((i * 37 + i * i * 11 + seed * 101) % 251 / 250).astype(np.float32).astype(np.float64)


def luma(picture):
    return picture @ np.array([0.299, 0.587, 0.114])


def ssim(a, b):
    x = np.arange(11) - 5
    window = np.exp(-np.outer(np.ones(11), x**2) / 4.5 - np.outer(x**2, np.ones(11)) / 4.5)
    window /= window.sum()
    values = []
    for top in range(a.shape[0] - 10):
        for left in range(a.shape[1] - 10):
            p, q = a[top:top + 11, left:left + 11], b[top:top + 11, left:left + 11]
            mean_p, mean_q = (window * p).sum(), (window * q).sum()
            var_p, var_q = (window * (p - mean_p)**2).sum(), (window * (q - mean_q)**2).sum()
            cov = (window * (p - mean_p) * (q - mean_q)).sum()
            values.append((2 * mean_p * mean_q + 1e-4) * (2 * cov + 9e-4) /
                          ((mean_p**2 + mean_q**2 + 1e-4) * (var_p + var_q + 9e-4)))
    return np.mean(values)


def frechet(a, b):
    between = ((a.mean(0) - b.mean(0))**2).sum()
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    return between + np.trace(cov_a + cov_b - 2 * linalg.sqrtm(cov_a @ cov_b).real)


def frechet_of_few(a, b):
    """The trace of the root as the nuclear norm of the product of the centred sets, for singular covariances."""
    between = ((a.mean(0) - b.mean(0))**2).sum()
    x = (a - a.mean(0)) / np.sqrt(len(a) - 1)
    y = (b - b.mean(0)) / np.sqrt(len(b) - 1)
    return between + (x**2).sum() + (y**2).sum() - 2 * np.linalg.svd(x @ y.T, compute_uv=False).sum()


def kernel_distance(a, b):
    def kernel(x, y):
        return (x @ y.T / x.shape[1] + 1)**3
    n, m = len(a), len(b)
    aa, bb = kernel(a, a), kernel(b, b)
    return ((aa.sum() - np.trace(aa)) / (n * (n - 1)) + (bb.sum() - np.trace(bb)) / (m * (m - 1)) -
            2 * kernel(a, b).mean())


def main():
    a, b = (numbers(16 * 13 * 3, seed).reshape(16, 13, 3) for seed in (1, 2))
    b = (0.7 * a + 0.3 * b).astype(np.float32).astype(np.float64)
    values = {
        "PSNR": 10 * np.log10(1 / ((a - b)**2).mean()),
        "SSIM_LUMA": ssim(luma(a), luma(b)),
        "SSIM_CHANNELS": np.mean([ssim(a[..., c], b[..., c]) for c in range(3)]),
    }
    x, y = numbers(40 * 6, 3).reshape(40, 6), 1.5 * numbers(30 * 6, 4).reshape(30, 6)
    values["FRECHET"] = frechet(x, y)
    values["KERNEL"] = kernel_distance(x[:30], y)
    few_x, few_y = numbers(5 * 12, 5).reshape(5, 12), 1.5 * numbers(7 * 12, 6).reshape(7, 12)
    values["FRECHET_FEW"] = frechet_of_few(few_x, few_y)
    print("/* Made by make_expected.py. */\n#ifndef TESTS_METRICS_EXPECTED_H\n#define TESTS_METRICS_EXPECTED_H\n")
    for name, value in values.items():
        print(f"#define EXPECTED_{name} {value:.16g}")
    print("\n#endif")


main()
