/* What is said of a picture's origin in its file, and digests of files. */
#include "base/suite.h"
#include "formats/folder.h"
#include "formats/picture_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *value;
} said[] = {
    {GAN_METADATA_SOURCE_TYPE, GAN_SOURCE_COMPOSITE},
    {GAN_METADATA_CREATOR_TOOL, "libgan \"0.1\" & <others>"},
    {"generator-sha256", "0123456789abcdef"},
    {"a", ""},
    {"note", "line\nline\ttab 'single' \xC3\xBC \xF0\x9F\x8E\xA8"},
};
enum { SAID = sizeof said / sizeof said[0] };

START_TEST(what_is_said_comes_back_from_png_and_jpeg)
{
    static const char *const names[] = {"a.png", "a.jpg"};
    begin_pictures();
    gan_tensor *picture = picture_of(HEIGHT, WIDTH, 3);
    gan_image_metadata *metadata, *loaded;
    must_succeed(gan_image_metadata_create(&metadata, picture_context));
    for (int i = 0; i < SAID; i++)
        must_succeed(gan_image_metadata_set(metadata, said[i].name, said[i].value));
    for (int file = 0; file < 2; file++) {
        const char *path = folder_file(&picture_folder, names[file]);
        const gan_image_save_options options = {.struct_size = sizeof options, .metadata = metadata};
        must_succeed(gan_image_save_with_options(picture, NULL, path, &options));
        must_succeed(gan_image_metadata_load(&loaded, picture_context, path));
        ck_assert_int_eq(gan_image_metadata_count(loaded), SAID);
        for (int i = 0; i < SAID; i++) {
            ck_assert_str_eq(gan_image_metadata_name(loaded, i), said[i].name);
            ck_assert_str_eq(gan_image_metadata_get(loaded, said[i].name), said[i].value);
        }
        gan_image_metadata_free(loaded);
    }
    gan_image_metadata_free(metadata);
    gan_tensor_free(picture);
    end_pictures(2);
}
END_TEST

START_TEST(others_write_elements_and_apostrophes)
{
    static const char xmp[] = "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><rdf:Description dc:title='no'>"
                              "<Iptc4xmpExt:DigitalSourceType>http://one</Iptc4xmpExt:DigitalSourceType>"
                              "<xmp:CreatorTool>Camera &amp; Co</xmp:CreatorTool></rdf:Description>"
                              "<gan:method foo gan:style='&#x41;' gan:kept='yes' gan:open='";
    begin_pictures();
    unsigned char file[1024] = {0xFF, 0xD8};
    size_t size = 2 + put_segment(file + 2, 0xE1, xmp, sizeof xmp - 1, "", 0);
    gan_image_metadata *metadata;
    must_succeed(gan_image_metadata_decode(&metadata, picture_context, file, size));
    ck_assert_str_eq(gan_image_metadata_get(metadata, GAN_METADATA_SOURCE_TYPE), "http://one");
    ck_assert_str_eq(gan_image_metadata_get(metadata, GAN_METADATA_CREATOR_TOOL), "Camera & Co");
    ck_assert_str_eq(gan_image_metadata_get(metadata, "kept"), "yes");
    ck_assert_int_eq(gan_image_metadata_count(metadata), 3);
    gan_image_metadata_free(metadata);
    end_pictures(0);
}
END_TEST

enum { PACKET = 1 << 20 };

/* The properties that a PNG with this text in place of XMP gives, one after the other in as many packets. */
static gan_image_metadata *read_packets(const char *const *packets, const size_t *sizes, int count)
{
    static const char head[] = "XML:com.adobe.xmp\0\0\0\0"; /* with a NUL more */
    enum { HEAD = sizeof head };
    unsigned char *file = malloc((size_t)count * (PACKET + 64) + 8), *content = malloc(HEAD + PACKET);
    gan_image_metadata *metadata;
    ck_assert(file != NULL && content != NULL);
    memcpy(file, "\x89PNG\r\n\x1A\n", 8);
    size_t size = 8;
    for (int i = 0; i < count; i++) {
        memcpy(content, head, HEAD);
        memcpy(content + HEAD, packets[i], sizes[i]);
        size += put_chunk(file + size, "iTXt", content, HEAD + sizes[i]);
    }
    must_succeed(gan_image_metadata_decode(&metadata, picture_context, file, size));
    free(file);
    free(content);
    return metadata;
}

/* Where each "<" looked to the end of the packet, one of 1 MiB would take longer than any test may. */
START_TEST(time_grows_with_the_packet_alone)
{
    static const char *const repeated[] = {"<", "<a", " a>", " gan:a>", " gan:a='&", "<gan:a='x'"};
    begin_pictures();
    char *packet = malloc(PACKET);
    ck_assert_ptr_nonnull(packet);
    for (size_t i = 0; i < sizeof repeated / sizeof repeated[0]; i++) {
        const size_t length = strlen(repeated[i]), size = PACKET;
        for (size_t k = 0; k < PACKET; k++)
            packet[k] = repeated[i][k % length];
        gan_image_metadata *metadata = read_packets(&(const char *){packet}, &size, 1);
        ck_assert_int_eq(gan_image_metadata_count(metadata), i == 5);
        gan_image_metadata_free(metadata);
    }
    free(packet);
    end_pictures(0);
}
END_TEST

START_TEST(a_name_ends_at_a_bracket_and_one_packet_counts)
{
    static const char *const packets[] = {"<x gan:a<gan:b='yes'/>", "<x gan:b='no' gan:c='no'/>"};
    begin_pictures();
    const size_t sizes[] = {strlen(packets[0]), strlen(packets[1])};
    gan_image_metadata *metadata = read_packets(packets, sizes, 2);
    ck_assert_int_eq(gan_image_metadata_count(metadata), 1);
    ck_assert_str_eq(gan_image_metadata_get(metadata, "b"), "yes");
    gan_image_metadata_free(metadata);
    end_pictures(0);
}
END_TEST

