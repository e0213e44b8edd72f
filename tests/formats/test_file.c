/* Bounded reading and atomic writing. */
#include "base/suite.h"
#include "formats/file.h"
#include "formats/folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void expect_content(const char *path, const char *expected)
{
    char text[64] = {0};
    ck_assert_int_eq(read_bytes(path, text, sizeof text - 1), (long)strlen(expected));
    ck_assert_str_eq(text, expected);
}

START_TEST(a_file_is_read_whole_and_ended_by_nul)
{
    begin();
    const char *path = folder_file(&folder, "a");
    unsigned char *bytes;
    size_t size;
    write_bytes(path, "hello", 5);
    ck_assert_int_eq(gan_file_read(context, path, 5, &bytes, &size), GAN_OK);
    ck_assert_uint_eq(size, 5);
    ck_assert_str_eq((char *)bytes, "hello");
    gan_release(context, bytes);
    ck_assert_int_eq(gan_file_read(context, path, 4, &bytes, &size), GAN_ERROR_FORMAT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), path));
    end(1);
}
END_TEST

START_TEST(missing_files_and_folders_are_refused_with_words)
{
    begin();
    unsigned char *bytes;
    size_t size;
    const char *path = folder_file(&folder, "missing");
    ck_assert_int_eq(gan_file_read(context, path, 5, &bytes, &size), GAN_ERROR_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "missing: cannot open: No such file"));
    ck_assert_int_eq(gan_file_read(context, folder.path, 5, &bytes, &size), GAN_ERROR_IO);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "is a folder"));
    ck_assert_int_eq(gan_file_save(context, folder.path, "x", 1), GAN_ERROR_IO);
    ck_assert_int_eq(gan_file_save(context, folder_file(&folder, "no/such"), "x", 1), GAN_ERROR_NOT_FOUND);
    end(0);
}
END_TEST

START_TEST(a_pipe_and_an_endless_device_are_read_within_bounds)
{
    begin();
    const char *path = folder_file(&folder, "pipe");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    const pid_t writer = fork();
    if (writer == 0) {
        write_bytes(path, "through the pipe", 16);
        _exit(0);
    }
    struct file_reader reader;
    char text[17] = {0};
    ck_assert_int_eq(gan_file_reader_open(&reader, context, path), GAN_OK);
    ck_assert_uint_eq(reader.size, 16);
    ck_assert_int_eq(gan_file_reader_take(&reader, text, 16), GAN_OK);
    ck_assert_str_eq(text, "through the pipe");
    ck_assert_int_eq(gan_file_reader_take(&reader, text, 1), GAN_ERROR_FORMAT);
    gan_file_reader_close(&reader);
    waitpid(writer, NULL, 0);
    unsigned char *bytes;
    size_t size;
    ck_assert_int_eq(gan_file_read(context, "/dev/zero", 1 << 20, &bytes, &size), GAN_ERROR_FORMAT);
    end(1);
}
END_TEST

START_TEST(the_new_file_appears_only_on_commit)
{
    begin();
    const char *path = folder_file(&folder, "a");
    struct file_writer writer;
    write_bytes(path, "old", 3);
    ck_assert_int_eq(gan_file_writer_open(&writer, context, path), GAN_OK);
    char *large = calloc(1, 200000);
    ck_assert_int_eq(gan_file_write(&writer, "new", 3), GAN_OK);
    ck_assert_int_eq(gan_file_write(&writer, large, 200000), GAN_OK);
    expect_content(path, "old");
    gan_file_writer_discard(&writer);
    expect_content(path, "old");
    ck_assert_int_eq(gan_file_writer_open(&writer, context, path), GAN_OK);
    ck_assert_int_eq(gan_file_write(&writer, "new", 3), GAN_OK);
    ck_assert_int_eq(gan_file_writer_commit(&writer), GAN_OK);
    gan_file_writer_discard(&writer);
    expect_content(path, "new");
    free(large);
    end(1);
}
END_TEST

START_TEST(permissions_are_kept_and_honoured)
{
    begin();
    const char *path = folder_file(&folder, "a");
    struct stat about;
    write_bytes(path, "old", 3);
    chmod(path, 0640);
    ck_assert_int_eq(gan_file_save(context, path, "new", 3), GAN_OK);
    ck_assert_int_eq(stat(path, &about), 0);
    ck_assert_uint_eq(about.st_mode & 0777, 0640);
    chmod(path, 0440);
    if (access(path, W_OK) != 0) /* else the user may do everything */
        ck_assert_int_eq(gan_file_save(context, path, "xxx", 3), GAN_ERROR_IO);
    expect_content(path, "new");
    end(1);
}
END_TEST

START_TEST(links_are_followed_and_stay)
{
    begin();
    struct stat about;
    const char *target = folder_file(&folder, "target"), *link = folder_file(&folder, "link");
    ck_assert_int_eq(symlink("target", link), 0);
    ck_assert_int_eq(gan_file_save(context, link, "one", 3), GAN_OK);
    expect_content(target, "one");
    ck_assert_int_eq(gan_file_save(context, link, "two", 3), GAN_OK);
    expect_content(target, "two");
    ck_assert_int_eq(lstat(link, &about), 0);
    ck_assert(S_ISLNK(about.st_mode));
    const char *circle = folder_file(&folder, "circle");
    ck_assert_int_eq(symlink("circle", circle), 0);
    ck_assert_int_eq(gan_file_save(context, circle, "one", 3), GAN_ERROR_IO);
    end(3);
}
END_TEST

START_TEST(a_full_device_is_reported)
{
    begin();
    ck_assert_int_eq(gan_file_save(context, "/dev/full", "text", 4), GAN_ERROR_IO);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "/dev/full: cannot write: No space left"));
    ck_assert_int_eq(gan_file_save(context, "/dev/null", "text", 4), GAN_OK);
    end(0);
}
END_TEST

START_TEST(standard_output_is_appended_to)
{
    begin();
    const char *path = folder_file(&folder, "out");
    const int saved = dup(1), file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    ck_assert_int_eq((int)write(file, "before ", 7), 7);
    dup2(file, 1);
    const gan_status status = gan_file_save(context, "/dev/stdout", "after", 5);
    dup2(saved, 1);
    close(saved);
    close(file);
    ck_assert_int_eq(status, GAN_OK);
    expect_content(path, "before after");
    end(1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_file_is_read_whole_and_ended_by_nul,
        missing_files_and_folders_are_refused_with_words,
        a_pipe_and_an_endless_device_are_read_within_bounds,
        the_new_file_appears_only_on_commit,
        permissions_are_kept_and_honoured,
        links_are_followed_and_stay,
        a_full_device_is_reported,
        standard_output_is_appended_to,
    };
    return run_suite("file", tests, sizeof tests / sizeof tests[0]);
}
