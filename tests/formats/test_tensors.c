/* Collections of tensors and safetensors files. */
#include "base/suite.h"
#include "formats/folder.h"
#include "gan/context.h"
#include "gan/tensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gan_context *context;
static struct folder folder;

static void begin(void)
{
    ck_assert_int_eq(gan_context_create(&context, NULL), GAN_OK);
    folder_open(&folder);
}

static void end(int files)
{
    folder_close(&folder, files);
    gan_context_free(context);
}

static void must(gan_status status)
{
    ck_assert_msg(status == GAN_OK, "%s: %s", gan_status_name(status), gan_error_message());
}

static void add(gan_tensors *tensors, const char *name, int32_t type, const int64_t *shape, int32_t rank,
                const void *values, size_t size)
{
    gan_tensor *tensor;
    must(gan_tensor_create(&tensor, context, type, shape, rank));
    if (size > 0)
        memcpy(gan_tensor_data(tensor), values, size);
    must(gan_tensors_add(tensors, name, tensor));
    gan_tensor_free(tensor);
}

static gan_tensors *sample(void)
{
    gan_tensors *tensors;
    must(gan_tensors_create(&tensors, context));
    add(tensors, "bytes", GAN_UINT8, (int64_t[]){3}, 1, "\1\2\3", 3);
    add(tensors, "weights", GAN_FLOAT32, (int64_t[]){2, 1, 2}, 3, (float[]){1.5f, -2.0f, 0.1f, 65504.0f}, 16);
    add(tensors, "halves", GAN_FLOAT16, (int64_t[]){1}, 1, (uint16_t[]){0x3C00}, 2);
    add(tensors, "one", GAN_INT32, NULL, 0, (int32_t[]){-5}, 4);
    add(tensors, "none \xC3\xA9\"", GAN_FLOAT32, (int64_t[]){4, 0}, 2, NULL, 0);
    must(gan_tensors_set_metadata(tensors, "method", "style"));
    must(gan_tensors_set_metadata(tensors, "json", "{\"a\":\"\\u00e9\n\"}"));
    return tensors;
}

static void expect_equal(const gan_tensors *a, const gan_tensors *b)
{
    ck_assert_int_eq(gan_tensors_count(a), gan_tensors_count(b));
    for (int32_t i = 0; i < gan_tensors_count(a); i++) {
        const gan_tensor *x = gan_tensors_at(a, i), *y = gan_tensors_at(b, i);
        static const size_t sizes[] = {4, 2, 4, 1};
        ck_assert_str_eq(gan_tensors_name(a, i), gan_tensors_name(b, i));
        ck_assert_int_eq(gan_tensor_type(x), gan_tensor_type(y));
        ck_assert_int_eq(gan_tensor_rank(x), gan_tensor_rank(y));
        for (int32_t axis = 0; axis < gan_tensor_rank(x); axis++)
            ck_assert_int_eq(gan_tensor_size(x, axis), gan_tensor_size(y, axis));
        ck_assert_int_eq(memcmp(gan_tensor_data_const(x), gan_tensor_data_const(y),
                                (size_t)gan_tensor_count(x) * sizes[gan_tensor_type(x)]),
                         0);
    }
    ck_assert_int_eq(gan_tensors_metadata_count(a), gan_tensors_metadata_count(b));
    for (int32_t i = 0; i < gan_tensors_metadata_count(a); i++) {
        const char *key = gan_tensors_metadata_key(a, i);
        ck_assert_str_eq(key, gan_tensors_metadata_key(b, i));
        ck_assert_str_eq(gan_tensors_metadata(a, key), gan_tensors_metadata(b, key));
    }
}

START_TEST(what_is_saved_is_loaded)
{
    begin();
    gan_tensors *tensors = sample(), *loaded;
    const char *path = folder_file(&folder, "a.safetensors");
    must(gan_tensors_save(tensors, path));
    must(gan_tensors_load(&loaded, context, path));
    expect_equal(tensors, loaded);
    gan_tensors_free(loaded);
    gan_tensors_free(tensors);
    end(1);
}
END_TEST

