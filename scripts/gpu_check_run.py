"""scripts/gpu_check run [FOLDER] [--only PART,...] [--seconds N] [--json FILE]: runs what
`scripts/gpu_check build` packed into FOLDER (build/gpu_check) on this machine's GPU. Each part has its
own process and time limit, so that one that crashes or hangs does not stop the rest. Prints a table,
writes it to FILE (gpu_check.json) with what each part found, also before it failed, and the end of its
output, and ends with 1 unless every part passed or was skipped for want of a tool; one that had no time
left did neither.

CUDA's libraries are looked for where the system has them, in /usr/local/cuda and in Python's packages
(nvidia/*/lib, torch/lib)."""
import argparse
import contextlib
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
ACCURACIES = (0.97, 0.98)    # of the tutorial after 5 epochs; the CPU reaches 0.975
LARGEST_LOSS_DIFFERENCE = 1e-4  # of the first steps, CPU and GPU, relative
OP_CASES = ("add", "sum", "softmax", "dense + bias + selu", "conv2d + relu", "max_pool2d", "dropout",
            "batch_norm", "either", "cast")  # BANACH_TEST_CASE: cases of tests/support/op_case.cpp
SANITIZED = {**{case: ("op_cases", case) for case in OP_CASES},  # file of tests, its case
             "loss_scale": ("loss_scale", ""), "update": ("update", "")}
CASES = ("tutorial", "tutorial_bf16", "tutorial_4096", "tutorial_4096_bf16", "deep_32x256",
         "deep_32x256_bf16", "mnist_conv", "mnist_conv_bf16", "mlp", "small_8x64", "tutorial_f16",
         "mnist_conv_f16")


class Failure(Exception):
    """A part that did not pass."""


class Skipped(Exception):
    """A part that this machine has no tool for."""


class NoTime(Exception):
    """A part that did not come to its end before all time was up."""


STATUSES = {Failure: "failed", Skipped: "skipped", NoTime: "no time"}


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
        self.found = {}  # by the part that runs
        self.environment = None

    # Where things are.

    def library_folders(self):
        """Folders to add so that the module finds CUDA's libraries."""
        packages = {*site.getsitepackages(), site.getusersitepackages(), sysconfig.get_path("purelib")}
        torch = self.plain("python3", "-c", "import torch; print(torch.__path__[0])")
        self.has_torch = torch is not None
        if torch:
            packages.add(str(pathlib.Path(torch).parent))
        places = ["/usr/local/cuda/lib64", "/usr/local/cuda/lib",
                  "/usr/local/cuda/targets/x86_64-linux/lib"]
        for package in sorted(packages):
            places += sorted(glob.glob(f"{package}/nvidia/*/lib")) + [f"{package}/torch/lib"]
        known = self.plain("ldconfig", "-p") or ""
        folders = []
        for name in (self.folder / "needed").read_text().split():
            found = next((place for place in places if os.path.exists(f"{place}/{name}")), None)
            if found and name not in known and found not in folders:
                folders.append(found)
        return folders

    def find_environment(self):
        environment = dict(os.environ, BANACH_DATA_DIR=str(ROOT / "data"))
        folders = [str(self.folder / "lib"), *self.library_folders(),
                   *filter(None, [os.environ.get("LD_LIBRARY_PATH")])]
        environment["LD_LIBRARY_PATH"] = ":".join(folders)
        _, code = finished([self.folder / "bin/banach", "--help"], 60, environment)
        if code != 0:  # the system's C++ library is older than what banach was built with
            environment["LD_LIBRARY_PATH"] = f"{self.folder}/lib/compiler:" + ":".join(folders)
        self.environment = environment
        return {"libraries": environment["LD_LIBRARY_PATH"]}

    # Running.

    @staticmethod
    def plain(*command):
        """The output of a command of this machine; None when it fails or is not there."""
        try:
            output, code = finished(command, 60, stderr=subprocess.DEVNULL)
        except OSError:
            return None
        return output.strip() if code == 0 else None

    def run(self, command, limit=60, environment=None):
        """Its output; Failure when it fails or lasts longer."""
        left = self.end - time.monotonic()
        if left < 3:
            raise NoTime("no time was left for it")
        output, code = finished(command, min(limit, left), environment or self.environment)
        self.log += output
        if code is None and left < limit:
            raise NoTime(f"all time was up {left:.0f} s after its start")
        if code != 0:
            ended = f"took longer than {limit} s" if code is None else f"ended with {code}"
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
        """Whether it passed. What the body returns, or puts into self.found as it goes, is kept."""
        start = time.monotonic()
        self.log, self.found = "", {}
        status, reason = "passed", ""
        try:
            self.found = body() or self.found
        except Exception as error:  # also of this script: it must not hide the parts that follow
            status = STATUSES.get(type(error), "failed")
            reason = str(error) if type(error) in STATUSES else f"{type(error).__name__}: {error}"
        seconds = time.monotonic() - start
        found = self.found if isinstance(self.found, str) else "; ".join(
            f"{key} {value}" for key, value in self.found.items())
        summary = "; ".join(filter(None, [reason, found]))
        print(f"{name:28} {status:8} {seconds:6.1f} s  {summary[:300]}", flush=True)
        self.results.append({"part": name, "status": status, "seconds": round(seconds, 1),
                             "reason": reason, "detail": self.found, "output": shortened(self.log)})
        self.write()
        return status == "passed"

    def counts(self):
        return {status: sum(result["status"] == status for result in self.results)
                for status in ("passed", *STATUSES.values())}

    def write(self):
        """After every part, so that nothing is lost when the time is up."""
        self.json_file.write_text(json.dumps({"counts": self.counts(), "milliseconds": self.timings,
                                              "parts": self.results}, indent=1) + "\n")


