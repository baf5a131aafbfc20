"""The training cases in PyTorch, eager, as its users write them; Adam once as it comes and once
fused, and small nets also on one thread."""
import torch
from torch import nn

from cases import THREADS, make_samples, net_of, serve


def lecun_normal(weight, inputs):
    nn.init.trunc_normal_(weight, std=inputs**-0.5 / 0.87962566, a=-2, b=2)


def make_module(input_shape, layers):
    """Channels first; the last layer's softmax is left to the loss."""
    channels = input_shape[-1]
    modules = []
    for class_name, config in layers:
        if class_name == "Conv2D":
            modules.append(nn.Conv2d(channels, config["filters"], config["kernel_size"]))
            channels = config["filters"]
        elif class_name == "MaxPooling2D":
            modules.append(nn.MaxPool2d(config["pool_size"]))
        elif class_name == "AlphaDropout":
            modules.append(nn.AlphaDropout(config["rate"]))
        elif class_name == "Flatten":
            modules.append(nn.Flatten())
        elif class_name == "Dense":
            modules.append(nn.LazyLinear(config["units"]))
        if config.get("activation") == "selu":
            modules.append(nn.SELU())
    return nn.Sequential(*modules)


def make_steps(case):
    input_shape, layers = net_of(case)
    x, labels = map(torch.from_numpy, make_samples(case))
    if len(input_shape) == 3:
        x = x.permute(0, 3, 1, 2).contiguous()

    def make_step(threads, **options):
        model = make_module(input_shape, layers)
        model(x[:1])
        for module in model:
            if isinstance(module, (nn.Linear, nn.Conv2d)):
                lecun_normal(module.weight, module.weight[0].numel())
                nn.init.zeros_(module.bias)
        optimizer = torch.optim.Adam(model.parameters(), eps=1e-7, **options)
        loss_function = nn.CrossEntropyLoss()
        model.train()

        def step():
            if torch.get_num_threads() != threads:
                torch.set_num_threads(threads)
            optimizer.zero_grad()
            logits = model(x)
            loss = loss_function(logits, labels)
            loss.backward()
            optimizer.step()
            return loss.detach(), (logits.argmax(1) == labels).sum()

        return step

    steps = {"adam": make_step(THREADS), "fused adam": make_step(THREADS, fused=True)}
    if case["batch"] < 100:
        steps["adam, 1 thread"] = make_step(1)
        steps["fused adam, 1 thread"] = make_step(1, fused=True)
    return steps


serve("torch", "train", make_steps)
