/* viewer PHOTO GENERATOR...: a photograph in a window, restyled while sliders move. The network runs once;
 * strength, colours and detail are adjusted from its result. Keys 1 to 9 and Tab change the generator, S
 * saves, Escape ends.
 *
 * viewer --screenshot FILE STRENGTH COLOR DETAIL PHOTO GENERATOR... draws the window so adjusted into a file.
 */
#include "painting.h"
#include "panel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_SIDE = 1024 };
static const char saved_name[] = "viewer.png";

struct viewer {
    struct painting painting;
    struct look look;
    struct panel panel;
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *picture;
    int width, height; /* of the window */
    bool stale;        /* the picture is not as the sliders say */
};

static int fail(const char *words)
{
    fprintf(stderr, "viewer: %s\n", words);
    return EXIT_FAILURE;
}

static bool open_window(struct viewer *viewer)
{
    const int width = (int)gan_tensor_size(viewer->painting.photo, 2);
    viewer->width = width > SMALLEST_WIDTH ? width : SMALLEST_WIDTH;
    viewer->height = (int)gan_tensor_size(viewer->painting.photo, 1) + PANEL_HEIGHT;
    viewer->panel = (struct panel){.top = viewer->height - PANEL_HEIGHT, .width = viewer->width};
    viewer->window = SDL_CreateWindow("libgan", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED,
                                      viewer->width, viewer->height, 0);
    viewer->renderer = viewer->window != NULL ? SDL_CreateRenderer(viewer->window, -1, 0) : NULL;
    return viewer->renderer != NULL;
}

static void show_title(const struct viewer *viewer)
{
    static const char *const colors[COLORS] = {"the painting's", "luma", "covariance", "histogram"};
    char title[160];
    snprintf(title, sizeof title, "generator %d of %d, strength %.2f, colours: %s, detail %.2f",
             viewer->painting.shown + 1, viewer->painting.generator_count, (double)viewer->look.strength,
             colors[viewer->look.color], (double)viewer->look.detail);
    SDL_SetWindowTitle(viewer->window, title);
}

static gan_status draw(struct viewer *viewer)
{
    if (viewer->stale) {
        const gan_status status = painting_adjust(&viewer->painting, &viewer->look);
        if (status != GAN_OK)
            return status;
        SDL_DestroyTexture(viewer->picture);
        viewer->picture = texture_of(viewer->renderer, viewer->painting.adjusted);
        viewer->stale = false;
        show_title(viewer);
    }
    const int width = (int)gan_tensor_size(viewer->painting.photo, 2);
    const SDL_Rect place = {(viewer->width - width) / 2, 0, width, viewer->panel.top};
    SDL_SetRenderDrawColor(viewer->renderer, 32, 32, 32, 255);
    SDL_RenderClear(viewer->renderer);
    SDL_RenderCopy(viewer->renderer, viewer->picture, NULL, &place);
    panel_draw(&viewer->panel, viewer->renderer, &viewer->look);
    return GAN_OK;
}

static gan_status show_generator(struct viewer *viewer, int generator)
{
    if (generator < 0 || generator >= viewer->painting.generator_count)
        return GAN_OK;
    const gan_status status = painting_show(&viewer->painting, generator);
    viewer->stale = true;
    return status == GAN_OK ? panel_refresh(&viewer->panel, viewer->renderer, &viewer->painting) : status;
}

static gan_status press_key(struct viewer *viewer, SDL_Keycode key, bool *running)
{
    const int next = (viewer->painting.shown + 1) % viewer->painting.generator_count;
    if (key == SDLK_ESCAPE)
        *running = false;
    if (key == SDLK_s && gan_image_save(viewer->painting.adjusted, NULL, saved_name, 0) != GAN_OK)
        fail(gan_error_message()); /* the window stays */
    if (key == SDLK_TAB)
        return show_generator(viewer, next);
    return key >= SDLK_1 && key <= SDLK_9 ? show_generator(viewer, (int)(key - SDLK_1)) : GAN_OK;
}

