"""scripts/gpu_check run [FOLDER] [--only PART,...] [--seconds N] [--json FILE]: runs what
`scripts/gpu_check build` packed into FOLDER (build/gpu_check) on this machine's GPU. Each part has its
own process and time limit, so that one that crashes or hangs does not stop the rest. Prints a table,
writes it to FILE (gpu_check.json) with the end of each part's output, and ends with 1 unless every part
passed or was skipped for want of a tool.

CUDA's libraries are looked for where the system has them, in /usr/local/cuda and in Python's packages
(nvidia/*/lib, torch/lib)."""
import argparse
import glob
import json
import os
import pathlib
import re
import shutil
import signal
import site
import subprocess
import sys
import sysconfig
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
LEAST_ACCURACY = 0.97        # of the tutorial after 5 epochs; the CPU reaches 0.975
LARGEST_LOSS_DIFFERENCE = 1e-4  # of the first steps, CPU and GPU, relative
SANITIZED = ("add", "sum", "softmax", "dense + bias + selu", "conv2d + relu", "max_pool2d", "dropout",
             "batch_norm")  # BANACH_TEST_CASE: cases of tests/support/op_case.cpp
CASES = ("tutorial", "tutorial_bf16", "tutorial_4096", "tutorial_4096_bf16", "deep_32x256",
         "deep_32x256_bf16", "mnist_conv", "mnist_conv_bf16", "mlp", "small_8x64")


class Failure(Exception):
    """A part that did not pass."""


class Skipped(Exception):
    """A part that this machine has no tool for."""


class Check:
    def __init__(self, folder, seconds, json_file):
        self.folder = folder
        self.json_file = json_file
        self.timings = {}
        self.torch = {}  # milliseconds of its ways, by case
        self.has_torch = False
        self.end = time.monotonic() + seconds
        self.results = []
        self.log = ""
        self.environment = self.make_environment()

    # Where things are.

    def library_folders(self):
        """Folders to add so that the module finds CUDA's libraries."""
        packages = {*site.getsitepackages(), site.getusersitepackages(), sysconfig.get_path("purelib")}
        torch = self.plain("python3 -c 'import torch; print(torch.__path__[0])'")
        self.has_torch = torch is not None
        if torch:
            packages.add(str(pathlib.Path(torch).parent))
        places = ["/usr/local/cuda/lib64", "/usr/local/cuda/lib",
                  "/usr/local/cuda/targets/x86_64-linux/lib"]
        for package in sorted(packages):
            places += sorted(glob.glob(f"{package}/nvidia/*/lib")) + [f"{package}/torch/lib"]
        known = self.plain("ldconfig -p") or ""
        folders = []
        for name in (self.folder / "needed").read_text().split():
            found = next((place for place in places if os.path.exists(f"{place}/{name}")), None)
            if found and name not in known and found not in folders:
                folders.append(found)
        return folders

    def make_environment(self):
        environment = dict(os.environ, BANACH_DATA_DIR=str(ROOT / "data"))
        folders = [str(self.folder / "lib"), *self.library_folders(),
                   *filter(None, [os.environ.get("LD_LIBRARY_PATH")])]
        environment["LD_LIBRARY_PATH"] = ":".join(folders)
        starts = subprocess.run([self.folder / "bin/banach", "--help"], env=environment,
                                capture_output=True, check=False).returncode == 0
        if not starts:  # the system's C++ library is older than what banach was built with
            environment["LD_LIBRARY_PATH"] = f"{self.folder}/lib/compiler:" + ":".join(folders)
        return environment

    @staticmethod
    def plain(command):
        """The output of a command of this machine; None when it fails."""
        try:
            done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False,
                                  timeout=60)
        except subprocess.TimeoutExpired:
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    # Running.

    def run(self, command, limit=60, environment=None, codes=(0,)):
        """Its output; Failure when it ends with another code or lasts longer."""
        limit = min(limit, self.end - time.monotonic())
        if limit < 3:
            raise Skipped("no time was left for it")
        process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, errors="replace",
                                   env=environment or self.environment, start_new_session=True)
        try:
            output, _ = process.communicate(timeout=limit)
            ended = f"ended with {process.returncode}"
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            ended = f"took longer than {limit:.0f} s"
        self.log += output
        if process.returncode not in codes:
            raise Failure(f"{pathlib.Path(command[0]).name} {ended}: {problem_in(output)}")
        return output

    def banach(self, *arguments, **options):
        return self.run([self.folder / "bin/banach", *arguments], **options)

    def test(self, *arguments, **options):
        """Of the test program: how many assertions passed."""
        output = self.run([self.folder / "bin/test_cuda", "--no-colors", "-tse=emulated",
                           *arguments], **options)
        cases = re.findall(r"test cases: +(\d+)", output)[-1]  # the first are of child processes
        if cases == "0":
            raise Failure("no test of this name")
        return f"{cases} cases, " + re.findall(r"assertions: *(\d+)", output)[-1] + " assertions"

    def part(self, name, body):
        start = time.monotonic()
        self.log = ""
        try:
            status, detail = "passed", body()
        except (Skipped, Failure) as reason:
            status, detail = type(reason).__name__.replace("Failure", "Failed").lower(), str(reason)
        except Exception as error:  # of this script: it must not hide the parts that follow
            status, detail = "failed", repr(error)
        seconds = time.monotonic() - start
        summary = detail if isinstance(detail, str) else "; ".join(
            f"{key} {value}" for key, value in detail.items())
        print(f"{name:28} {status:8} {seconds:6.1f} s  {summary[:300]}", flush=True)
        self.results.append({"part": name, "status": status, "seconds": round(seconds, 1),
                             "detail": detail, "output": shortened(self.log)})
        self.write()
        return status == "passed"

    def counts(self):
        return {status: sum(result["status"] == status for result in self.results)
                for status in ("passed", "failed", "skipped")}

    def write(self):
        """After every part, so that nothing is lost when the time is up."""
        self.json_file.write_text(json.dumps({"counts": self.counts(), "milliseconds": self.timings,
                                              "parts": self.results}, indent=1) + "\n")