START_TEST(names_and_values_are_checked)
{
    static const char *const bad_names[] = {
        "",
        "1a",
        "-a",
        "a b",
        "a:b",
        "\xC3\xBC",
        "a234567890123456789012345678901234567890123456789012345678901234"};
    begin_pictures();
    gan_image_metadata *metadata;
    char name[8], many[1100];
    must_succeed(gan_image_metadata_create(&metadata, picture_context));
    for (size_t i = 0; i < sizeof bad_names / sizeof bad_names[0]; i++)
        ck_assert_int_eq(gan_image_metadata_set(metadata, bad_names[i], "x"), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_image_metadata_set(metadata, "a", "\xFF"), GAN_ERROR_ARGUMENT);
    static const char *const controls[] = {"\x01", "\x1B[2J", "a\x7F", "\xC2\x80", "a\xC2\x9F"};
    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++)
        ck_assert_int_eq(gan_image_metadata_set(metadata, "a", controls[i]), GAN_ERROR_ARGUMENT);
    memset(many, 'x', sizeof many);
    many[1024] = '\0';
    ck_assert_int_eq(gan_image_metadata_set(metadata, "a", many), GAN_ERROR_ARGUMENT);
    many[1023] = '\0';
    for (int i = 0; i < 32; i++) {
        snprintf(name, sizeof name, "n%d", i);
        must_succeed(gan_image_metadata_set(metadata, name, many));
    }
    ck_assert_int_eq(gan_image_metadata_set(metadata, "more", "x"), GAN_ERROR_ARGUMENT);
    must_succeed(gan_image_metadata_set(metadata, "n5", NULL));
    must_succeed(gan_image_metadata_set(metadata, "n5", NULL));
    ck_assert_ptr_null(gan_image_metadata_get(metadata, "n5"));
    must_succeed(gan_image_metadata_set(metadata, "more", "x"));
    ck_assert_str_eq(gan_image_metadata_name(metadata, 31), "more");
    ck_assert_ptr_null(gan_image_metadata_name(metadata, 32));
    ck_assert_ptr_null(gan_image_metadata_get(NULL, "a"));
    gan_image_metadata_free(metadata);
    gan_image_metadata_free(NULL);
    ck_assert_int_eq(gan_image_metadata_load(&metadata, picture_context, "/nowhere"), GAN_ERROR_NOT_FOUND);
    ck_assert_ptr_null(metadata);
    end_pictures(0);
}
END_TEST

/* Each "&" takes five bytes of a file: all that can be said comes back from a JPEG too. */
START_TEST(what_is_said_fits_into_a_jpeg)
{
    begin_pictures();
    gan_tensor *picture = picture_of(HEIGHT, WIDTH, 3);
    gan_image_metadata *metadata, *loaded;
    char name[8], many[1024];
    int32_t count = 0;
    memset(many, '&', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    must_succeed(gan_image_metadata_create(&metadata, picture_context));
    for (gan_status status = GAN_OK; status == GAN_OK && count < 32; count += status == GAN_OK) {
        snprintf(name, sizeof name, "n%d", count);
        status = gan_image_metadata_set(metadata, name, many);
    }
    ck_assert_int_eq(count, 12);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "65000"));
    ck_assert_int_eq(gan_image_metadata_count(metadata), 12);
    must_succeed(gan_image_metadata_set(metadata, "n3", many));
    must_succeed(gan_image_metadata_set(metadata, "n3", "<"));
    must_succeed(gan_image_metadata_set(metadata, "n12", many));
    ck_assert_int_eq(gan_image_metadata_set(metadata, "n3", many), GAN_ERROR_ARGUMENT);
    ck_assert_str_eq(gan_image_metadata_get(metadata, "n3"), "<");
    const char *path = folder_file(&picture_folder, "a.jpg");
    const gan_image_save_options options = {.struct_size = sizeof options, .metadata = metadata};
    must_succeed(gan_image_save_with_options(picture, NULL, path, &options));
    must_succeed(gan_image_metadata_load(&loaded, picture_context, path));
    ck_assert_int_eq(gan_image_metadata_count(loaded), 13);
    ck_assert_str_eq(gan_image_metadata_get(loaded, "n12"), many);
    gan_image_metadata_free(loaded);
    gan_image_metadata_free(metadata);
    gan_tensor_free(picture);
    end_pictures(1);
}
END_TEST

START_TEST(digests_are_those_of_the_standard)
{
    static const struct {
        const char *content, *digest;
    } known[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    begin_pictures();
    char digest[65];
    const char *path = folder_file(&picture_folder, "content");
    for (int i = 0; i < 3; i++) {
        write_bytes(path, known[i].content, strlen(known[i].content));
        must_succeed(gan_file_digest(picture_context, path, digest));
        ck_assert_str_eq(digest, known[i].digest);
    }
    ck_assert_int_eq(gan_file_digest(picture_context, "/nowhere", digest), GAN_ERROR_NOT_FOUND);
    end_pictures(1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {what_is_said_comes_back_from_png_and_jpeg,
                                  others_write_elements_and_apostrophes,
                                  time_grows_with_the_packet_alone,
                                  a_name_ends_at_a_bracket_and_one_packet_counts,
                                  names_and_values_are_checked,
                                  what_is_said_fits_into_a_jpeg,
                                  digests_are_those_of_the_standard};
    return run_suite("image metadata", tests, sizeof tests / sizeof tests[0]);
}
