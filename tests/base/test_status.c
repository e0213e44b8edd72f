/* Names of statuses, and messages: one per thread, never cut off badly, safe to build from themselves. */
#include "base/status.h"
#include "base/suite.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

START_TEST(every_status_has_its_name)
{
    ck_assert_str_eq(gan_status_name(GAN_OK), "GAN_OK");
    ck_assert_str_eq(gan_status_name(GAN_ERROR_OUT_OF_MEMORY), "GAN_ERROR_OUT_OF_MEMORY");
    ck_assert_str_eq(gan_status_name(GAN_ERROR_SHAPE), "GAN_ERROR_SHAPE");
    ck_assert_str_eq(gan_status_name(GAN_ERROR_NOT_FINITE), "GAN_ERROR_NOT_FINITE");
    ck_assert_str_eq(gan_status_name(GAN_ERROR_NOT_FOUND), "GAN_ERROR_NOT_FOUND");
}
END_TEST

START_TEST(other_numbers_are_unknown)
{
    const gan_status strange[] = {1, GAN_ERROR_NOT_FOUND - 1, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++)
        ck_assert_str_eq(gan_status_name(strange[i]), "unknown status");
}
END_TEST

START_TEST(a_failure_is_put_in_words)
{
    ck_assert_int_eq(gan_fail(GAN_ERROR_SHAPE, "%d is not %s", 3, "four"), GAN_ERROR_SHAPE);
    ck_assert_str_eq(gan_error_message(), "3 is not four");
    ck_assert_int_eq(gan_fail_within(GAN_ERROR_SHAPE, "layer \"%s\": ", "first"), GAN_ERROR_SHAPE);
    ck_assert_str_eq(gan_error_message(), "layer \"first\": 3 is not four");
    ck_assert_int_eq(gan_fail_memory("a graph", 17), GAN_ERROR_OUT_OF_MEMORY);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "a graph"));
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "17"));
}
END_TEST

START_TEST(a_message_may_quote_the_one_before)
{
    gan_fail(GAN_ERROR_IO, "disk full");
    gan_fail(GAN_ERROR_IO, "writing failed: %s", gan_error_message());
    ck_assert_str_eq(gan_error_message(), "writing failed: disk full");
}
END_TEST

START_TEST(long_messages_are_cut_not_overrun)
{
    char text[4096];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    gan_fail(GAN_ERROR_ARGUMENT, "%s", text);
    const size_t length = strlen(gan_error_message());
    ck_assert_uint_gt(length, 200);
    ck_assert_uint_lt(length, sizeof text);
    for (int i = 0; i < 50; i++)
        gan_fail_within(GAN_ERROR_ARGUMENT, "layer number %d with a name that is long: ", i);
    ck_assert_int_eq(strncmp(gan_error_message(), "layer number 49", 15), 0);
    ck_assert_uint_le(strlen(gan_error_message()), length);
}
END_TEST

static void *fail_elsewhere(void *argument)
{
    *(bool *)argument = strcmp(gan_error_message(), "") == 0;
    gan_fail(GAN_ERROR_IO, "of the other thread");
    return NULL;
}

START_TEST(each_thread_has_its_own_message)
{
    gan_fail(GAN_ERROR_ARGUMENT, "of this thread");
    pthread_t thread;
    bool started_empty = false;
    ck_assert_int_eq(pthread_create(&thread, NULL, fail_elsewhere, &started_empty), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert(started_empty);
    ck_assert_str_eq(gan_error_message(), "of this thread");
}
END_TEST

START_TEST(the_version_is_three_numbers)
{
    int major, minor, patch;
    char rest;
    ck_assert_int_eq(sscanf(gan_version(), "%d.%d.%d%c", &major, &minor, &patch, &rest), 3);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        every_status_has_its_name,         other_numbers_are_unknown,
        a_failure_is_put_in_words,         a_message_may_quote_the_one_before,
        long_messages_are_cut_not_overrun, each_thread_has_its_own_message,
        the_version_is_three_numbers,
    };
    return run_suite("status", tests, sizeof tests / sizeof tests[0]);
}
