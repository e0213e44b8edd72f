/* A camera's notes and colour profiles: what a result's file keeps of them. */
#include "base/suite.h"
#include "formats/exif.h"
#include "formats/folder.h"
#include "formats/picture_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct notes {
    unsigned char bytes[256];
    size_t size;
    int big_endian;
};

static void add(struct notes *notes, uint32_t number, int bytes)
{
    for (int i = 0; i < bytes; i++)
        notes->bytes[notes->size++] = (unsigned char)(number >> 8 * (notes->big_endian ? bytes - 1 - i : i));
}

static void add_entry(struct notes *notes, uint32_t tag, uint32_t type, uint32_t count, uint32_t value)
{
    add(notes, tag, 2);
    add(notes, type, 2);
    add(notes, count, 4);
    add(notes, value, type == 3 ? 2 : 4);
    if (type == 3)
        add(notes, 0, 2);
}

/* Main directory at 8, the camera's at 62, the thumbnail's at 92, the thumbnail itself in the end. */
static struct notes camera_notes(int big_endian, uint32_t orientation)
{
    struct notes notes = {.big_endian = big_endian};
    memcpy(notes.bytes, big_endian ? "MM" : "II", 2);
    notes.size = 2;
    add(&notes, 42, 2);
    add(&notes, 8, 4);
    add(&notes, 4, 2);
    add_entry(&notes, 0x0100, 3, 1, 4000);
    add_entry(&notes, 0x010F, 2, 4, 0x464F4F00);
    add_entry(&notes, 0x0112, 3, 1, orientation);
    add_entry(&notes, 0x8769, 4, 1, 62);
    add(&notes, 92, 4);
    add(&notes, 2, 2);
    add_entry(&notes, 0xA002, 4, 1, 4000);
    add_entry(&notes, 0xA003, 3, 1, 3000);
    add(&notes, 0, 4);
    add(&notes, 2, 2);
    add_entry(&notes, 0x0201, 4, 1, 122);
    add_entry(&notes, 0x0202, 4, 1, THUMBNAIL);
    add(&notes, 0, 4);
    ck_assert_uint_eq(notes.size, 122);
    for (int i = 0; i < THUMBNAIL; i++)
        notes.bytes[notes.size++] = (unsigned char)(200 + i);
    return notes;
}

static uint32_t number_at(const struct notes *notes, size_t at, int bytes)
{
    uint32_t number = 0;
    for (int i = 0; i < bytes; i++)
        number |= (uint32_t)notes->bytes[at + (size_t)i] << 8 * (notes->big_endian ? bytes - 1 - i : i);
    return number;
}

START_TEST(notes_lose_orientation_and_thumbnail_and_get_the_new_size)
{
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        struct notes notes = camera_notes(big_endian, 6);
        ck_assert(gan_exif_settle(notes.bytes, &notes.size));
        ck_assert_uint_eq(notes.size, 122);
        gan_exif_set_size(notes.bytes, notes.size, 640, 480);
        ck_assert_uint_eq(number_at(&notes, 10 + 8, 2), 640);
        ck_assert_uint_eq(number_at(&notes, 10 + 2 * 12 + 8, 2), 1);
        ck_assert_uint_eq(number_at(&notes, 10 + 4 * 12, 4), 0);
        ck_assert_uint_eq(number_at(&notes, 64 + 8, 4), 640);
        ck_assert_uint_eq(number_at(&notes, 64 + 12 + 8, 2), 480);
        for (size_t i = 94; i < 118; i++)
            ck_assert_uint_eq(notes.bytes[i], 0);
    }
}
END_TEST

enum { LINK = 58, SECOND = 92, SECOND_LINK = 118 }; /* places in camera_notes */

static void set_entry(struct notes *notes, int index, uint32_t tag, uint32_t count, uint32_t value)
{
    struct notes entry = {.big_endian = notes->big_endian};
    add_entry(&entry, tag, 4, count, value);
    memcpy(notes->bytes + SECOND + 2 + 12 * index, entry.bytes, 12);
}

/* Notes whose thumbnail might be left in part are not understood. */
START_TEST(notes_whose_thumbnail_cannot_be_cleared_are_dropped)
{
    enum { TAG_STRIP = 0x0111, TAG_STRIP_SIZE = 0x0117, TAG_TILES = 0x0144, TAG_SUBDIRECTORIES = 0x014A };
    for (int big_endian = 0; big_endian < 2; big_endian++)
        for (int kind = 0; kind < 9; kind++) {
            struct notes notes = camera_notes(big_endian, 6), number = {.big_endian = big_endian};
            const bool strips = kind == 1 || kind == 2;
            if (strips) { /* in one piece, in two */
                set_entry(&notes, 0, TAG_STRIP, (uint32_t)kind, 122);
                set_entry(&notes, 1, TAG_STRIP_SIZE, (uint32_t)kind, THUMBNAIL);
            }
            if (kind == 3) /* no size */
                set_entry(&notes, 1, TAG_STRIP_SIZE, 1, THUMBNAIL);
            if (kind == 4)
                set_entry(&notes, 0, TAG_TILES, 1, 122);
            if (kind == 5)
                set_entry(&notes, 0, TAG_SUBDIRECTORIES, 1, 122);
            add(&number, kind == 6 ? 10000 : kind == 7 ? 8 : 92, 4);
            if (kind == 6) /* a directory outside, one more behind it, one without entries */
                memcpy(notes.bytes + LINK, number.bytes, 4);
            if (kind == 7)
                memcpy(notes.bytes + SECOND_LINK, number.bytes, 4);
            if (kind == 8)
                memset(notes.bytes + SECOND, 0, 2);
            ck_assert_int_eq(gan_exif_settle(notes.bytes, &notes.size), kind <= 1);
            for (size_t i = 122; kind <= 1 && i < 122 + THUMBNAIL; i++)
                ck_assert_uint_eq(notes.bytes[i], 0);
        }
}
END_TEST