START_TEST(the_same_collection_gives_the_same_bytes)
{
    begin();
    char a[2048] = {0}, b[2048] = {0};
    gan_tensors *tensors = sample(), *loaded;
    must(gan_tensors_save(tensors, folder_file(&folder, "a")));
    must(gan_tensors_load(&loaded, context, folder_file(&folder, "a")));
    must(gan_tensors_save(loaded, folder_file(&folder, "b")));
    const long size = read_bytes(folder_file(&folder, "a"), a, sizeof a);
    ck_assert_int_eq(read_bytes(folder_file(&folder, "b"), b, sizeof b), size);
    ck_assert_int_eq(memcmp(a, b, (size_t)size), 0);
    const size_t header = (uint8_t)a[0] + 256u * (uint8_t)a[1];
    ck_assert_uint_eq(header % 8, 0);
    ck_assert_uint_eq((size_t)size, 8 + header + 16 + 4 + 2 + 3);
    gan_tensors_free(loaded);
    gan_tensors_free(tensors);
    end(2);
}
END_TEST

START_TEST(float32_may_be_stored_as_float16)
{
    begin();
    gan_tensors *tensors = sample(), *loaded;
    const char *path = folder_file(&folder, "a");
    ck_assert_int_eq(gan_tensors_set_storage(tensors, 0, GAN_FLOAT16), GAN_ERROR_TYPE);
    ck_assert_int_eq(gan_tensors_set_storage(tensors, 1, GAN_UINT8), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_tensors_set_storage(tensors, 9, GAN_FLOAT16), GAN_ERROR_ARGUMENT);
    must(gan_tensors_set_storage(tensors, 1, GAN_FLOAT16));
    must(gan_tensors_save(tensors, path));
    must(gan_tensors_load(&loaded, context, path));
    const uint16_t expected[] = {0x3E00, 0xC000, 0x2E66, 0x7BFF};
    ck_assert_int_eq(gan_tensor_type(gan_tensors_at(loaded, 1)), GAN_FLOAT16);
    ck_assert_mem_eq(gan_tensor_data_const(gan_tensors_at(loaded, 1)), expected, sizeof expected);
    gan_tensors_free(loaded);
    gan_tensor *tensor;
    must(gan_tensors_get(&tensor, tensors, "weights"));
    ((float *)gan_tensor_data(tensor))[2] = 70000.0f;
    gan_tensor_free(tensor);
    ck_assert_int_eq(gan_tensors_save(tensors, path), GAN_ERROR_NOT_FINITE);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "\"weights\": element 2 is 70000, beyond float16"));
    gan_tensors_free(tensors);
    end(1);
}
END_TEST

START_TEST(names_and_keys_are_looked_after)
{
    begin();
    gan_tensors *tensors = sample();
    gan_tensor *tensor;
    must(gan_tensor_create(&tensor, context, GAN_FLOAT32, NULL, 0));
    static const char *const names[] = {"", "__metadata__", "bytes", "\xFF"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        ck_assert_int_eq(gan_tensors_add(tensors, names[i], tensor), GAN_ERROR_ARGUMENT);
    gan_tensor_free(tensor);
    ck_assert_int_eq(gan_tensors_get(&tensor, tensors, "byte"), GAN_ERROR_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "\"byte\""));
    ck_assert_ptr_null(tensor);
    ck_assert_ptr_null(gan_tensors_name(tensors, 5));
    ck_assert_ptr_null(gan_tensors_at(tensors, -1));
    must(gan_tensors_set_metadata(tensors, "method", "other"));
    ck_assert_str_eq(gan_tensors_metadata(tensors, "method"), "other");
    must(gan_tensors_set_metadata(tensors, "method", NULL));
    must(gan_tensors_set_metadata(tensors, "method", NULL));
    ck_assert_ptr_null(gan_tensors_metadata(tensors, "method"));
    ck_assert_int_eq(gan_tensors_metadata_count(tensors), 1);
    ck_assert_int_eq(gan_tensors_set_metadata(tensors, "", "a"), GAN_ERROR_ARGUMENT);
    gan_tensors_free(tensors);
    gan_tensors_free(NULL);
    end(0);
}
END_TEST

static gan_status decode(gan_tensors **out, const char *header, const void *data, size_t size)
{
    static unsigned char file[8192];
    const size_t length = strlen(header);
    memset(file, 0, 8);
    file[0] = (unsigned char)length;
    file[1] = (unsigned char)(length >> 8);
    memcpy(file + 8, header, length);
    if (size > 0)
        memcpy(file + 8 + length, data, size);
    return gan_tensors_decode(out, context, file, 8 + length + size, "FILE");
}

