/* Characters of texts in UTF-8 that may hold anything: names of files, and what files say. */
#ifndef CLI_CHARACTERS_H
#define CLI_CHARACTERS_H

/* Bytes of the well-formed character that begins here; 0: there is none. */
int character_length(const char *text);

/* The same, and 0 also for control characters, which make a terminal do more than show a text. */
int character_printable(const char *text);

#endif
