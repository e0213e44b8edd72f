/* Models and pictures for the tests of the program. */
#ifndef TESTS_CLI_HELPER_H
#define TESTS_CLI_HELPER_H

#include "gan/gan.h"

/* Leave with a message where a call failed. */
void check(gan_status status, const char *what);

/* Write the models that the tests use into a folder. */
void make_models(gan_context *context, const char *folder);
void make_teachers(gan_context *context, const char *folder);

#endif