static void refuse(const char *header, size_t size, gan_status status, const char *words)
{
    gan_tensors *tensors;
    static const char data[64] = {0};
    const gan_status found = decode(&tensors, header, data, size);
    ck_assert_msg(found == status, "%s: %s: %s", header, gan_status_name(found), gan_error_message());
    ck_assert_ptr_null(tensors);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "%s: %s", header, gan_error_message());
    ck_assert_msg(strncmp(gan_error_message(), "FILE: ", 6) == 0, "%s", gan_error_message());
}

#define TENSOR(type, shape, begin, end)                                                                      \
    "{\"dtype\":\"" type "\",\"shape\":" shape ",\"data_offsets\":[" begin "," end "]}"

START_TEST(wrong_files_are_refused_by_name)
{
    begin();
    const gan_status format = GAN_ERROR_FORMAT;
    refuse("", 0, format, "does not begin with {");
    refuse("[]", 0, format, "does not begin with {");
    refuse(" {}", 0, format, "does not begin with {");
    refuse("{}", 1, format, "has 1 bytes of data, but its tensors take 0");
    refuse("{\"a\":1}", 0, format, "tensor \"a\": is no object");
    refuse("{\"a\":{}}", 0, format, "tensor \"a\": header: JSON lacks the key \"dtype\"");
    refuse("{\"a\":" TENSOR("F32", "[2]", "0", "8") "}", 7, format, "expected an integer from 0 to 7");
    refuse("{\"a\":" TENSOR("F32", "[2]", "0", "8") "}", 9, format,
           "has 9 bytes of data, but its tensors take 8");
    refuse("{\"a\":" TENSOR("F32", "[3]", "0", "8") "}", 8, format, "[3] of F32 takes 12 bytes");
    refuse("{\"a\":" TENSOR("F32", "[1]", "4", "0") "}", 4, format, "expected an integer from 4 to 4");
    refuse("{\"a\":" TENSOR("F32", "[1]", "4", "8") "}", 8, format,
           "begins at byte 4 of the data, expected 0");
    refuse("{\"a\":" TENSOR("F32", "[1]", "0", "4") ",\"b\":" TENSOR("F32", "[1]", "2", "6") "}", 6, format,
           "tensor \"b\": begins at byte 2 of the data, expected 4");
    refuse("{\"a\":" TENSOR("F32", "[1]", "0", "4") ",\"a\":" TENSOR("F32", "[1]", "4", "8") "}", 8, format,
           "the key \"a\" twice");
    refuse("{\"a\":" TENSOR("F32", "[-1]", "0", "0") "}", 0, format, "is -1, expected an integer");
    refuse("{\"a\":" TENSOR("F32", "[4294967296,4294967296,0]", "0", "0") "}", 0, format, "more than 2^47");
    refuse("{\"a\":" TENSOR("F32", "[1.0]", "0", "4") "}", 4, format, "is 1.0, expected an integer");
    refuse("{\"a\":" TENSOR("F32", "[1,1,1,1,1,1,1]", "0", "4") "}", 4, GAN_ERROR_UNSUPPORTED,
           "7 dimensions");
    refuse("{\"a\":" TENSOR("BOOL", "[4]", "0", "4") "}", 4, GAN_ERROR_TYPE, "has type BOOL, expected F32");
    refuse("{\"__metadata__\":{\"a\":1}}", 0, format, "is a number, expected a string");
    refuse("{\"__metadata__\":[]}", 0, format, "__metadata__ is no object");
    end(0);
}
END_TEST

START_TEST(header_lengths_are_checked_before_memory_is_taken)
{
    begin();
    gan_tensors *tensors;
    const unsigned char bytes[16] = {255, 255, 255, 255, 255, 255, 255, 127, '{', '}'};
    for (size_t size = 0; size < 8; size++)
        ck_assert_int_eq(gan_tensors_decode(&tensors, context, bytes, size, "FILE"), GAN_ERROR_FORMAT);
    ck_assert_int_eq(gan_tensors_decode(&tensors, context, bytes, 16, "FILE"), GAN_ERROR_FORMAT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "claim a header of 9223372036854775807 bytes"));
    ck_assert_int_eq(gan_tensors_load(&tensors, context, folder_file(&folder, "none")), GAN_ERROR_NOT_FOUND);
    ck_assert_int_eq(gan_tensors_load(&tensors, context, folder.path), GAN_ERROR_IO);
    end(0);
}
END_TEST

