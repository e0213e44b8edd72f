/* Names of files. What returns char * returns memory for free(), or NULL where there is none. */
#ifndef CLI_PATHS_H
#define CLI_PATHS_H

#include <stdbool.h>
#include <stddef.h>

bool path_is_folder(const char *path);
/* Whether both names lead to one existing file. */
bool path_same_file(const char *a, const char *b);
/* The last part of a path; its length without the ending is *stem. Borrowed. */
const char *path_name(const char *path, size_t *stem);
/* Whether gan_image_save knows the ending. */
bool path_is_picture(const char *path);
bool path_is_png(const char *path);
/* FOLDER/NAME + MARK + ENDING, NAME cut to `length`. */
char *path_join(const char *folder, const char *name, size_t length, const char *mark, const char *ending);
/* Make a folder and those above it, where they are missing. false: errno says why. */
bool path_make_folder(const char *path);
/* Whether a file can be made at this place, as far as can be told without making it. false: errno says why.
 */
bool path_is_writable(const char *path);

/* Whether a file's name is that of a saved style and not of a picture: .safetensors. */
bool path_is_style(const char *path);

#endif
