#include "panel.h"

#include <math.h>

enum { GAP = 8, KNOB = 10, TRACK = 6 };
static const float most_detail = 3;

/* ---- Where things are ---- */

static SDL_Rect thumb_place(const struct panel *panel, int thumb)
{
    const int slider = (panel->width - THUMBS * (THUMB + GAP) - 5 * GAP) / 2, step = THUMB + GAP;
    const int of_colors = GAP + 2 * step + slider + 2 * GAP;
    const int places[THUMBS] = {GAP,
                                GAP + step + slider,
                                of_colors + COLORS * step + GAP,
                                of_colors + COLORS * step + GAP + step + slider,
                                of_colors,
                                of_colors + step,
                                of_colors + 2 * step,
                                of_colors + 3 * step};
    return (SDL_Rect){places[thumb], panel->top + (PANEL_HEIGHT - THUMB) / 2, THUMB, THUMB};
}

/* Between the small pictures `first` and the next. */
static SDL_Rect track_place(const struct panel *panel, int first)
{
    const SDL_Rect from = thumb_place(panel, first), to = thumb_place(panel, first + 1);
    const int left = from.x + THUMB + GAP;
    return (SDL_Rect){left, panel->top + PANEL_HEIGHT / 2 - TRACK / 2, to.x - GAP - left, TRACK};
}

static float share_at(const SDL_Rect *track, int x)
{
    const float share = (float)(x - track->x) / (float)(track->w > 1 ? track->w - 1 : 1);
    return fminf(fmaxf(share, 0), 1);
}

/* ---- Drawing ---- */

static uint8_t to_byte(float value)
{
    return (uint8_t)(fminf(fmaxf(value, 0), 1) * 255 + 0.5f);
}

SDL_Texture *texture_of(SDL_Renderer *renderer, const gan_tensor *picture)
{
    const int height = (int)gan_tensor_size(picture, 1), width = (int)gan_tensor_size(picture, 2);
    SDL_Surface *surface = SDL_CreateRGBSurfaceWithFormat(0, width, height, 24, SDL_PIXELFORMAT_RGB24);
    if (surface == NULL)
        return NULL;
    const float *values = gan_tensor_data_const(picture);
    for (int y = 0; y < height; y++) {
        uint8_t *row = (uint8_t *)surface->pixels + y * surface->pitch;
        for (int x = 0; x < 3 * width; x++)
            row[x] = to_byte(values[3 * y * width + x]);
    }
    SDL_Texture *texture = SDL_CreateTextureFromSurface(renderer, surface);
    SDL_FreeSurface(surface);
    return texture;
}

void panel_close(struct panel *panel)
{
    for (int i = 0; i < THUMBS; i++) {
        SDL_DestroyTexture(panel->thumbs[i]);
        panel->thumbs[i] = NULL;
    }
}

gan_status panel_refresh(struct panel *panel, SDL_Renderer *renderer, struct painting *painting)
{
    static const struct look looks[THUMBS] = {{0, 0, GAN_COLOR_RESULT},     {1, 0, GAN_COLOR_RESULT},
                                              {1, 0, GAN_COLOR_RESULT},     {1, 3, GAN_COLOR_RESULT},
                                              {1, 0, GAN_COLOR_RESULT},     {1, 0, GAN_COLOR_LUMA},
                                              {1, 0, GAN_COLOR_COVARIANCE}, {1, 0, GAN_COLOR_HISTOGRAM}};
    panel_close(panel);
    for (int i = 0; i < THUMBS; i++) {
        gan_tensor *thumbnail = NULL;
        const gan_status status = painting_thumbnail(painting, &looks[i], 2 * THUMB, &thumbnail);
        panel->thumbs[i] = status == GAN_OK ? texture_of(renderer, thumbnail) : NULL;
        gan_tensor_free(thumbnail);
        if (status != GAN_OK)
            return status;
    }
    return GAN_OK;
}

static void draw_track(SDL_Renderer *renderer, const SDL_Rect *track, float share)
{
    const SDL_Rect knob = {track->x + (int)(share * (float)(track->w - 1)) - KNOB / 2,
                           track->y + TRACK / 2 - KNOB, KNOB, 2 * KNOB};
    SDL_SetRenderDrawColor(renderer, 90, 90, 90, 255);
    SDL_RenderFillRect(renderer, track);
    SDL_SetRenderDrawColor(renderer, 240, 240, 240, 255);
    SDL_RenderFillRect(renderer, &knob);
}

/* The middle square of a small picture. */
static void draw_thumb(const struct panel *panel, SDL_Renderer *renderer, int thumb)
{
    const SDL_Rect place = thumb_place(panel, thumb);
    int width = 0, height = 0;
    if (SDL_QueryTexture(panel->thumbs[thumb], NULL, NULL, &width, &height) != 0)
        return;
    const int side = width < height ? width : height;
    const SDL_Rect middle = {(width - side) / 2, (height - side) / 2, side, side};
    SDL_RenderCopy(renderer, panel->thumbs[thumb], &middle, &place);
}

void panel_draw(const struct panel *panel, SDL_Renderer *renderer, const struct look *look)
{
    const SDL_Rect all = {0, panel->top, panel->width, PANEL_HEIGHT};
    const SDL_Rect strength = track_place(panel, 0), detail = track_place(panel, 2);
    SDL_Rect chosen = thumb_place(panel, ENDS + look->color);
    SDL_SetRenderDrawColor(renderer, 32, 32, 32, 255);
    SDL_RenderFillRect(renderer, &all);
    chosen = (SDL_Rect){chosen.x - 3, chosen.y - 3, chosen.w + 6, chosen.h + 6};
    SDL_SetRenderDrawColor(renderer, 240, 240, 240, 255);
    SDL_RenderFillRect(renderer, &chosen);
    for (int i = 0; i < THUMBS; i++)
        draw_thumb(panel, renderer, i);
    draw_track(renderer, &strength, look->strength);
    draw_track(renderer, &detail, look->detail / most_detail);
}

/* ---- The mouse ---- */

bool panel_drag(const struct panel *panel, int x, struct look *look)
{
    if (panel->dragged == 0)
        return false;
    const SDL_Rect track = track_place(panel, panel->dragged == 1 ? 0 : 2);
    if (panel->dragged == 1)
        look->strength = share_at(&track, x);
    else
        look->detail = most_detail * share_at(&track, x);
    return true;
}

/* A press on the small picture at an end moves the slider there. */
static bool is_slider(const struct panel *panel, int x, int first)
{
    const SDL_Rect from = thumb_place(panel, first), to = thumb_place(panel, first + 1);
    return x >= from.x && x < to.x + to.w;
}

bool panel_press(struct panel *panel, int x, int y, struct look *look)
{
    panel->dragged = 0;
    if (y < panel->top)
        return false;
    for (int32_t i = 0; i < COLORS; i++) {
        const SDL_Rect place = thumb_place(panel, ENDS + i);
        if (x >= place.x && x < place.x + place.w) {
            look->color = i;
            return true;
        }
    }
    if (is_slider(panel, x, 0))
        panel->dragged = 1;
    else if (is_slider(panel, x, 2))
        panel->dragged = 2;
    return panel_drag(panel, x, look);
}
