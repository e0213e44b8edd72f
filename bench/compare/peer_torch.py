"""The worker of PyTorch; it takes its number of threads from OMP_NUM_THREADS. --layout nchw or channels-last."""

import torch
from torch.nn import functional

import peer
from torch_network import Network


class Layout:
    def __init__(self, arguments):
        self.channels_last = arguments.text("layout", "nchw") == "channels-last"

    def network(self, path):
        return Network(path, self.channels_last)

    def picture(self, values):
        """[N, H, W, C] as this layout holds it; other ranks as they are."""
        x = torch.from_numpy(values)
        if x.dim() != 4:
            return x
        x = x.permute(0, 3, 1, 2)
        return x.contiguous(memory_format=torch.channels_last) if self.channels_last else x.contiguous()


def plain(x):
    x = x.detach()
    return (x.permute(0, 2, 3, 1) if x.dim() == 4 else x).contiguous().numpy()


def network(arguments):
    layout = Layout(arguments)
    model = layout.network(arguments.text("model")).eval()
    given, last = [layout.picture(arguments.tensor(name)) for name in arguments.input_names(model.graph)], {}

    def run():
        with torch.inference_mode():
            last["y"] = model(*given)[0]
    return run, lambda: [plain(last["y"])]


def gradients(arguments):
    """Forward and backward under the loss sum(y g)."""
    layout = Layout(arguments)
    model = layout.network(arguments.text("model")).train()
    x = layout.picture(arguments.tensor("input")).requires_grad_()
    direction = layout.picture(arguments.tensor("direction"))

    def run():
        x.grad = None
        model.zero_grad(set_to_none=True)
        (model(x)[0] * direction).sum().backward()
    return run, lambda: [plain(x.grad)] + [plain(parameter.grad) for parameter in model.parameters()]


def gram(features):
    count, channels, height, width = features.shape
    flat = features.reshape(count, channels, height * width)
    return torch.bmm(flat, flat.transpose(1, 2)) / (channels * height * width)


def mean_loss(given, target):
    return functional.mse_loss(given, target.expand_as(given))


def relative_loss(given, target):
    """Squared differences over the target's squares, of each picture; the mean of these."""
    axes = tuple(range(1, given.dim()))
    return (((given - target) ** 2).sum(axes) / (target ** 2).sum(axes)).mean()


def total_variation(x):
    return (((x[:, :, 1:] - x[:, :, :-1]) ** 2).mean() + ((x[:, :, :, 1:] - x[:, :, :, :-1]) ** 2).mean())


def style(arguments):
    """Content and style loss as mean squared differences, all weights 1; or those of the recipe; Adam."""
    recipe = arguments.number("recipe")
    distance = relative_loss if recipe else mean_loss
    layout = Layout(arguments)
    generator = layout.network(arguments.text("model")).train()
    extractor = layout.network(arguments.text("extractor")).eval().requires_grad_(False)
    content_level = extractor.graph.names().index(arguments.text("content-level"))
    photo = layout.picture(arguments.tensor("input"))
    with torch.no_grad():
        targets = [gram(features) for features in extractor(layout.picture(arguments.tensor("style")))]
    optimizer = torch.optim.Adam(generator.parameters(), 2e-3 if recipe else 1e-3)
    losses = []

    def run():
        with torch.no_grad():
            content = extractor(photo)[content_level]
        picture = generator(photo)[0]
        features = extractor(picture)
        loss = distance(features[content_level], content)
        for level, target in zip(features, targets):
            loss = loss + distance(gram(level), target)
        if recipe:
            loss = loss + 3 * total_variation(picture)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return run, lambda: [losses[0]]


def adversarial(arguments):
    """D on a real and a generated batch, then G through D, G's pictures made once; Adam for both."""
    layout = Layout(arguments)
    generator = layout.network(arguments.text("model")).train()
    discriminator = layout.network(arguments.text("discriminator")).train()
    given, real = (layout.picture(arguments.tensor(name)) for name in ("input", "real"))
    absolute_weight = arguments.number("absolute-weight")
    optimizers = [torch.optim.Adam(model.parameters(), 2e-4, (0.5, 0.999)) for model in (discriminator, generator)]
    judged = (functional.mse_loss if arguments.text("loss") == "squares"
              else functional.binary_cross_entropy_with_logits)
    first = []

    def verdict(picture, label):
        seen = torch.cat((given, picture), 1) if arguments.number("conditional") else picture
        answer = discriminator(seen)[0]
        return judged(answer, torch.full_like(answer, label))

    def step(optimizer, loss):
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.item()

    def run():
        fake = generator(given)[0]
        discriminator.requires_grad_(True)
        of_discriminator = step(optimizers[0], verdict(real, 1.0) + verdict(fake.detach(), 0.0))
        discriminator.requires_grad_(False)
        loss = verdict(fake, 1.0)
        if absolute_weight:
            loss = loss + absolute_weight * functional.l1_loss(fake, real)
        of_generator = step(optimizers[1], loss)
        if not first:
            first.extend((of_discriminator, of_generator))
    return run, lambda: [first]


torch.manual_seed(1)
peer.main({"network": network, "gradients": gradients, "style": style, "adversarial": adversarial})
