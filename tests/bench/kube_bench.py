#!/usr/bin/env python3
"""Speed on real control planes: kube_bench.py PATH-OF-MCP [--large]. MCP_BED names the folder of a bed with three clusters
that is up; --large adds 100,000 objects, whose apply alone takes minutes. Prints rows as docs/performance.md has them: the least of three runs, mcp beside a bare loop of the same requests and, where
they are on PATH, beside curl and kubectl."""
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

MCP = os.path.abspath(sys.argv[1])
BED = os.environ["MCP_BED"]
RUNS = 3

with open(BED + "/bed.json") as file:
    CLUSTERS = {each["name"]: each for each in json.load(file)["clusters"]}


def measure(words, folder, environment):
    """Wall seconds, CPU seconds and peak MB of one command that must succeed."""
    start = time.monotonic()
    child = subprocess.Popen(words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    text = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"kube_bench: {' '.join(words)}: exit {child.returncode}\n{text.decode()[-2000:]}")
    return time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def least(rows):
    return tuple(min(column) for column in zip(*rows))


def policy(folder, name, clusters, count, value):
    lines = [f"mcp {name} {{ limits {{ max_deletes = 1_000_000 }} }}"]
    lines += [f'cluster {c} {{ cloud = "x", region = "r", context = "{c}-mcp" }}' for c in clusters]
    lines += [f"namespace {name} {{}}"]
    lines += [f'config c{i} in {name} {{ data = {{ text = "{value} {i} {"x" * 400}" }}, on = clusters }}' for i in range(count)]
    with open(folder + "/main.mcp", "w") as file:
        file.write("\n".join(lines) + "\n")


def row(what, measured, bar="", verdict=""):
    print(f"| {what:<64} | {measured:>18} | {bar:<10} | {verdict} |", flush=True)


def holds(value, bar):
    return "holds" if value <= bar else "MISSED"


