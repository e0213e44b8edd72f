/* Steps that begin with a layer which another objective learns from: what they share is computed once, and
 * nothing comes out differently. */
#include "base/suite.h"
#include "graph/duel.h"

#include <math.h>
#include <string.h>

/* The two objectives of a duel, of which the discriminator's takes the pictures as they are. */
struct shared {
    struct duel *duel;
    gan_graph *graph;
    gan_objective *generate, *discriminate;
};

static gan_layer *judge(gan_layer *logits, float target)
{
    return gan_binary_cross_entropy_with_logits(logits, gan_fill_like(logits, target));
}

static struct shared start(int32_t threads)
{
    struct shared shared = {.duel = start_duel(threads, 0.05f)};
    struct duel *duel = shared.duel;
    shared.graph = make_graph(duel->context);
    gan_layer *source = open_pictures(shared.graph, "source", 3);
    gan_layer *seen[] = {open_pictures(shared.graph, "real", 3), open_pictures(shared.graph, "fake", 3)};
    gan_layer *made = gan_apply(duel->generator, source);
    gan_layer *fooled = judge(gan_apply(duel->discriminator, made), 1);
    gan_layer *on_real = judge(gan_apply(duel->discriminator, seen[0]), 1);
    gan_layer *on_fake = judge(gan_apply(duel->discriminator, seen[1]), 0);
    const gan_objective_options options = {
        .struct_size = sizeof options, .watched = &made, .watched_count = 1};
    succeed(gan_objective_create(&shared.generate, fooled, &source, 1, &duel->generator, 1,
                                 duel->generator_optimizer, &options));
    succeed(gan_objective_create(&shared.discriminate, gan_add(on_real, on_fake), seen, 2,
                                 &duel->discriminator, 1, duel->discriminator_optimizer, NULL));
    return shared;
}

static void end(struct shared *shared)
{
    gan_objective_free(shared->generate);
    gan_objective_free(shared->discriminate);
    gan_graph_free(shared->graph);
    end_duel(shared->duel);
}

static gan_status begin(const struct shared *shared, int32_t statistics, const gan_tensor **made)
{
    const gan_tensor *inputs[] = {shared->duel->source};
    return gan_objective_begin(shared->generate, inputs, 1, 0, statistics, made);
}

static gan_status go_on(const struct shared *shared, float *loss)
{
    const gan_tensor *inputs[] = {shared->duel->source};
    return gan_objective_step(shared->generate, inputs, 1, loss);
}

static void step(const struct shared *shared, float losses[2])
{
    const gan_tensor *seen[] = {shared->duel->real, NULL};
    succeed(begin(shared, GAN_STATISTICS_FOLLOW, &seen[1]));
    succeed(gan_objective_step(shared->discriminate, seen, 2, &losses[0]));
    succeed(go_on(shared, &losses[1]));
}

/* The parameters of two models: those that gradients change (1), running statistics (0), or all (-1). */
static bool alike(const gan_model *a, const gan_model *b, int32_t trainable)
{
    bool same = true;
    for (int32_t i = 0; i < gan_model_parameter_count(a); i++) {
        gan_tensor *left, *right;
        if (trainable >= 0 && gan_model_parameter_trainable(a, i) != trainable)
            continue;
        succeed(gan_model_get_parameter(a, i, &left));
        succeed(gan_model_get_parameter(b, i, &right));
        same = same && same_bits(left, right);
        gan_tensor_free(left);
        gan_tensor_free(right);
    }
    return same;
}

/* To the bit what two steps give that compute the pictures each for itself, for any number of threads. */
START_TEST(nothing_comes_out_differently)
{
    static const int32_t threads[] = {1, 2, 3, 8};
    for (int i = 0; i < 4; i++) {
        struct shared shared = start(threads[i]);
        struct duel *apart = start_duel(1, 0.05f);
        for (int k = 0; k < 4; k++) {
            float together[2], alone[2];
            step(&shared, together);
            duel_step(apart, alone);
            ck_assert(memcmp(together, alone, sizeof alone) == 0);
        }
        ck_assert(alike(shared.duel->generator, apart->generator, 1));
        ck_assert(alike(shared.duel->discriminator, apart->discriminator, 1));
        end_duel(apart);
        end(&shared);
    }
}
END_TEST

/* One forward pass in training mode moves them as far as a whole step does; _BATCH does not move them. */
START_TEST(running_statistics_move_once)
{
    struct shared shared = start(1), plain = start(1);
    const gan_tensor *made;
    float losses[2];
    step(&shared, losses);
    succeed(go_on(&plain, NULL));
    ck_assert(alike(shared.duel->generator, plain.duel->generator, 0));
    struct snapshot *before = take_snapshot(shared.duel->generator);
    succeed(begin(&shared, GAN_STATISTICS_BATCH, &made));
    ck_assert(unchanged(before, -1));
    succeed(go_on(&shared, NULL));
    ck_assert(unchanged(before, 0) && !unchanged(before, 1));
    free_snapshot(before);
    end(&shared);
    end(&plain);
}
END_TEST

