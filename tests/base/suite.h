/* Running the tests of one program: each in a process of its own, so that a crash is one failure. */
#ifndef GAN_TESTS_SUITE_H
#define GAN_TESTS_SUITE_H

#include <check.h>
#include <stddef.h>

enum { TEST_SECONDS = 280 }; /* generous: sanitizers and busy machines */

/* For main to return: 0 where all pass. */
static inline int run_suite(const char *name, const TTest *const *tests, size_t count)
{
    TCase *test_case = tcase_create(name);
    tcase_set_timeout(test_case, TEST_SECONDS);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(test_case, tests[i]);
    Suite *suite = suite_create(name);
    suite_add_tcase(suite, test_case);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}

#endif