/* Any bytes: nothing is read or written outside, which the sanitizers watch. */
START_TEST(notes_of_nonsense_do_no_harm)
{
    for (int big_endian = 0; big_endian < 2; big_endian++)
        for (size_t at = 0; at < 122; at++)
            for (int value = 0; value < 256; value += 5) {
                struct notes notes = camera_notes(big_endian, 6);
                unsigned char *bytes = malloc(notes.size);
                ck_assert_ptr_nonnull(bytes);
                notes.bytes[at] = (unsigned char)value;
                memcpy(bytes, notes.bytes, notes.size);
                if (gan_exif_settle(bytes, &notes.size))
                    gan_exif_set_size(bytes, notes.size, 100000, 1);
                free(bytes);
            }
    for (size_t size = 0; size < 162; size++) {
        struct notes notes = camera_notes(0, 1);
        size_t left = size;
        unsigned char *bytes = malloc(size + 1);
        ck_assert_ptr_nonnull(bytes);
        memcpy(bytes, notes.bytes, size);
        gan_exif_settle(bytes, &left);
        ck_assert_uint_le(left, size);
        free(bytes);
    }
}
END_TEST

static void make_profile(unsigned char *profile, const char *colors)
{
    for (int i = 0; i < PROFILE; i++)
        profile[i] = (unsigned char)(i * 7 + i / 250);
    for (int i = 0; i < 4; i++)
        profile[i] = (unsigned char)((uint32_t)PROFILE >> (24 - 8 * i));
    memcpy(profile + 16, colors, 4);
    memcpy(profile + 36, "acsp", 4);
}

/* A JPEG as a camera writes it: notes, then a profile in three pieces, in which `missing` is left out. */
static void write_camera_jpeg(const char *path, const char *colors, int missing)
{
    static unsigned char plain[60000], file[60000 + PROFILE + 1000], profile[PROFILE];
    gan_tensor *picture = picture_of(HEIGHT, WIDTH, 3);
    must_succeed(gan_image_save(picture, NULL, path, 90));
    gan_tensor_free(picture);
    const size_t plain_size = (size_t)read_bytes(path, plain, sizeof plain);
    const struct notes notes = camera_notes(1, 6);
    size_t size = 2;
    memcpy(file, plain, 2);
    size += put_segment(file + size, 0xE1, "Exif\0", 6, notes.bytes, notes.size);
    make_profile(profile, colors);
    for (int piece = 0; piece < 3; piece++) {
        const char head[14] = {'I', 'C', 'C', '_', 'P', 'R', 'O', 'F', 'I', 'L', 'E', 0, (char)(piece + 1),
                               3};
        if (piece != missing)
            size += put_segment(file + size, 0xE2, head, 14, profile + piece * (PROFILE / 3), PROFILE / 3);
    }
    memcpy(file + size, plain + 2, plain_size - 2);
    write_bytes(path, file, size + plain_size - 2);
}

static void expect_camera(const gan_image_metadata *metadata)
{
    ck_assert_uint_eq(gan_image_metadata_exif_size(metadata), 122);
    ck_assert_uint_eq(gan_image_metadata_profile_size(metadata), PROFILE);
}

START_TEST(a_camera_s_notes_and_profile_go_from_file_to_file)
{
    static const char *const names[] = {"b.png", "c.jpg", "d.png"};
    begin_pictures();
    char from[512], to[512];
    gan_image_metadata *metadata;
    gan_tensor *picture = picture_of(50, 40, 3);
    snprintf(from, sizeof from, "%s", folder_file(&picture_folder, "a.jpg"));
    write_camera_jpeg(from, "RGB ", -1);
    for (int i = 0; i < 3; i++) {
        must_succeed(gan_image_metadata_load(&metadata, picture_context, from));
        expect_camera(metadata);
        snprintf(to, sizeof to, "%s", folder_file(&picture_folder, names[i]));
        const gan_image_save_options options = {.struct_size = sizeof options, .metadata = metadata};
        must_succeed(gan_image_save_with_options(picture, NULL, to, &options));
        gan_image_metadata_free(metadata);
        memcpy(from, to, sizeof from);
    }
    gan_tensor *loaded;
    must_succeed(gan_image_load(&loaded, NULL, picture_context, from));
    ck_assert_int_eq(gan_tensor_size(loaded, 1), 50); /* the orientation is not applied twice */
    static unsigned char file[400000];
    const size_t size = (size_t)read_bytes(from, file, sizeof file);
    const unsigned char *exif;
    struct notes notes = {.big_endian = 1};
    ck_assert(gan_exif_find(file, size, &exif, &notes.size));
    memcpy(notes.bytes, exif, notes.size);
    ck_assert_uint_eq(number_at(&notes, 64 + 8, 4), 40);
    gan_tensor_free(loaded);
    gan_tensor_free(picture);
    end_pictures(4);
}
END_TEST