static gan_status handle(struct viewer *viewer, const SDL_Event *event, bool *running)
{
    if (event->type == SDL_QUIT)
        *running = false;
    if (event->type == SDL_KEYDOWN)
        return press_key(viewer, event->key.keysym.sym, running);
    if (event->type == SDL_MOUSEBUTTONDOWN)
        viewer->stale |= panel_press(&viewer->panel, event->button.x, event->button.y, &viewer->look);
    if (event->type == SDL_MOUSEMOTION)
        viewer->stale |= panel_drag(&viewer->panel, event->motion.x, &viewer->look);
    if (event->type == SDL_MOUSEBUTTONUP)
        viewer->panel.dragged = 0;
    return GAN_OK;
}

/* All that has happened is taken in before the picture is drawn again. */
static int run(struct viewer *viewer)
{
    bool running = true;
    while (running) {
        SDL_Event event;
        if (draw(viewer) != GAN_OK)
            return fail(gan_error_message());
        SDL_RenderPresent(viewer->renderer);
        if (SDL_WaitEvent(&event) == 0)
            return fail(SDL_GetError());
        do
            if (handle(viewer, &event, &running) != GAN_OK)
                return fail(gan_error_message());
        while (SDL_PollEvent(&event) != 0);
    }
    return EXIT_SUCCESS;
}

static gan_status save_pixels(const struct viewer *viewer, const uint8_t *bytes, const char *path)
{
    const int64_t sizes[] = {1, viewer->height, viewer->width, 3}, count = sizes[1] * sizes[2] * 3;
    gan_tensor *picture = NULL;
    gan_status status = gan_tensor_create(&picture, viewer->painting.context, GAN_FLOAT32, sizes, 4);
    if (status != GAN_OK)
        return status;
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; i < count; i++)
        values[i] = (float)bytes[i] / 255;
    status = gan_image_save(picture, NULL, path, 0);
    gan_tensor_free(picture);
    return status;
}

/* The window's pixels as a picture file. */
static int take_screenshot(struct viewer *viewer, const char *path)
{
    const int pitch = 3 * viewer->width;
    uint8_t *bytes = malloc((size_t)pitch * (size_t)viewer->height);
    int code = EXIT_SUCCESS;
    if (bytes == NULL)
        return fail("out of memory");
    if (draw(viewer) != GAN_OK)
        code = fail(gan_error_message());
    else if (SDL_RenderReadPixels(viewer->renderer, NULL, SDL_PIXELFORMAT_RGB24, bytes, pitch) != 0)
        code = fail(SDL_GetError());
    else if (save_pixels(viewer, bytes, path) != GAN_OK)
        code = fail(gan_error_message());
    free(bytes);
    return code;
}

static int show(struct viewer *viewer, const char *screenshot)
{
    if (SDL_Init(SDL_INIT_VIDEO) != 0 || !open_window(viewer))
        return fail(SDL_GetError());
    if (show_generator(viewer, 0) != GAN_OK)
        return fail(gan_error_message());
    return screenshot != NULL ? take_screenshot(viewer, screenshot) : run(viewer);
}

static void close_window(struct viewer *viewer)
{
    panel_close(&viewer->panel);
    SDL_DestroyTexture(viewer->picture);
    SDL_DestroyRenderer(viewer->renderer);
    SDL_DestroyWindow(viewer->window);
    SDL_Quit();
}

int main(int argc, char **argv)
{
    struct viewer viewer = {.look = {1, 0, GAN_COLOR_RESULT}};
    const char *screenshot = NULL;
    if (argc > 5 && strcmp(argv[1], "--screenshot") == 0) {
        screenshot = argv[2];
        viewer.look = (struct look){strtof(argv[3], NULL), strtof(argv[5], NULL), (int32_t)atoi(argv[4])};
        argc -= 5;
        argv += 5;
    }
    if (argc < 3 || viewer.look.color < 0 || viewer.look.color >= COLORS) {
        fprintf(stderr, "usage: viewer [--screenshot FILE STRENGTH COLOR DETAIL] PHOTO GENERATOR...\n");
        return 2;
    }
    int code = EXIT_SUCCESS;
    if (painting_open(&viewer.painting, argv[1], argv + 2, argc - 2, LARGEST_SIDE) != GAN_OK)
        code = fail(gan_error_message());
    else
        code = show(&viewer, screenshot);
    close_window(&viewer);
    painting_close(&viewer.painting);
    return code;
}
