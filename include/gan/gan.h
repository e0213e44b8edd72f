/** libgan: everything. Generative adversarial networks for image style transfer on the CPU. */
#ifndef GAN_GAN_H
#define GAN_GAN_H

#include "gan/adjust.h"
#include "gan/articles.h"
#include "gan/average.h"
#include "gan/context.h"
#include "gan/dataset.h"
#include "gan/graph.h"
#include "gan/health.h"
#include "gan/image.h"
#include "gan/image_pool.h"
#include "gan/layers.h"
#include "gan/loss_log.h"
#include "gan/losses.h"
#include "gan/metrics.h"
#include "gan/model.h"
#include "gan/networks.h"
#include "gan/objective.h"
#include "gan/optimizer.h"
#include "gan/picture_optimization.h"
#include "gan/recipes.h"
#include "gan/session.h"
#include "gan/style.h"
#include "gan/stylizer.h"
#include "gan/tensor.h"
#include "gan/tensors.h"
#include "gan/training.h"
#include "gan/transfer.h"
#include "gan/types.h"
#include "gan/video.h"

#endif
