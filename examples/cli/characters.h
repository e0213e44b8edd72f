/* Characters of texts in UTF-8 that may hold anything: names of files, and what files say. */
#ifndef CLI_CHARACTERS_H
#define CLI_CHARACTERS_H

/* Bytes of the well-formed character that begins here; 0: there is none. */
int character_length(const char *text);

/* Its number in Unicode; where there is none, of no meaning. */
unsigned character_number(const char *text);

/* The same as character_length, and 0 also for what makes a terminal do more than show a text: control
 * characters, ends of lines, and marks that turn the direction of what stands around them. */
int character_printable(const char *text);

#endif
