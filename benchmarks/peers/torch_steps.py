"""The training cases in PyTorch, as its users write them. On the CPU eager, Adam once as it comes and
once fused, and small nets also on one thread; with `--device cuda` as the first arguments eager and
recorded in a CUDA graph, convolutions also with channels last."""
import contextlib
import sys

import torch
from torch import nn

from cases import THREADS, make_samples, net_of, serve

DEVICE = "cpu"
if sys.argv[1:2] == ["--device"]:
    DEVICE = sys.argv[2]
    del sys.argv[1:3]


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


def autocast(case):
    halves = {"mixed_bfloat16": torch.bfloat16, "mixed_float16": torch.float16}
    if case["policy"] == "float32":
        return contextlib.nullcontext()
    # A graph records the conversions of the weights; what is kept outside of it would be old.
    return torch.autocast(DEVICE, halves[case["policy"]], cache_enabled=False)


def recorded(step):
    """A step as one CUDA graph."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()

    def replay(kept=step):  # with the memory that the graph works on
        graph.replay()

    return replay


def make_steps(case):
    input_shape, layers = net_of(case)
    x, labels = (torch.from_numpy(array).to(DEVICE) for array in make_samples(case))
    if len(input_shape) == 3:
        x = x.permute(0, 3, 1, 2).contiguous()

    def make_step(threads, memory_format=torch.contiguous_format, **options):
        model = make_module(input_shape, layers).to(DEVICE)
        model(x[:1])
        for module in model:
            if isinstance(module, (nn.Linear, nn.Conv2d)):
                lecun_normal(module.weight, module.weight[0].numel())
                nn.init.zeros_(module.bias)
        images = x
        if x.dim() == 4:
            model = model.to(memory_format=memory_format)
            images = x.contiguous(memory_format=memory_format)
        optimizer = torch.optim.Adam(model.parameters(), eps=1e-7, **options)
        scaler = torch.amp.GradScaler(DEVICE, enabled=case["policy"] == "mixed_float16")
        loss_function = nn.CrossEntropyLoss()
        model.train()

        def step():
            if torch.get_num_threads() != threads:
                torch.set_num_threads(threads)
            optimizer.zero_grad()
            with autocast(case):
                logits = model(images)
                loss = loss_function(logits, labels)
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
            return loss.detach(), (logits.argmax(1) == labels).sum()

        return step

    if DEVICE != "cpu":
        formats = {"": torch.contiguous_format}
        if x.dim() == 4:
            formats[", channels last"] = torch.channels_last
        steps = {}
        for name, layout in formats.items():
            steps[f"eager{name}"] = make_step(THREADS, layout, fused=True)
            steps[f"cuda graph{name}"] = recorded(
                make_step(THREADS, layout, fused=True, capturable=True))
        return steps

    steps = {"adam": make_step(THREADS), "fused adam": make_step(THREADS, fused=True)}
    if case["batch"] < 100:
        steps["adam, 1 thread"] = make_step(1)
        steps["fused adam, 1 thread"] = make_step(1, fused=True)
    return steps


serve("torch", "train", make_steps,
      finish=(lambda: None) if DEVICE == "cpu" else torch.cuda.synchronize)
