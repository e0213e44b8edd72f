/* Folders of small pictures for tests: picture i is grey, of a value that tells its number. */
#ifndef TESTS_TRAINING_FOLDER_H
#define TESTS_TRAINING_FOLDER_H

#include "gan/gan.h"

struct picture_folder {
    char path[64];
    int count;
};

/* "<path>/sub/picture_<i>.png", side x (side + 7) pixels; one file that is no picture lies beside them. */
struct picture_folder make_picture_folder(int count, int64_t side);
void remove_picture_folder(const struct picture_folder *folder);

/* Put words in the place of a picture. */
void spoil_picture(const struct picture_folder *folder, int number);

/* Which picture the k-th of a batch was cut from. */
int number_of_picture(const gan_tensor *batch, int64_t k);

#endif