START_TEST(profiles_that_are_broken_or_not_for_rgb_are_left)
{
    begin_pictures();
    const char *path = folder_file(&picture_folder, "a.jpg");
    gan_image_metadata *metadata;
    for (int missing = -1; missing < 3; missing++) {
        write_camera_jpeg(path, missing < 0 ? "GRAY" : "RGB ", missing);
        must_succeed(gan_image_metadata_load(&metadata, picture_context, path));
        ck_assert_uint_eq(gan_image_metadata_profile_size(metadata), 0);
        ck_assert_uint_eq(gan_image_metadata_exif_size(metadata), 122);
        gan_image_metadata_free(metadata);
    }
    end_pictures(1);
}
END_TEST

/* The orientation of a PNG's notes counts as that of a JPEG's. */
START_TEST(a_png_with_an_orientation_is_turned)
{
    begin_pictures();
    static unsigned char plain[30000], file[31000];
    gan_tensor *picture = picture_of(HEIGHT, WIDTH, 3), *loaded;
    const char *path = folder_file(&picture_folder, "a.png");
    must_succeed(gan_image_save(picture, NULL, path, 0));
    const size_t size = (size_t)read_bytes(path, plain, sizeof plain);
    const struct notes notes = camera_notes(0, 8);
    const size_t header = 8 + 12 + 13;
    memcpy(file, plain, header);
    const size_t chunk = put_chunk(file + header, "eXIf", notes.bytes, notes.size);
    memcpy(file + header + chunk, plain + header, size - header);
    must_succeed(gan_image_decode(&loaded, NULL, picture_context, file, size + chunk, "FILE"));
    ck_assert_int_eq(gan_tensor_size(loaded, 1), WIDTH);
    ck_assert_int_eq(gan_tensor_size(loaded, 2), HEIGHT);
    gan_tensor_free(loaded);
    gan_tensor_free(picture);
    end_pictures(1);
}
END_TEST

/* A pipe gives its bytes once. */
START_TEST(one_reading_gives_picture_and_metadata)
{
    begin_pictures();
    char path[512], pipe_name[512], command[1200];
    gan_image_metadata *metadata;
    gan_image_source *source;
    gan_tensor *picture, *alpha;
    snprintf(path, sizeof path, "%s", folder_file(&picture_folder, "a.jpg"));
    snprintf(pipe_name, sizeof pipe_name, "%s", folder_file(&picture_folder, "pipe"));
    snprintf(command, sizeof command, "cat '%s' >'%s' &", path, pipe_name);
    write_camera_jpeg(path, "RGB ", -1);
    ck_assert_int_eq(mkfifo(pipe_name, 0600), 0);
    ck_assert_int_eq(system(command), 0);
    must_succeed(gan_image_load_with_metadata(&picture, &alpha, &metadata, picture_context, pipe_name));
    expect_camera(metadata);
    ck_assert_int_eq(gan_tensor_size(picture, 1), WIDTH); /* turned */
    ck_assert_ptr_null(alpha);
    gan_tensor_free(picture);
    gan_image_metadata_free(metadata);
    ck_assert_int_eq(system(command), 0);
    must_succeed(gan_image_source_open_with_metadata(&source, &metadata, picture_context, pipe_name));
    expect_camera(metadata);
    ck_assert_int_eq(gan_image_source_height(source), WIDTH);
    gan_image_source_free(source);
    gan_image_metadata_free(metadata);
    metadata = (gan_image_metadata *)picture_context;
    ck_assert_int_eq(gan_image_load_with_metadata(&picture, NULL, &metadata, picture_context, "/nowhere"),
                     GAN_ERROR_NOT_FOUND);
    ck_assert_ptr_null(metadata);
    must_succeed(gan_image_source_open_with_metadata(&source, NULL, picture_context, path));
    gan_image_source_free(source);
    end_pictures(2);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {notes_lose_orientation_and_thumbnail_and_get_the_new_size,
                                  notes_whose_thumbnail_cannot_be_cleared_are_dropped,
                                  notes_of_nonsense_do_no_harm,
                                  a_camera_s_notes_and_profile_go_from_file_to_file,
                                  profiles_that_are_broken_or_not_for_rgb_are_left,
                                  a_png_with_an_orientation_is_turned,
                                  one_reading_gives_picture_and_metadata};
    return run_suite("image notes", tests, sizeof tests / sizeof tests[0]);
}