START_TEST(the_lent_value_is_the_watched_one)
{
    struct shared shared = start(1);
    const gan_tensor *made, *again;
    gan_tensor *copy;
    succeed(begin(&shared, GAN_STATISTICS_FOLLOW, &made));
    ck_assert_int_eq(gan_tensor_size(made, 1), 12);
    succeed(gan_objective_value(shared.generate, 0, &copy));
    ck_assert(same_bits(made, copy));
    gan_tensor_free(copy);
    succeed(go_on(&shared, NULL));
    succeed(begin(&shared, GAN_STATISTICS_FOLLOW, &again));
    ck_assert_ptr_eq(made, again);
    end(&shared);
}
END_TEST

/* Other pictures, or other weights: the step begins anew. */
START_TEST(what_no_longer_holds_is_not_used)
{
    struct shared shared = start(1), plain = start(1);
    const gan_tensor *made, *inputs[] = {shared.duel->real};
    float given, expected;
    succeed(begin(&shared, GAN_STATISTICS_BATCH, &made));
    succeed(gan_objective_step(shared.generate, inputs, 1, &given));
    succeed(gan_objective_step(plain.generate, (const gan_tensor *[]){plain.duel->real}, 1, &expected));
    ck_assert(given == expected);
    succeed(begin(&shared, GAN_STATISTICS_BATCH, &made));
    for (int i = 0; i < 2; i++) {
        gan_model *generator = i == 0 ? shared.duel->generator : plain.duel->generator;
        gan_tensor *bias =
            make_filled(generator == shared.duel->generator ? shared.duel->context : plain.duel->context,
                        (const int64_t[]){3}, 1, 0.25f);
        succeed(gan_model_set_parameter(generator, gan_model_parameter_find(generator, "rgb.bias"), bias));
        gan_tensor_free(bias);
    }
    succeed(go_on(&shared, &given));
    succeed(go_on(&plain, &expected));
    ck_assert(given == expected);
    ck_assert(alike(shared.duel->generator, plain.duel->generator, 1));
    end(&shared);
    end(&plain);
}
END_TEST

START_TEST(evaluating_forgets_what_was_begun)
{
    struct shared shared = start(1);
    const gan_tensor *made, *inputs[] = {shared.duel->source};
    float evaluated, stepped;
    succeed(begin(&shared, GAN_STATISTICS_BATCH, &made));
    succeed(gan_objective_evaluate(shared.generate, inputs, 1, &evaluated));
    succeed(go_on(&shared, &stepped));
    ck_assert(evaluated == stepped);
    end(&shared);
}
END_TEST

START_TEST(cancelling_puts_statistics_back)
{
    struct shared shared = start(1);
    struct snapshot *before = take_snapshot(shared.duel->generator);
    const gan_tensor *made;
    gan_objective_cancel(NULL);
    gan_objective_cancel(shared.generate);
    succeed(begin(&shared, GAN_STATISTICS_FOLLOW, &made));
    ck_assert(!unchanged(before, 0));
    gan_objective_cancel(shared.generate);
    ck_assert(unchanged(before, -1));
    float losses[2];
    step(&shared, losses);
    free_snapshot(before);
    end(&shared);
}
END_TEST

/* Those of layers that ran at the beginning go back to what they were then, others to what they were since.
 */
START_TEST(a_step_that_fails_puts_statistics_back)
{
    struct shared shared = start(1);
    struct duel *duel = shared.duel;
    const int32_t index = gan_model_parameter_find(duel->discriminator, "logits.weight");
    const gan_tensor *seen[] = {duel->real, NULL};
    gan_tensor *good, *huge = make_filled(duel->context, (const int64_t[]){1, 3, 3, 6}, 4, 3e38f);
    struct snapshot *g = take_snapshot(duel->generator);
    succeed(begin(&shared, GAN_STATISTICS_FOLLOW, &seen[1]));
    succeed(gan_objective_step(shared.discriminate, seen, 2, NULL));
    succeed(gan_model_get_parameter(duel->discriminator, index, &good));
    succeed(gan_model_set_parameter(duel->discriminator, index, huge));
    struct snapshot *d = take_snapshot(duel->discriminator);
    fails_with(go_on(&shared, NULL), GAN_ERROR_NOT_FINITE, "discriminator/logits");
    ck_assert(unchanged(g, -1) && unchanged(d, -1));
    succeed(gan_model_set_parameter(duel->discriminator, index, good));
    float losses[2];
    step(&shared, losses);
    ck_assert(isfinite(losses[0]) && isfinite(losses[1]));
    free_snapshot(g);
    free_snapshot(d);
    gan_tensor_free(good);
    gan_tensor_free(huge);
    end(&shared);
}
END_TEST

