/* Running the tests of one program: each in a process of its own, so that a crash is one failure. */
#ifndef GAN_TESTS_SUITE_H
#define GAN_TESTS_SUITE_H

#include "base/sanitizer.h"

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { TEST_SECONDS = 280 }; /* generous: sanitizers and busy machines */

/* The tests that have `word` in their names, or all of them where it is NULL. */
static inline int run_named(const char *name, const TTest *const *tests, size_t count, const char *word)
{
    TCase *test_case = tcase_create(name);
    tcase_set_timeout(test_case, TEST_SECONDS);
    for (size_t i = 0; i < count; i++)
        if (word == NULL || strstr(tests[i]->name, word) != NULL)
            tcase_add_test(test_case, tests[i]);
    Suite *suite = suite_create(name);
    suite_add_tcase(suite, test_case);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

/* For main to return: 0 where all pass. */
static inline int run_suite(const char *name, const TTest *const *tests, size_t count)
{
    return run_named(name, tests, count, NULL);
}

/* The same for suites in which each test takes long: under the thread sanitizer those alone that are called
 * after threads. */
static inline int run_long_suite(const char *name, const TTest *const *tests, size_t count)
{
    return run_named(name, tests, count, WATCHES_THREADS ? "threads" : NULL);
}

#endif
