// A photo through a trained generator, and a generator trained for a few steps, in C++17.
//
//     c++ -std=c++17 stylize.cpp $(pkg-config --cflags --libs gan) -o stylize
//     ./stylize MODEL.safetensors PHOTO.jpg RESULT.png
//     ./stylize --train PHOTO.jpg STEPS
#include "gan.hpp"

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace
{

// Networks differ in the numbers that they take for dark and bright; their metadata says which.
struct Range {
    float scale, offset;
};

Range range_of(const gan::Model &model, const char *key)
{
    const char *words = gan_model_metadata(model.get(), key);
    const std::string_view range = words != nullptr ? words : "0..1";
    if (range == "0..255")
        return {255, 0};
    if (range == "-1..1")
        return {2, -1};
    return {1, 0};
}

gan::Tensor load_picture(const gan::Context &context, const char *path)
{
    gan::Tensor picture;
    gan::check(gan_image_load(gan::out(picture), nullptr, context.get(), path));
    return picture;
}

void stylize(const gan::Context &context, const char *model_path, const char *photo_path, const char *path)
{
    gan::Model model;
    gan::Tensor result, cropped;
    gan::check(gan_model_load(gan::out(model), context.get(), model_path));
    const auto photo = load_picture(context, photo_path);
    const Range in = range_of(model, "input_range"), out = range_of(model, "output_range");
    for (float &value : gan::values(photo))
        value = value * in.scale + in.offset;
    gan::check(gan_model_run(model.get(), photo.get(), gan::out(result)));
    for (float &value : gan::values(result))
        value = (value - out.offset) / out.scale;
    // Networks with strides give a few pixels too many where the size is odd.
    const auto height = gan_tensor_size(photo.get(), 1), width = gan_tensor_size(photo.get(), 2);
    gan::check(gan_image_crop(gan::out(cropped), result.get(), 0, 0, height, width));
    gan::check(gan_image_save(cropped.get(), nullptr, path, 0));
}

// A generator that learns to give back its input: the smallest objective there is.
gan::Objective make_objective(const gan::Context &context, const gan::Model &generator)
{
    const int64_t shape[] = {-1, -1, -1, 3};
    gan_adam_options rate{};
    rate.struct_size = sizeof rate;
    rate.learning_rate = 0.003f;
    gan::Graph graph;
    gan::Optimizer optimizer;
    gan::Objective objective;
    gan::check(gan_graph_create(gan::out(graph), context.get()));
    gan::check(gan_adam_create(gan::out(optimizer), context.get(), &rate));
    gan_layer *photo = gan_input(graph.get(), "photo", shape, 4);
    gan_layer *loss = gan_mean_squared_error(gan_apply(generator.get(), photo), photo);
    gan_model *changed[] = {generator.get()};
    gan::check(
        gan_objective_create(gan::out(objective), loss, &photo, 1, changed, 1, optimizer.get(), nullptr));
    return objective; // graph and optimizer live on in it
}

void train(const gan::Context &context, const char *photo_path, int steps)
{
    gan_johnson_options small{};
    small.struct_size = sizeof small;
    small.channels = 8;
    small.blocks = 1;
    gan::Model generator;
    gan::Tensor batch;
    gan::check(gan_johnson_create(gan::out(generator), context.get(), &small));
    const auto objective = make_objective(context, generator);
    const auto photo = load_picture(context, photo_path);
    gan::check(gan_image_resize(gan::out(batch), photo.get(), 64, 64));
    const gan_tensor *inputs[] = {batch.get()};
    for (int step = 1; step <= steps; step++) {
        float loss = 0;
        gan::check(gan_objective_step(objective.get(), inputs, 1, &loss));
        std::cout << "step " << step << ": loss " << loss << '\n';
    }
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 4) {
        std::cerr << "usage: " << argv[0] << " MODEL PHOTO RESULT | --train PHOTO STEPS\n";
        return EXIT_FAILURE;
    }
    try {
        gan::Context context;
        gan::check(gan_context_create(gan::out(context), nullptr));
        if (std::string_view(argv[1]) == "--train")
            train(context, argv[2], std::atoi(argv[3]));
        else
            stylize(context, argv[1], argv[2], argv[3]);
    } catch (const gan::Error &error) {
        std::cerr << gan_status_name(error.status()) << ": " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
