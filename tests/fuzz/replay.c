/* replay FOLDER: runs a fuzzer's function without libFuzzer on each file of a folder: whole, cut short, and
 * with bytes changed, the same way in every run. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { LARGEST = 1 << 20, CHANGED = 400, CUTS = 40, MOST_BYTES_CHANGED = 4 };

/* A copy in memory of exactly this size, so that the address sanitizer sees each byte read beyond it. */
static void feed(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL)
        exit(1);
    memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static void feed_changed(const uint8_t *bytes, size_t size, uint64_t *state)
{
    uint8_t *copy = malloc(size);
    if (copy == NULL)
        exit(1);
    memcpy(copy, bytes, size);
    const uint32_t changes = 1 + next_random(state) % MOST_BYTES_CHANGED;
    for (uint32_t i = 0; i < changes; i++)
        copy[next_random(state) % size] = (uint8_t)next_random(state);
    feed(copy, size);
    free(copy);
}

static void feed_variants(const uint8_t *bytes, size_t size)
{
    uint64_t state = size;
    feed(bytes, size);
    for (size_t i = 0; i < CUTS; i++)
        feed(bytes, size * i / CUTS);
    for (int i = 0; i < CHANGED && size > 0; i++)
        feed_changed(bytes, size, &state);
}

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(LARGEST);
    if (file == NULL || bytes == NULL) {
        fprintf(stderr, "%s: cannot read\n", path);
        exit(1);
    }
    feed_variants(bytes, fread(bytes, 1, LARGEST, file));
    free(bytes);
    fclose(file);
    return 1;
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    int files = 0;
    if (folder == NULL) {
        fprintf(stderr, "replay: expected a folder of seeds\n");
        return 1;
    }
    feed((const uint8_t *)"", 0);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char path[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        files += replay(path);
    }
    closedir(folder);
    printf("%d seeds replayed\n", files);
    return files > 0 ? 0 : 1;
}
