/* Reading and writing JSON. */
#include "base/suite.h"
#include "formats/json_read.h"
#include "formats/json_write.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static gan_context *context;

static void begin(void)
{
    ck_assert_int_eq(gan_context_create(&context, NULL), GAN_OK);
}

static struct json parse(const char *text)
{
    struct json json;
    ck_assert_msg(gan_json_open(&json, context, text, strlen(text), "text") == GAN_OK, "%s: %s", text,
                  gan_error_message());
    return json;
}

static const char *const wrong[] = {
    "",
    " ",
    "1",
    "\"a\"",
    "null",
    "{",
    "}",
    "[",
    "]",
    "{]",
    "[}",
    "[1,]",
    "[,1]",
    "[1 2]",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{,}",
    "{\"a\" 1}",
    "{\"a\":1 \"b\":2}",
    "{1:2}",
    "{a:1}",
    "[01]",
    "[+1]",
    "[1.]",
    "[.5]",
    "[1e]",
    "[1e+]",
    "[-]",
    "[0x10]",
    "[NaN]",
    "[Infinity]",
    "[tru]",
    "[True]",
    "[nulll]",
    "['a']",
    "[\"a]",
    "[\"\\x\"]",
    "[\"\\u12\"]",
    "[\"\\ud800\"]",
    "[\"\\ud800\\u0041\"]",
    "[\"\\udc00\"]",
    "[\"\t\"]",
    "[\"\x80\"]",
    "[\"\xC0\xAF\"]",
    "[\"\xED\xA0\x80\"]",
    "[\"\xF4\x90\x80\x80\"]",
    "[] []",
    "[]x",
    "{\"a\":1,\"a\":2}",
    "{\"b\":{\"a\":1,\"\\u0061\":2}}",
    "\xEF\xBB\xBF[]",
};

START_TEST(the_grammar_is_kept_to_the_letter)
{
    begin();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct json json;
        ck_assert_msg(gan_json_open(&json, context, wrong[i], strlen(wrong[i]), "text") == GAN_ERROR_FORMAT,
                      "taken: %s", wrong[i]);
    }
    struct json json;
    ck_assert_int_eq(gan_json_open(&json, context, "[\0]", 3, "text"), GAN_ERROR_FORMAT);
    gan_context_free(context);
}
END_TEST

START_TEST(depth_is_bounded)
{
    begin();
    char text[2 * (JSON_MOST_DEPTH + 1) + 1] = "";
    memset(text, '[', JSON_MOST_DEPTH);
    memset(text + JSON_MOST_DEPTH, ']', JSON_MOST_DEPTH);
    struct json json = parse(text);
    gan_json_close(&json);
    memset(text, '[', JSON_MOST_DEPTH + 1);
    memset(text + JSON_MOST_DEPTH + 1, ']', JSON_MOST_DEPTH + 1);
    ck_assert_int_eq(gan_json_open(&json, context, text, sizeof text - 1, "text"), GAN_ERROR_FORMAT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "nested deeper than 64"));
    gan_context_free(context);
}
END_TEST

START_TEST(values_are_found_and_walked)
{
    begin();
    struct json json =
        parse(" {\"a\": [1, [], {\"x\": {}}, \"\"], \"\\u0062\": {\"a\": true}, \"c\": null} ");
    ck_assert_int_eq(gan_json_count(&json, 0), 3);
    const int32_t array = gan_json_find(&json, 0, "a");
    ck_assert_int_eq(gan_json_kind(&json, array), JSON_ARRAY);
    const int32_t kinds[] = {JSON_NUMBER, JSON_ARRAY, JSON_OBJECT, JSON_STRING};
    int32_t element = gan_json_first(&json, array);
    for (int i = 0; i < 4; i++, element = gan_json_next(&json, element))
        ck_assert_int_eq(gan_json_kind(&json, element), kinds[i]);
    ck_assert_int_eq(element, -1);
    bool truth = false;
    ck_assert_int_eq(gan_json_boolean(&json, gan_json_find(&json, gan_json_find(&json, 0, "b"), "a"), &truth),
                     GAN_OK);
    ck_assert(truth);
    ck_assert_int_eq(gan_json_kind(&json, gan_json_find(&json, 0, "c")), JSON_NULL);
    ck_assert_int_eq(gan_json_kind(&json, gan_json_find(&json, 0, "d")), JSON_NONE);
    int32_t value;
    ck_assert_int_eq(gan_json_require(&json, 0, "d", JSON_NULL, &value), GAN_ERROR_FORMAT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "lacks the key \"d\""));
    ck_assert_int_eq(gan_json_require(&json, 0, "a", JSON_OBJECT, &value), GAN_ERROR_FORMAT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "is an array, expected an object"));
    gan_json_close(&json);
    gan_context_free(context);
}
END_TEST

START_TEST(strings_lose_their_escapes)
{
    begin();
    struct json json = parse("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\ude00\\u20AC\", \"a\\u0000b\"]");
    char *text;
    ck_assert_int_eq(gan_json_string(&json, 1, &text), GAN_OK);
    ck_assert_str_eq(text, "\"\\/\b\f\n\r\t\xC3\xA9\xF0\x9F\x98\x80\xE2\x82\xAC");
    ck_assert(gan_json_equals(&json, 1, text));
    ck_assert(!gan_json_equals(&json, 1, "\"\\/"));
    ck_assert(!gan_json_equals(&json, 2, "a"));
    gan_release(context, text);
    ck_assert_int_eq(gan_json_string(&json, 2, &text), GAN_ERROR_FORMAT);
    ck_assert_ptr_null(text);
    gan_json_close(&json);
    gan_context_free(context);
}
END_TEST