START_TEST(a_bad_picture_is_named_at_once)
{
    struct shared shared = start(1);
    struct snapshot *before = take_snapshot(shared.duel->generator);
    const gan_tensor *made;
    ((float *)gan_tensor_data(shared.duel->source))[7] = NAN;
    fails_with(begin(&shared, GAN_STATISTICS_FOLLOW, &made), GAN_ERROR_NOT_FINITE, "input \"source\"");
    ck_assert_ptr_null(made);
    ck_assert(unchanged(before, -1));
    free_snapshot(before);
    end(&shared);
}
END_TEST

/* Inputs of another shape change nothing: neither statistics, nor what was begun before. */
START_TEST(a_refused_call_leaves_what_was_begun)
{
    struct shared shared = start(1), plain = start(1);
    gan_tensor *grey = make_zeros(shared.duel->context, (const int64_t[]){2, 12, 12, 1}, 4);
    const gan_tensor *made, *none, *inputs[] = {grey};
    float loss, expected;
    succeed(begin(&shared, GAN_STATISTICS_FOLLOW, &made));
    struct snapshot *begun = take_snapshot(shared.duel->generator);
    fails_with(gan_objective_begin(shared.generate, inputs, 1, 0, GAN_STATISTICS_FOLLOW, &none),
               GAN_ERROR_SHAPE, "\"source\"");
    fails_with(gan_objective_step(shared.generate, inputs, 1, NULL), GAN_ERROR_SHAPE, "\"source\"");
    ck_assert(unchanged(begun, -1));
    succeed(go_on(&shared, &loss));
    succeed(go_on(&plain, &expected));
    ck_assert(loss == expected);
    ck_assert(alike(shared.duel->generator, plain.duel->generator, -1));
    free_snapshot(begun);
    gan_tensor_free(grey);
    end(&shared);
    end(&plain);
}
END_TEST

START_TEST(wrong_calls)
{
    struct shared shared = start(1);
    const gan_tensor *made, *inputs[] = {shared.duel->source};
    fails_with(gan_objective_begin(NULL, inputs, 1, 0, GAN_STATISTICS_FOLLOW, &made), GAN_ERROR_ARGUMENT,
               "inputs");
    fails_with(gan_objective_begin(shared.generate, inputs, 1, 1, GAN_STATISTICS_FOLLOW, &made),
               GAN_ERROR_ARGUMENT, "no layer 1");
    fails_with(gan_objective_begin(shared.generate, inputs, 1, 0, GAN_STATISTICS_RUNNING, &made),
               GAN_ERROR_ARGUMENT, "statistics is 2");
    fails_with(gan_objective_begin(shared.generate, inputs, 1, 0, GAN_STATISTICS_FOLLOW, NULL),
               GAN_ERROR_ARGUMENT, "value");
    fails_with(gan_objective_begin(shared.generate, inputs, 2, 0, GAN_STATISTICS_FOLLOW, &made),
               GAN_ERROR_ARGUMENT, "takes 1 inputs");
    end(&shared);
}
END_TEST

/* Gram matrices come right behind their features, before what was built after these. */
START_TEST(a_gram_matrix_may_be_what_is_begun_with)
{
    float losses[2][3];
    struct duel *duels[2];
    for (int i = 0; i < 2; i++) {
        struct duel *duel = duels[i] = start_duel(1, 0.05f);
        gan_graph *graph = make_graph(duel->context);
        gan_layer *source = open_pictures(graph, "source", 3);
        gan_layer *made = gan_apply(duel->generator, source);
        gan_layer *later = gan_mean(gan_tanh(gan_scale(made, 2, 0)));
        gan_layer *gram = gan_gram_matrix(made, GAN_GRAM_PER_ELEMENT);
        const gan_objective_options options = {
            .struct_size = sizeof options, .watched = &gram, .watched_count = 1};
        const gan_tensor *inputs[] = {duel->source}, *value;
        gan_objective *objective;
        succeed(gan_objective_create(&objective, gan_add(later, gan_mean(gram)), &source, 1, &duel->generator,
                                     1, duel->generator_optimizer, &options));
        for (int k = 0; k < 3; k++) {
            if (i == 1)
                succeed(gan_objective_begin(objective, inputs, 1, 0, GAN_STATISTICS_FOLLOW, &value));
            succeed(gan_objective_step(objective, inputs, 1, &losses[i][k]));
        }
        gan_objective_free(objective);
        gan_graph_free(graph);
    }
    ck_assert(memcmp(losses[0], losses[1], sizeof losses[0]) == 0);
    ck_assert(alike(duels[0]->generator, duels[1]->generator, 1));
    end_duel(duels[0]);
    end_duel(duels[1]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {nothing_comes_out_differently,
                                  running_statistics_move_once,
                                  the_lent_value_is_the_watched_one,
                                  what_no_longer_holds_is_not_used,
                                  evaluating_forgets_what_was_begun,
                                  cancelling_puts_statistics_back,
                                  a_step_that_fails_puts_statistics_back,
                                  a_bad_picture_is_named_at_once,
                                  a_refused_call_leaves_what_was_begun,
                                  a_gram_matrix_may_be_what_is_begun_with,
                                  wrong_calls};
    return run_suite("steps in two parts", tests, sizeof tests / sizeof tests[0]);
}
