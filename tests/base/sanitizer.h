/* Which sanitizer watches. They make everything many times slower: under the thread sanitizer tests only let
 * threads meet, and what is slow already does less under the address sanitizer. Values are judged in the
 * other builds. */
#ifndef TESTS_BASE_SANITIZER_H
#define TESTS_BASE_SANITIZER_H

#if !defined(__has_feature)
#define __has_feature(name) 0
#endif

#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
enum { WATCHES_THREADS = 1 };
#else
enum { WATCHES_THREADS = 0 };
#endif

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
enum { WATCHES_MEMORY = 1 };
#else
enum { WATCHES_MEMORY = 0 };
#endif

#endif
