/* The strip below the picture: two sliders between small pictures of their ends, and a small picture for each
 * choice of colours. */
#ifndef VIEWER_PANEL_H
#define VIEWER_PANEL_H

#include "painting.h"

#include <SDL.h>
#include <stdbool.h>

enum { PANEL_HEIGHT = 64, THUMB = 44, SMALLEST_WIDTH = 640 };
enum { ENDS = 4, THUMBS = ENDS + COLORS }; /* photograph, result; soft, sharp; then the colours */

struct panel {
    int top, width;
    SDL_Texture *thumbs[THUMBS];
    int dragged; /* 0: nothing, 1: strength, 2: detail */
};

/* Draw the small pictures anew, after another result is shown. */
gan_status panel_refresh(struct panel *panel, SDL_Renderer *renderer, struct painting *painting);
void panel_close(struct panel *panel);
void panel_draw(const struct panel *panel, SDL_Renderer *renderer, const struct look *look);

/* The mouse was pressed, moved while pressed, or released. Whether `look` has changed. */
bool panel_press(struct panel *panel, int x, int y, struct look *look);
bool panel_drag(const struct panel *panel, int x, struct look *look);

/* A texture with a picture [1, H, W, 3]; NULL where SDL has none. */
SDL_Texture *texture_of(SDL_Renderer *renderer, const gan_tensor *picture);

#endif
