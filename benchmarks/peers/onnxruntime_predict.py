"""The prediction cases in onnxruntime, on one thread and on two, through run() and with bound
inputs and outputs."""
import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from cases import THREADS, make_samples, net_of, serve


def make_graph(input_shape, layers):
    """The net with random weights; images as (batch, channels, height, width)."""
    random = np.random.default_rng(1)
    nodes, weights = [], []
    shape = [input_shape[-1], *input_shape[:-1]] if len(input_shape) == 3 else list(input_shape)
    current = "x"

    def add(operator, *inputs, **attributes):
        nonlocal current
        output = f"{operator}_{len(nodes)}"
        nodes.append(helper.make_node(operator, [current, *inputs], [output], **attributes))
        current = output

    def weight(dims, fan_in):
        name = f"weight_{len(weights)}"
        values = random.standard_normal(dims, dtype=np.float32) / np.float32(np.sqrt(fan_in))
        weights.append(numpy_helper.from_array(values, name))
        return name

    first = list(shape)
    for class_name, config in layers:
        if class_name == "Conv2D":
            size = config["kernel_size"]
            fan_in = shape[0] * size[0] * size[1]
            filters = config["filters"]
            add("Conv", weight([filters, shape[0], *size], fan_in), weight([filters], fan_in))
            shape = [filters, shape[1] - size[0] + 1, shape[2] - size[1] + 1]
        elif class_name == "MaxPooling2D":
            size = config["pool_size"]
            add("MaxPool", kernel_shape=size, strides=size)
            shape = [shape[0], shape[1] // size[0], shape[2] // size[1]]
        elif class_name == "Flatten":
            add("Flatten")
            shape = [int(np.prod(shape))]
        elif class_name == "Dense":
            units = config["units"]
            add("Gemm", weight([shape[0], units], shape[0]), weight([units], shape[0]))
            shape = [units]
        if config.get("activation") == "selu":
            add("Selu")
        elif config.get("activation") == "softmax":
            add("Softmax", axis=-1)

    graph = helper.make_graph(
        nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", *first])],
        [helper.make_tensor_value_info(current, TensorProto.FLOAT, ["batch", *shape])], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def make_steps(case):
    input_shape, layers = net_of(case)
    model = make_graph(input_shape, layers).SerializeToString()
    x, _ = make_samples(case)
    if len(input_shape) == 3:
        x = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    batches = [x[i:i + case["batch"]] for i in range(0, len(x), case["batch"])]

    def make_step(threads, bound):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
        output = session.get_outputs()[0].name
        if not bound:
            return lambda: [session.run(None, {"x": batch}) for batch in batches]
        bindings = []
        for batch in batches:
            binding = session.io_binding()
            binding.bind_cpu_input("x", batch)
            binding.bind_output(output)
            bindings.append(binding)
        return lambda: [session.run_with_iobinding(binding) for binding in bindings]

    return {f"{threads} threads, {'bound' if bound else 'run'}": make_step(threads, bound)
            for threads in range(1, THREADS + 1) for bound in (False, True)}


serve("onnxruntime", "predict", make_steps)