START_TEST(integers_are_exact_and_bounded)
{
    begin();
    struct json json =
        parse("[9223372036854775807, -9223372036854775808, 9223372036854775808, 1.0, 1e3, -0]");
    const int64_t expected[] = {INT64_MAX, INT64_MIN, 0, 0, 0, 0};
    const gan_status statuses[] = {GAN_OK,           GAN_OK,           GAN_ERROR_FORMAT,
                                   GAN_ERROR_FORMAT, GAN_ERROR_FORMAT, GAN_OK};
    for (int32_t i = 0; i < 6; i++) {
        int64_t number;
        ck_assert_int_eq(gan_json_integer(&json, i + 1, INT64_MIN, INT64_MAX, &number), statuses[i]);
        if (statuses[i] == GAN_OK)
            ck_assert_int_eq(number, expected[i]);
    }
    int64_t number;
    ck_assert_int_eq(gan_json_integer(&json, 6, 1, 5, &number), GAN_ERROR_FORMAT);
    ck_assert_int_eq(gan_json_integer(&json, -1, 1, 5, &number), GAN_ERROR_FORMAT); /* a key not found */
    gan_json_close(&json);
    gan_context_free(context);
}
END_TEST

static const double numbers[] = {0.0,     -0.0,    1.0,           0.1,      -2.5e-7, 1e22,      DBL_MAX,
                                 DBL_MIN, 5e-324,  123456789.125, 1.0 / 3,  1e-300,  2e9,       65504.0,
                                 FLT_MAX, FLT_MIN, 1e-45,         16777217, 0.3,     1e15 + 0.5};

static void write_numbers(char **text)
{
    struct json_writer writer;
    gan_json_writer_open(&writer, context);
    gan_json_begin_array(&writer, NULL);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        gan_json_write_double(&writer, NULL, numbers[i]);
        gan_json_write_float(&writer, NULL, (float)fmin(numbers[i], (double)FLT_MAX));
    }
    gan_json_end_array(&writer);
    ck_assert_int_eq(gan_json_writer_take(&writer, text, NULL), GAN_OK);
}

START_TEST(numbers_come_back_with_the_same_bits_in_any_locale)
{
    begin();
    static const char *const locales[] = {"C", "de_DE.UTF-8", "fr_FR.UTF-8", "ps_AF.UTF-8"};
    for (size_t i = 0; i < sizeof locales / sizeof locales[0]; i++) {
        setlocale(LC_ALL, locales[i]);
        char *text;
        write_numbers(&text);
        struct json json = parse(text);
        for (int32_t j = 0; j < (int32_t)(sizeof numbers / sizeof numbers[0]); j++) {
            double wide;
            float narrow;
            const float expected = (float)fmin(numbers[j], (double)FLT_MAX);
            ck_assert_int_eq(gan_json_double(&json, 1 + 2 * j, &wide), GAN_OK);
            ck_assert_int_eq(gan_json_float(&json, 2 + 2 * j, &narrow), GAN_OK);
            ck_assert_mem_eq(&wide, &numbers[j], sizeof wide);
            ck_assert_mem_eq(&narrow, &expected, sizeof narrow);
        }
        gan_json_close(&json);
        gan_release(context, text);
    }
    setlocale(LC_ALL, "C");
    gan_context_free(context);
}
END_TEST

START_TEST(numbers_beyond_their_type_are_refused)
{
    begin();
    struct json json = parse("[1e39, 1e400, 1e99999999999999999999, 1e-99999999999999999999]");
    float narrow;
    double wide;
    ck_assert_int_eq(gan_json_float(&json, 1, &narrow), GAN_ERROR_FORMAT);
    ck_assert_int_eq(gan_json_double(&json, 2, &wide), GAN_ERROR_FORMAT);
    ck_assert_int_eq(gan_json_double(&json, 3, &wide), GAN_ERROR_FORMAT);
    ck_assert_int_eq(gan_json_double(&json, 4, &wide), GAN_OK);
    ck_assert(wide == 0.0);
    gan_json_close(&json);
    gan_context_free(context);
}
END_TEST

START_TEST(what_is_written_is_compact_and_escaped)
{
    begin();
    struct json_writer writer;
    char *text;
    gan_json_writer_open(&writer, context);
    gan_json_begin_object(&writer, NULL);
    gan_json_write_string(&writer, "a\"", "x\\\n\x01\xC3\xA9\xFFz");
    gan_json_begin_array(&writer, "list");
    gan_json_write_integer(&writer, NULL, -7);
    gan_json_write_float(&writer, NULL, 0.1f);
    gan_json_begin_object(&writer, NULL);
    gan_json_end_object(&writer);
    gan_json_write_boolean(&writer, NULL, false);
    gan_json_end_array(&writer);
    gan_json_write_boolean(&writer, "b", true);
    gan_json_end_object(&writer);
    ck_assert_int_eq(gan_json_writer_take(&writer, &text, NULL), GAN_OK);
    ck_assert_str_eq(text, "{\"a\\\"\":\"x\\\\\\n\\u0001\xC3\xA9\xEF\xBF\xBDz\",\"list\":[-7,0.1,{},false],"
                           "\"b\":true}");
    gan_release(context, text);
    gan_json_writer_open(&writer, context);
    gan_json_write_float(&writer, NULL, NAN);
    ck_assert_int_eq(gan_json_writer_take(&writer, &text, NULL), GAN_ERROR_NOT_FINITE);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_grammar_is_kept_to_the_letter,     depth_is_bounded,
        values_are_found_and_walked,           strings_lose_their_escapes,
        integers_are_exact_and_bounded,        numbers_come_back_with_the_same_bits_in_any_locale,
        numbers_beyond_their_type_are_refused, what_is_written_is_compact_and_escaped,
    };
    return run_suite("json", tests, sizeof tests / sizeof tests[0]);
}