def finished(command, limit, environment=None, stderr=subprocess.STDOUT):
    """What a command wrote, and its exit code: None where it lasted longer than `limit` seconds and was
    killed with what it had started. One that hangs in the driver not even that ends."""
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=stderr,
                               text=True, errors="replace", env=environment, start_new_session=True)
    try:
        return process.communicate(timeout=limit)[0], process.returncode
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    try:
        return process.communicate(timeout=10)[0], None
    except subprocess.TimeoutExpired as expired:
        return (expired.output or b"").decode(errors="replace"), None


def shortened(text, most=200_000):
    return text if len(text) <= most else f"{text[:most // 2]}\n...\n{text[-most // 2:]}"


def problem_in(output):
    """The lines that say what went wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"ERROR|error|banach:|terminate|what\(\)", line)]
    return " / ".join((telling or lines)[-3:])[:600]


def last_object(output):
    return json.loads(next(line for line in reversed(output.splitlines()) if line.startswith("{")))


def commits(check):
    """What the package was built from, and whether the checkout that runs it is the same."""
    built = (check.folder / "version").read_text().strip()
    here = check.plain("git", "-C", ROOT, "describe", "--always", "--dirty", "--abbrev=40",
                       "--exclude=*")
    same = {None: "of an unknown commit", built: "of the same commit"}
    return {"built from": built, "checkout": same.get(here, f"of another commit, {here}")}


def runs_on(architecture, capability):
    """Whether what was built for an architecture, as CMake calls it, runs on such a GPU."""
    if not architecture[0].isdigit():  # native, all
        return True
    number, _, kind = architecture.partition("-")
    built, there = int(re.match(r"\d+", number)[0]), int(capability.replace(".", ""))
    has_code = kind != "virtual" and built // 10 == there // 10
    return built <= there and (has_code or kind != "real")


def check_architectures(check):
    built = (check.folder / "architectures").read_text().split()
    answer = check.plain("nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader") or ""
    capabilities = re.findall(r"^\d+\.\d+$", answer, re.MULTILINE)  # an old one does not tell
    if capabilities and not any(runs_on(one, there) for one in built for there in capabilities):
        here = capabilities[0]
        raise Failure(f"built for the architectures {', '.join(built)}, this GPU has the compute "
                      f"capability {here}: build with -DCMAKE_CUDA_ARCHITECTURES="
                      f"{here.replace('.', '')}-real")
    return ", ".join(built)


def versions(check):
    check.found.update(commits(check))
    check.found["architectures"] = check_architectures(check)
    devices = last_object(check.banach("devices", "--json"))
    if not devices["gpus"]:
        raise Failure(f"no GPU: {devices['no_gpu']}")
    check.found.update({
        "gpu": ", ".join(devices["gpus"]),
        "driver": check.plain("nvidia-smi", "--format=csv,noheader",
                              "--query-gpu=driver_version,memory.total,clocks.sm"),
        "torch": check.plain("python3", "-c", "import torch; print(torch.__version__, "
                             "torch.backends.cudnn.version())")})


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
    least, most = ACCURACIES
    if not least <= accuracy <= most:
        raise Failure(f"accuracy {accuracy}, expected {least} to {most}")
    return {"test accuracy": accuracy, "an epoch": f"{steps[-1][0]} s, {steps[-1][1]}" if steps else ""}


def sanitize(check, tool):
    program = shutil.which("compute-sanitizer") or "/usr/local/cuda/bin/compute-sanitizer"
    if not os.path.exists(program):
        raise Skipped("there is no compute-sanitizer")
    for name, (file, case) in SANITIZED.items():
        start = time.monotonic()
        try:
            check.run([program, "--tool", tool, "--report-api-errors", "no", "--error-exitcode", "9",
                       check.folder / "bin/test_cuda", f"-sf=*{file}_test.cpp"], limit=60,
                      environment={**check.environment, "BANACH_TEST_CASE": case})
        except Failure as failure:
            if "Device not supported" in check.log:
                raise Skipped("compute-sanitizer does not support this device") from failure
            raise Failure(f"{name}: {failure}") from failure
        check.found[name] = f"{time.monotonic() - start:.0f} s"


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
            with contextlib.suppress(json.JSONDecodeError):  # the last line may be cut off
                answer = json.loads(line) if line.startswith("{") else None
                if answer:
                    check.torch[answer["case"]] = answer["ways"]
    return {"cases": len(check.torch)}


def bench(check, case):
    def step(*options):
        output = check.banach("bench", case, "--device", "gpu", "--json", *options, limit=40)
        return last_object(output)["cases"][0]

    ours = step()
    banach = {"step": ours["median_ms"], "fit": ours["fit_ms"]}
    timings = check.timings[case] = {"banach": banach}  # here to stay, whatever fails next
    check.found["banach"] = milliseconds(banach)
    if torch := check.torch.get(case):
        timings["torch"] = torch
        check.found["torch"] = milliseconds(torch)
        check.found["best of torch over banach"] = f"{min(torch.values()) / ours['median_ms']:.2f}"
    if not case.endswith("f16"):
        banach["step in TF32"] = step("--tf32")["median_ms"]
        check.found["banach"] = milliseconds(banach)


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
    ready = check.part("environment", check.find_environment)
    if ready and check.part("versions", lambda: versions(check)):
        if any(name.startswith("bench") for name in chosen):
            chosen += ("bench PyTorch",)
        parts = [(name, body) for name, body in all_parts(check) if name.startswith(chosen)]
        if not parts:
            sys.exit(f"no part begins with {options.only}")
        for name, body in parts:
            check.part(name, body)
    counts = check.counts()
    print(", ".join(f"{count} {status}" for status, count in counts.items()), f"-> {options.json}")
    sys.exit(counts["failed"] + counts["no time"] > 0)


main()
