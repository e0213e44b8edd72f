/* Whether the thread sanitizer watches. It makes everything many times slower, so that tests then only let
 * threads meet; values are judged in the other builds. */
#ifndef TESTS_BASE_SANITIZER_H
#define TESTS_BASE_SANITIZER_H

#if defined(__SANITIZE_THREAD__)
enum { WATCHES_THREADS = 1 };
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
enum { WATCHES_THREADS = 1 };
#else
enum { WATCHES_THREADS = 0 };
#endif
#else
enum { WATCHES_THREADS = 0 };
#endif

#endif