def main():
    folder = tempfile.mkdtemp(prefix="mcp-kube-bench-")
    environment = dict(os.environ, KUBECONFIG=BED + "/kubeconfig")
    mcp = lambda *words: measure([MCP, *words], folder, environment)
    try:
        # ---- 10,000 objects on three clusters
        policy(folder, "bench-read", ("c1", "c2", "c3"), 3333, "one")
        wall, cpu, _ = mcp("apply", "--yes")
        row("apply, 10,000 ConfigMaps on 3 clusters: wall s, CPU s", f"{wall:.2f}, {cpu:.2f}", "", "")
        row("CPU of mcp per object, ms", f"{cpu / 9999 * 1000:.3f}", "1", holds(cpu / 9999 * 1000, 1))
        wall, cpu, memory = least([mcp("plan", "--detailed-exitcode") for _ in range(RUNS)])
        row("no-op plan, refresh of 10,000 objects: wall s", f"{wall:.2f}", "2", holds(wall, 2))
        row("the same, CPU s", f"{cpu:.2f}", "0.5", holds(cpu, 0.5))
        row("the same, peak memory, MB", f"{memory:.0f}", "", "")
        if "--large" in sys.argv[2:]:
            policy(folder, "bench-read", ("c1", "c2", "c3"), 33333, "one")
            mcp("apply", "--yes", "--quiet")
            wall, cpu, memory = least([mcp("plan", "--detailed-exitcode") for _ in range(RUNS)])
            row("no-op plan, 100,000 objects: wall s, CPU s", f"{wall:.2f}, {cpu:.2f}")
            row("the same, peak memory, MB", f"{memory:.0f}", "200", holds(memory, 200))
        mcp("destroy", "--yes")
        shutil.rmtree(folder + "/.mcp")

        # ---- 1,000 objects on one server, beside the bare requests
        ours, bare, kubectl = [], [], []
        for run in range(RUNS):
            policy(folder, "bench-write", ("c1",), 1, "one")
            mcp("apply", "--yes")
            policy(folder, "bench-write", ("c1",), 1000, "one")
            ours.append(mcp("apply", "--yes"))
            with open(folder + "/rendered.json", "wb") as file:
                rendered = subprocess.run([MCP, "render", "--cluster", "c1", "-o", "json"], cwd=folder, env=environment, check=True, capture_output=True).stdout
                file.write(rendered)
            mcp("destroy", "--yes")
            bare.append(loop(folder, environment, rendered))
            if shutil.which("kubectl"):
                kubectl.append(by_kubectl(folder, environment, rendered))
        mine = least(ours)
        loops = least(bare)
        row("1,000 ConfigMaps created on one server, mcp: wall s", f"{mine[0]:.2f}")
        row("the same PATCH requests by curl, 16 at once: wall s", f"{loops[0]:.2f}")
        row("ratio", f"{mine[0] / loops[0]:.2f}", "1.3", holds(mine[0] / loops[0], 1.3))
        if kubectl:
            theirs = least(kubectl)
            row("kubectl apply --server-side of the same objects: wall s", f"{theirs[0]:.2f}")
            row("kubectl over mcp", f"{theirs[0] / mine[0]:.1f} times", "1", holds(mine[0], theirs[0]))
    finally:
        subprocess.run([MCP, "destroy", "--yes"], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def objects_of(rendered):
    decoder, text, at, out = json.JSONDecoder(), rendered.decode(), 0, []
    while at < len(text.rstrip()):
        value, end = decoder.raw_decode(text, at)
        found = value if isinstance(value, list) else value.get("items", [value]) if value.get("kind") == "List" else [value]
        out += [each.get("object", each) for each in found]
        at = end
        while at < len(text) and text[at].isspace():
            at += 1
    return [each for each in out if each.get("kind") == "ConfigMap"]


def namespace(environment, name, verb):
    subprocess.run(["kubectl", "--context", "c1", verb, "namespace", name], env=environment, check=True, capture_output=True)


def loop(folder, environment, rendered):
    """The same requests without anything around them."""
    cluster = CLUSTERS["c1"]
    pki = os.path.dirname(cluster["ca"])
    common = ["--cacert", cluster["ca"], "--cert", pki + "/mcp.crt", "--key", pki + "/mcp.key", "--silent", "--show-error", "--fail"]
    root = f'{cluster["server"]}/api/v1/namespaces/bench-loop'
    apply = "?fieldManager=loop"
    head = ["-X", "PATCH", "-H", "Content-Type: application/apply-patch+yaml"]
    subprocess.run(["curl", *common, *head, "-d", json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "bench-loop"}}), root + apply], check=True, capture_output=True)
    blocks = []
    for i, each in enumerate(objects_of(rendered)):
        each["metadata"]["namespace"] = "bench-loop"
        path = f"{folder}/body-{i}.json"
        with open(path, "w") as file:
            json.dump(each, file)
        blocks.append("\n".join([f'url = "{root}/configmaps/{each["metadata"]["name"]}{apply}"', 'request = "PATCH"', 'header = "Content-Type: application/apply-patch+yaml"',
                                 f'data-binary = "@{path}"', f'cacert = "{cluster["ca"]}"', f'cert = "{pki}/mcp.crt"', f'key = "{pki}/mcp.key"', 'output = "/dev/null"', "fail", "silent", "show-error"]))
    with open(folder + "/curl.conf", "w") as file:
        file.write("\nnext\n".join(blocks) + "\n")
    out = measure(["curl", "--http2", "--parallel", "--parallel-max", "16", "-K", folder + "/curl.conf"], folder, environment)
    subprocess.run(["curl", *common, "-X", "DELETE", root], check=True, capture_output=True)
    wait_gone(common, root)
    return out


def by_kubectl(folder, environment, rendered):
    namespace(environment, "bench-kubectl", "create")
    objects = objects_of(rendered)
    for each in objects:
        each["metadata"]["namespace"] = "bench-kubectl"
    with open(folder + "/objects.json", "w") as file:
        json.dump({"apiVersion": "v1", "kind": "List", "items": objects}, file)
    out = measure(["kubectl", "--context", "c1-mcp", "apply", "--server-side", "-f", "objects.json"], folder, environment)
    namespace(environment, "bench-kubectl", "delete")
    return out


def wait_gone(common, url):
    end = time.monotonic() + 120
    while subprocess.run(["curl", *common, url], capture_output=True).returncode == 0 and time.monotonic() < end:
        time.sleep(0.2)


if __name__ == "__main__":
    main()