START_TEST(other_types_are_converted)
{
    begin();
    gan_tensors *tensors;
    unsigned char data[28];
    const double wide[] = {0.1, (double)INFINITY};
    const int64_t number = -7;
    memcpy(data, wide, 16);
    memcpy(data + 16, &number, 8);
    memcpy(data + 24, "\x80\x3F\x49\x40", 4);
    const char *header = "{\"d\":" TENSOR("F64", "[2]", "0", "16") ",\"i\":" TENSOR(
        "I64", "[]", "16", "24") ",\"b\":" TENSOR("BF16", "[2]", "24", "28") "}";
    must(decode(&tensors, header, data, 28));
    const float narrow[] = {0.1f, INFINITY}, brain[] = {1.0f, 3.140625f};
    ck_assert_mem_eq(gan_tensor_data_const(gan_tensors_at(tensors, 0)), narrow, 8);
    ck_assert_int_eq(*(const int32_t *)gan_tensor_data_const(gan_tensors_at(tensors, 1)), -7);
    ck_assert_mem_eq(gan_tensor_data_const(gan_tensors_at(tensors, 2)), brain, 8);
    gan_tensors_free(tensors);
    const double huge[] = {0.0, 1e39};
    memcpy(data, huge, 16);
    ck_assert_int_eq(decode(&tensors, header, data, 28), GAN_ERROR_FORMAT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "\"d\": element 1 of type F64 does not fit float32"));
    const int64_t large = (int64_t)1 << 31;
    memcpy(data, wide, 16);
    memcpy(data + 16, &large, 8);
    ck_assert_int_eq(decode(&tensors, header, data, 28), GAN_ERROR_FORMAT);
    end(0);
}
END_TEST

START_TEST(every_cut_of_a_file_is_refused)
{
    begin();
    static unsigned char bytes[2048];
    gan_tensors *tensors = sample(), *loaded;
    const char *path = folder_file(&folder, "a");
    must(gan_tensors_save(tensors, path));
    const long size = read_bytes(path, bytes, sizeof bytes);
    for (long cut = 0; cut < size; cut++) {
        write_bytes(path, bytes, (size_t)cut);
        ck_assert_int_eq(gan_tensors_load(&loaded, context, path), GAN_ERROR_FORMAT);
        ck_assert_int_eq(gan_tensors_decode(&loaded, context, bytes, (size_t)cut, "FILE"), GAN_ERROR_FORMAT);
    }
    gan_tensors_free(tensors);
    end(1);
}
END_TEST

START_TEST(a_full_disk_leaves_nothing)
{
    begin();
    gan_tensors *tensors = sample();
    ck_assert_int_eq(gan_tensors_save(tensors, "/dev/full"), GAN_ERROR_IO);
    ck_assert_int_eq(gan_tensors_save(tensors, folder_file(&folder, "no/a")), GAN_ERROR_NOT_FOUND);
    gan_tensors_free(tensors);
    end(0);
}
END_TEST

START_TEST(published_weights_are_read)
{
    static const char *const names[] = {"squeezenet1.1", "microast", "fns_vangogh_starry-night"};
    const char *data = getenv("GAN_SHARED_DATA");
    if (data == NULL) {
        printf("GAN_SHARED_DATA is not set: published weights are not read\n");
        return;
    }
    begin();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[512];
        gan_tensors *tensors;
        snprintf(path, sizeof path, "%s/weights/%s.safetensors", data, names[i]);
        must(gan_tensors_load(&tensors, context, path));
        ck_assert_int_gt(gan_tensors_count(tensors), 10);
        gan_tensors_free(tensors);
    }
    end(0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_is_saved_is_loaded,          the_same_collection_gives_the_same_bytes,
        float32_may_be_stored_as_float16, names_and_keys_are_looked_after,
        wrong_files_are_refused_by_name,  header_lengths_are_checked_before_memory_is_taken,
        other_types_are_converted,        every_cut_of_a_file_is_refused,
        a_full_disk_leaves_nothing,       published_weights_are_read,
    };
    return run_suite("tensors", tests, sizeof tests / sizeof tests[0]);
}
