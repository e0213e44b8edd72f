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

gan::Tensor load_picture(const gan::Context &context, const char *path)
{
    gan::Tensor picture;
    gan::check(gan_image_load(gan::out(picture), nullptr, context.get(), path));
    return picture;
}

void stylize(const gan::Context &context, const char *model_path, const char *photo_path, const char *path)
{
    gan::Model model;
    gan::Tensor result;
    gan::check(gan_model_load(gan::out(model), context.get(), model_path));
    const auto photo = load_picture(context, photo_path);
    gan::check(gan_model_stylize(model.get(), photo.get(), gan::out(result)));
    gan::check(gan_image_save(result.get(), nullptr, path, 0));
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
