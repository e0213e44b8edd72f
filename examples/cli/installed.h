/* What is installed beside the program. */
#ifndef CLI_INSTALLED_H
#define CLI_INSTALLED_H

/* Path of a network that comes with libgan, such as "features.safetensors", to be freed; NULL where there is
 * none of that name: in share/gan/networks of the prefix that the program lies in, wherever that was moved,
 * or of the folder that it was built in. */
char *installed_network(const char *name);

#endif
