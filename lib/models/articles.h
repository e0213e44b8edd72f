/* The two articles' networks, one file each. */
#ifndef GAN_MODELS_ARTICLES_H
#define GAN_MODELS_ARTICLES_H

#include "gan/articles.h"
#include "models/build.h"

/* Options in which all defaults are filled in. Outputs of a graph whose input is given; NULL where the graph
 * has an error. */
gan_layer *gan_article_1_generator(gan_layer *x, const gan_article_options *options);
gan_layer *gan_article_1_discriminator(gan_layer *x);
gan_layer *gan_article_2_generator(gan_layer *content, gan_layer *style, const gan_article_options *options);
gan_layer *gan_article_2_discriminator(gan_layer *x, const gan_article_options *options);

#endif