def shortened(text, most=200_000):
    return text if len(text) <= most else f"{text[:most // 2]}\n...\n{text[-most // 2:]}"


def problem_in(output):
    """The lines that say what went wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"ERROR|error|banach:|terminate|what\(\)", line)]
    return " / ".join((telling or lines)[-3:])[:600]


def last_object(output):
    return json.loads(next(line for line in reversed(output.splitlines()) if line.startswith("{")))


def versions(check):
    devices = last_object(check.banach("devices", "--json"))
    if not devices["gpus"]:
        raise Failure(f"no GPU: {devices['no_gpu']}")
    return {"banach": (check.folder / "version").read_text().strip(),
            "gpu": ", ".join(devices["gpus"]),
            "driver": check.plain("nvidia-smi --query-gpu=driver_version,memory.total,clocks.sm "
                                  "--format=csv,noheader"),
            "torch": check.plain("python3 -c 'import torch; print(torch.__version__, "
                                 "torch.backends.cudnn.version())'"),
            "libraries": check.environment["LD_LIBRARY_PATH"]}


def train(check, device, *options):
    """The losses of the first steps of the tutorial's net on one batch."""
    output = check.banach("train", "mnist-selu", "--data", "dataset:mnist[train][0:250]", "--epochs",
                          "6", "--batch-size", "250", "--no-shuffle", "--seed", "1", "--json",
                          "--progress", "none", "--device", device, *options)
    return last_object(output)["history"]["loss"]


def first_steps(check, *options, tolerance):
    gpu, cpu = train(check, "gpu", *options), train(check, "cpu", *options)
    difference = max(abs(a - b) / abs(b) for a, b in zip(gpu, cpu))
    if not difference <= tolerance:
        raise Failure(f"losses differ by {difference:.2g}, allowed {tolerance}: {gpu} {cpu}")
    if gpu != train(check, "gpu", *options):
        raise Failure("a second run on the GPU gave other losses")
    return {"largest relative difference": f"{difference:.2g}", "last loss": round(gpu[-1], 5)}


def tutorial(check):
    output = check.run([check.folder / "bin/mnist_selu", "5"], limit=90)
    accuracy = float(re.search(r"Test accuracy: ([\d.]+)", output)[1])
    steps = re.findall(r"- (\d+)s (\w+/step)", output)
    if accuracy < LEAST_ACCURACY:
        raise Failure(f"accuracy {accuracy}, expected at least {LEAST_ACCURACY}")
    return {"test accuracy": accuracy, "an epoch": f"{steps[-1][0]} s, {steps[-1][1]}" if steps else ""}


def sanitize(check, tool):
    program = shutil.which("compute-sanitizer") or "/usr/local/cuda/bin/compute-sanitizer"
    if not os.path.exists(program):
        raise Skipped("there is no compute-sanitizer")
    seconds = {}
    for case in SANITIZED:
        start = time.monotonic()
        try:
            check.run([program, "--tool", tool, "--report-api-errors", "no", "--error-exitcode", "9",
                       check.folder / "bin/test_cuda", "-sf=*op_cases_test.cpp"], limit=40,
                      environment={**check.environment, "BANACH_TEST_CASE": case})
        except Failure as failure:
            if "Device not supported" in check.log:
                raise Skipped("compute-sanitizer does not support this device") from failure
            raise Failure(f"{case}: {failure}") from failure
        seconds[case] = f"{time.monotonic() - start:.0f} s"
    return seconds


def milliseconds(ways):
    return ", ".join(f"{way} {1000 * ms:.0f} us" for way, ms in ways.items())


def bench_torch(check):
    """All cases in one process, whose answers so far count even if it fails."""
    if not check.has_torch:
        raise Skipped("there is no PyTorch")
    try:
        check.run(["python3", ROOT / "benchmarks/peers/torch_steps.py", "--device", "cuda", *CASES],
                  limit=150, environment=dict(os.environ, PYTHONUNBUFFERED="1"))
    finally:
        for line in check.log.splitlines():
            if line.startswith("{"):
                answer = json.loads(line)
                check.torch[answer["case"]] = answer["ways"]
    return {"cases": len(check.torch)}


def bench(check, case):
    def step(*options):
        output = check.banach("bench", case, "--device", "gpu", "--json", *options, limit=40)
        return last_object(output)["cases"][0]

    ours = step()
    result = {"banach": {"step": ours["median_ms"], "fit": ours["fit_ms"]}}
    if not case.endswith("bf16"):
        result["banach"]["step in TF32"] = step("--tf32")["median_ms"]
    summary = {"banach": milliseconds(result["banach"])}
    if torch := check.torch.get(case):
        result["torch"] = torch
        summary["torch"] = milliseconds(torch)
        summary["best of torch over banach"] = f"{min(torch.values()) / ours['median_ms']:.2f}"
    check.timings[case] = result
    return summary


def all_parts(check):
    """(name, body), in the order of running; what takes long comes last."""
    def test_file(name, **options):
        return lambda: check.test(f"-sf=*{name}_test.cpp", **options)

    named = ",".join(f"*{name}_test.cpp"
                     for name in ("op_cases", "masks", "variables", "training", "memory"))
    parts = [("ops against the reference", test_file("op_cases", limit=150)),
             ("masks", test_file("masks")),
             ("variables", test_file("variables")),
             ("training against the CPU", test_file("training", limit=90)),
             ("memory", test_file("memory")),
             ("kernels", lambda: check.test(f"-sfe={named}", limit=120))]
    parts += [("first steps, float32", lambda: first_steps(check, tolerance=LARGEST_LOSS_DIFFERENCE)),
              ("first steps, bfloat16", lambda: first_steps(check, "--mixed-bfloat16", tolerance=3e-2)),
              ("first steps, float16", lambda: first_steps(check, "--mixed-float16", tolerance=4e-3)),
              ("tutorial", lambda: tutorial(check))]
    parts += [("bench PyTorch", lambda: bench_torch(check))]
    parts += [(f"bench {case}", lambda case=case: bench(check, case)) for case in CASES]
    parts += [(f"sanitizer {tool}", lambda tool=tool: sanitize(check, tool))
              for tool in ("memcheck", "racecheck")]
    return parts


def main():
    parser = argparse.ArgumentParser(prog="scripts/gpu_check run")
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=ROOT / "build/gpu_check")
    parser.add_argument("--only", help="beginnings of parts' names, with commas between them")
    parser.add_argument("--seconds", type=float, default=470, help="for everything")
    parser.add_argument("--json", type=pathlib.Path, default=pathlib.Path("gpu_check.json"))
    options = parser.parse_args()
    check = Check(options.folder.resolve(), options.seconds, options.json)
    chosen = tuple(options.only.split(",")) if options.only else ("",)
    if check.part("versions", lambda: versions(check)):
        if any(name.startswith("bench") for name in chosen):
            chosen += ("bench PyTorch",)
        for name, body in all_parts(check):
            if name.startswith(chosen):
                check.part(name, body)
    counts = check.counts()
    print(", ".join(f"{count} {status}" for status, count in counts.items()), f"-> {options.json}")
    sys.exit(counts["failed"] > 0)


main()
