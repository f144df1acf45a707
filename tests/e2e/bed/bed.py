#!/usr/bin/env python3
"""Runs real Kubernetes control planes on 127.0.0.1 for tests; README.md beside this says how it is used.

    bed.py up DIR [--clusters N] [--own-etcd] [--with-parent]     start; DIR/kubeconfig and DIR/bed.json say what there is
    bed.py down DIR                        stop all and clear DIR up; only its log folder stays
    bed.py stop DIR PART [--signal KILL]   PART is c2/apiserver or the like, or c2: all parts of that cluster
    bed.py freeze DIR PART                 SIGSTOP; `thaw` goes on
    bed.py thaw DIR PART
    bed.py again DIR PART [FLAG...]        start a part again with its flags, and these for this once; waits until it answers
    bed.py run DIR COMMAND...              the command, with MCP_BED=DIR; 77 when no bed is up there

Nothing outlives its bed: each part is recorded in bed.json before it begins, with its pid and the kernel's start time of
that process, and a pid counts only together with that time.
"""
import argparse
import base64
import contextlib
import fcntl
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from fakelet import Api

HERE = os.path.dirname(os.path.abspath(__file__))
NODES = 2
UNABLE = 3        # this machine cannot run a bed; one line has said why
SKIPPED = 77      # what ctest takes for a skipped test
START_LIMIT = 180.0
STOP_LIMIT = 10.0
OWN_ENTRIES = ("bed.json", "kubeconfig", "kube", "pki", "credential", "data")     # what `down` removes from DIR

CONTROLLERS = [name + "-controller" for name in (
    "deployment", "replicaset", "statefulset", "job", "namespace", "garbage-collector", "pod-garbage-collector", "endpointslice",
    "serviceaccount", "serviceaccount-token", "resourcequota", "clusterrole-aggregation", "service-cidr",
    "validatingadmissionpolicy-status", "root-ca-certificate-publisher")]

# Who there is in each cluster: certificate subject, and the bearer token of the same user.
PEOPLE = {"admin": ("/O=system:masters/CN=admin", 'tok-admin,admin,admin,"system:masters"'),
          "mcp": ("/O=fleet/CN=mcp", 'tok-mcp,mcp,mcp,"fleet"'),
          "dev": ("/O=devs/CN=dev", 'tok-dev,dev,dev,"devs"')}


class Failed(Exception):
    """The bed cannot do what was asked; the text is for the user."""


def say(text):
    print("bed: " + text, file=sys.stderr, flush=True)


# ---------------------------------------------------------------------------------------------- processes


def process(pid):
    """State letter and kernel start time of a process; None when there is none, or only a zombie that waits to be reaped."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    if fields[0] == "X" or (fields[0] == "Z" and int(fields[17]) <= 1):      # with threads left it still holds its ports
        return None
    return fields[0], int(fields[19])


def alive(part):
    """Whether the recorded process is still there: same pid, same start time."""
    found = process(part["pid"])
    return found is not None and found[1] == part["start"]


def send(part, number):
    if alive(part):
        with contextlib.suppress(ProcessLookupError):
            os.kill(part["pid"], number)


def wait_for(what, limit, ready, watched=()):
    """Waits until ready() is true. A watched part that ends meanwhile is a failure with the last lines of its log."""
    end = time.monotonic() + limit
    while not ready():
        for part in watched:
            if not alive(part):
                with open(part["log"], errors="replace") as file:
                    tail = "".join(file.readlines()[-15:])
                raise Failed(f"{part['name']} ended; {part['log']} says:\n{tail}")
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {limit:.0f} s")
        time.sleep(0.03)


def halt(parts, number=signal.SIGTERM):
    """Ends the parts together: the signal, also to frozen ones, and SIGKILL after ten seconds."""
    for number, limit in ((number, STOP_LIMIT), (signal.SIGKILL, STOP_LIMIT)):
        for part in parts:
            send(part, number)
            send(part, signal.SIGCONT)
        try:
            return wait_for("end of " + ", ".join(part["name"] for part in parts), limit, lambda: not any(map(alive, parts)))
        except Failed:
            if number == signal.SIGKILL:
                raise


class Bed:
    """The record of a bed, DIR/bed.json. Whoever changes it holds the lock of the folder."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.path = os.path.join(self.folder, "bed.json")
        self.record = {"format": "mcp-bed/1", "folder": self.folder, "data": None, "keeper": None, "clusters": [], "parts": []}

    @contextlib.contextmanager
    def locked(self):
        """One command at a time; the kernel releases the lock of one that dies."""
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def load(self):
        try:
            with open(self.path) as file:
                self.record = json.load(file)
        except FileNotFoundError:
            return False
        return True

    def save(self):
        with open(self.path + ".new", "w") as file:
            json.dump(self.record, file, indent=1)
        os.rename(self.path + ".new", self.path)

    @property
    def parts(self):
        return self.record["parts"]

    def select(self, name):
        """The part of that name, or the parts of that cluster, in the order in which they start."""
        found = [part for part in self.parts if part["name"] == name or part["name"].startswith(name + "/")]
        if not found:
            raise Failed(f"no part {name}; there are: " + " ".join(part["name"] for part in self.parts))
        return found

    def cluster(self, name):
        return next(cluster for cluster in self.record["clusters"] if cluster["name"] == name)

    def start(self, name, argv, flags=()):
        """Starts a part in a session of its own. It waits at a gate until it is recorded, so none can be lost."""
        log = os.path.join(self.folder, "log", name.replace("/", "-") + ".log")
        gate, opener = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.close(opener)
                os.setsid()
                if os.read(gate, 1) != b"!":
                    os._exit(1)
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
                os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 1)
                os.dup2(1, 2)
                environment = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
                os.execve(argv[0], [*argv, *flags], environment)
            finally:
                os._exit(127)
        os.close(gate)
        part = {"name": name, "pid": pid, "start": process(pid)[1], "argv": argv, "flags": list(flags), "log": log}
        self.record["parts"] = [other for other in self.parts if other["name"] != name] + [part]
        self.parts.sort(key=start_order)
        self.save()
        os.write(opener, b"!")
        os.close(opener)
        return part

    def end(self):
        """Stops everything and removes what `up` wrote, but for the logs."""
        if not self.load():
            return
        keeper = self.record["keeper"]
        if keeper and keeper["pid"] != os.getpid():
            halt([keeper], signal.SIGKILL)
        for kinds in (("fakelet", "scheduler", "controller-manager"), ("apiserver",), ("etcd",)):
            halt([part for part in self.parts if kind_of(part["name"]) in kinds])
        if self.record["data"]:
            shutil.rmtree(self.record["data"], ignore_errors=True)
        for entry in OWN_ENTRIES[1:]:
            path = os.path.join(self.folder, entry)
            if os.path.isdir(path):
                shutil.rmtree(path)
            else:
                with contextlib.suppress(FileNotFoundError):
                    os.remove(path)
        os.remove(self.path)


def kind_of(name):
    return name.rpartition("/")[2]


def start_order(part):
    return ("etcd", "apiserver", "controller-manager", "scheduler", "fakelet").index(kind_of(part["name"])), part["name"]


def keep(bed, done, parent):
    """The keeper: ends the bed when `up` dies before it says that it is done, and later together with the process `parent`."""
    os.setsid()
    os.closerange(3, done)               # the lock of `up` among them: held here too, it would outlive `up`
    os.closerange(done + 1, 256)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with open(os.devnull, "r+") as nothing:
        for stream in (0, 1, 2):
            os.dup2(nothing.fileno(), stream)
    if os.read(done, 1) == b"!":
        while parent and alive(parent):
            time.sleep(0.5)
        if not parent:
            return
    with bed.locked():
        bed.end()


# ---------------------------------------------------------------------------------------------- ports, keys, kubeconfigs


def free_ports(count):
    """Ports below the range from which the kernel gives ports to clients, so that none is taken while a part is stopped."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        below = int(file.read().split()[0])
    below = below if below > 12000 else 32768
    sockets = []
    try:
        while len(sockets) < count:
            candidate = socket.socket()
            try:
                candidate.bind(("127.0.0.1", random.randrange(10000, below)))
                sockets.append(candidate)
            except OSError:
                candidate.close()
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def openssl_all(commands):
    """Runs openssl commands side by side."""
    running = [(command, subprocess.Popen(["openssl", *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                          stderr=subprocess.PIPE)) for command in commands]
    results = [(command, started.communicate()[1], started.returncode) for command, started in running]
    for command, text, code in results:
        if code:
            raise Failed("openssl " + " ".join(command) + ":\n" + text.decode(errors="replace"))


def make_identities(folder, names):
    """Per cluster a CA, the server's certificate, those of PEOPLE, tokens.csv and the key of service accounts."""
    config = os.path.join(folder, "pki", "openssl.cnf")
    os.makedirs(os.path.dirname(config))
    with open(config, "w") as file:          # empty but for what openssl insists on: no extension comes by default
        file.write("[req]\ndistinguished_name = none\n[none]\n")
    fresh = ["req", "-config", config, "-x509", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "365"]
    authorities, leaves = [], []
    for name in names:
        pki = os.path.join(folder, "pki", name)
        os.mkdir(pki)
        authorities += [
            [*fresh, "-subj", f"/CN={name}-ca", "-keyout", f"{pki}/ca.key", "-out", f"{pki}/ca.crt", "-addext",
             "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"],
            # Not genpkey: the server reads this key in its older format only.
            ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{pki}/sa.key"]]

        def leaf(who, subject, usage, *more):
            extensions = ("basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature", "extendedKeyUsage=" + usage, *more)
            leaves.append([*fresh, "-subj", subject, "-CA", f"{pki}/ca.crt", "-CAkey", f"{pki}/ca.key", "-keyout", f"{pki}/{who}.key",
                           "-out", f"{pki}/{who}.crt", *(word for each in extensions for word in ("-addext", each))])

        leaf("apiserver", "/CN=kube-apiserver", "serverAuth",
             "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc,IP:10.96.0.1")
        for who, (subject, _) in PEOPLE.items():
            leaf(who, subject, "clientAuth")
        with open(f"{pki}/tokens.csv", "w") as file:
            file.writelines(token + "\n" for _, token in PEOPLE.values())
    openssl_all(authorities)
    openssl_all(leaves)


def write_kubeconfigs(folder, clusters):
    """kube/NAME.yaml for each cluster and `kubeconfig` for all, complete in themselves but for the credential plugin."""
    plugin = os.path.join(folder, "credential")
    answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "tok-mcp"}}
    with open(plugin, "w") as file:
        file.write(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
    os.chmod(plugin, 0o700)

    def encoded(pki, name):
        with open(os.path.join(pki, name), "rb") as file:
            return base64.b64encode(file.read()).decode()

    def write(path, chosen):
        entries = {"clusters": [], "contexts": [], "users": []}
        for cluster in chosen:
            name, pki = cluster["name"], os.path.join(folder, "pki", cluster["name"])
            entries["clusters"].append(f"- name: {name}\n  cluster:\n    server: {cluster['server']}\n"
                                       f"    certificate-authority-data: {encoded(pki, 'ca.crt')}\n")
            users = {who: f"    client-certificate-data: {encoded(pki, who + '.crt')}\n"
                          f"    client-key-data: {encoded(pki, who + '.key')}\n" for who in PEOPLE}
            users["token"] = "    token: tok-mcp\n"
            users["exec"] = ("    exec:\n      apiVersion: client.authentication.k8s.io/v1\n"
                             f"      command: {json.dumps(plugin)}\n      interactiveMode: Never\n")
            for who, text in users.items():
                context = name if who == "admin" else f"{name}-{who}"
                entries["users"].append(f"- name: {name}-{who}\n  user:\n{text}")
                entries["contexts"].append(f"- name: {context}\n  context:\n    cluster: {name}\n    user: {name}-{who}\n")
        with open(path, "w") as file:
            file.write(f"apiVersion: v1\nkind: Config\ncurrent-context: {chosen[0]['name']}\n")
            for kind, texts in entries.items():
                file.write(kind + ":\n" + "".join(texts))

    os.makedirs(os.path.join(folder, "kube"))
    for cluster in clusters:
        write(os.path.join(folder, "kube", cluster["name"] + ".yaml"), [cluster])
    write(os.path.join(folder, "kubeconfig"), clusters)


# ---------------------------------------------------------------------------------------------- the parts


def etcd_argv(binaries, data, client, peer):
    client, peer = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    return [f"{binaries}/etcd", "--name=0", f"--data-dir={data}", f"--listen-client-urls={client}", f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=0={peer}", "--unsafe-no-fsync",
            "--watch-progress-notify-interval=5s", "--quota-backend-bytes=2147483648", "--log-level=warn"]


def apiserver_argv(binaries, cluster, etcd):
    pki = os.path.dirname(cluster["ca"])
    return [f"{binaries}/kube-apiserver", f"--etcd-servers={etcd}", f"--etcd-prefix=/{cluster['name']}", "--bind-address=127.0.0.1",
            # With a reconciler the server runs too, but complains for ever that an endpoint cannot be a loopback address.
            "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
            f"--secure-port={cluster['server'].rpartition(':')[2]}", f"--tls-cert-file={pki}/apiserver.crt",
            f"--tls-private-key-file={pki}/apiserver.key", f"--client-ca-file={pki}/ca.crt", f"--token-auth-file={pki}/tokens.csv",
            "--authorization-mode=RBAC", "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={pki}/sa.key", f"--service-account-signing-key-file={pki}/sa.key",
            "--service-cluster-ip-range=10.96.0.0/16", "--allow-privileged=true", "--profiling=false"]


def follower_argvs(binaries, folder, cluster):
    """Those that live on an API server. Without the qps flags rollouts crawl at 20 requests a second."""
    pki = os.path.dirname(cluster["ca"])
    client = [f"--kubeconfig={folder}/kube/{cluster['name']}.yaml", "--leader-elect=false", "--secure-port=0", "--kube-api-qps=500",
              "--kube-api-burst=1000"]
    return {"controller-manager": [f"{binaries}/kube-controller-manager", *client, f"--root-ca-file={pki}/ca.crt",
                                   f"--service-account-private-key-file={pki}/sa.key", "--controllers=" + ",".join(CONTROLLERS)],
            "scheduler": [f"{binaries}/kube-scheduler", *client],
            "fakelet": [sys.executable, "-B", f"{HERE}/fakelet.py", cluster["server"], cluster["ca"], f"{pki}/admin.crt",
                        f"{pki}/admin.key", str(NODES)]}


def get(path, server, ca=None, pki=None):
    """GET without credentials, or as admin; (0, None) when nobody answers."""
    try:
        if not server.startswith("https:"):
            plain = http.client.HTTPConnection(server.removeprefix("http://"), timeout=5)
            plain.request("GET", path)
            return plain.getresponse().status, None
        api = Api(server, ca, *((f"{pki}/admin.crt", f"{pki}/admin.key") if pki else ()), timeout=5)
        try:
            return api.request("GET", path)
        finally:
            api.close()
    except (OSError, http.client.HTTPException):
        return 0, None


def nodes_ready(cluster):
    code, answer = get("/api/v1/nodes", cluster["server"], cluster["ca"], os.path.dirname(cluster["ca"]))
    ready = [node for node in answer["items"] if not node["spec"].get("taints") and
             any(each["type"] == "Ready" and each["status"] == "True" for each in node.get("status", {}).get("conditions", []))
             ] if code == 200 else []
    return len(ready) == NODES


def answers(bed, part):
    """Whether a part does its work again: what `again` waits for. Controllers have no port to ask."""
    kind, cluster = kind_of(part["name"]), part["name"].partition("/")[0]
    if kind == "etcd":
        url = next(word for word in part["argv"] if word.startswith("--listen-client-urls=")).partition("=")[2]
        return get("/health", url)[0] == 200
    if kind == "apiserver":
        return get("/readyz", bed.cluster(cluster)["server"], bed.cluster(cluster)["ca"])[0] == 200
    return nodes_ready(bed.cluster(cluster)) if kind == "fakelet" else True


def bind_mcp(cluster):
    """All rights for user mcp, whom the server throttles like anyone; system:masters it would not."""
    pki = os.path.dirname(cluster["ca"])
    api = Api(cluster["server"], cluster["ca"], f"{pki}/admin.crt", f"{pki}/admin.key")
    code, answer = api.request("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "mcp"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "mcp"}]})
    api.close()
    if code != 201:
        raise Failed(f"{cluster['name']}: binding for mcp: {code} {answer}")


# ---------------------------------------------------------------------------------------------- commands


def binaries():
    """The folder of etcd and the Kubernetes commands, built if need be. Raises SystemExit(UNABLE) where that is impossible."""
    if not shutil.which("openssl"):
        say("skipped: openssl is not installed")
        raise SystemExit(UNABLE)
    built = subprocess.run([f"{HERE}/build"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if built.returncode == UNABLE:
        raise SystemExit(UNABLE)
    if built.returncode:
        raise Failed("the build of Kubernetes and etcd failed")
    return built.stdout.strip()


def data_folder(port):
    """Memory where there is enough of it: etcd reserves 64 MB for each log file."""
    try:
        room = os.statvfs("/dev/shm")
        if room.f_bavail * room.f_frsize >= 1 << 30 and os.access("/dev/shm", os.W_OK):
            return f"/dev/shm/bed-{os.getuid()}-{port}"
    except OSError:
        pass
    return None


def up(options):
    os.umask(0o077)
    parent = {"name": "parent", "pid": os.getppid(), "start": process(os.getppid())[1]} if options.with_parent else None
    commands = binaries()
    began = time.monotonic()
    bed = Bed(options.folder)
    os.makedirs(bed.folder, exist_ok=True)
    with bed.locked():
        bed.end()                        # what a bed before this one may have left here
        bed = Bed(options.folder)
        shutil.rmtree(os.path.join(bed.folder, "log"), ignore_errors=True)
        os.mkdir(os.path.join(bed.folder, "log"))
        ports = free_ports(3 * options.clusters + 2)
        names = [f"c{number}" for number in range(1, options.clusters + 1)]
        bed.record["data"] = data_folder(ports[0]) or os.path.join(bed.folder, "data")
        bed.record["clusters"] = [{"name": name, "server": f"https://127.0.0.1:{ports.pop()}",
                                   "ca": os.path.join(bed.folder, "pki", name, "ca.crt")} for name in names]
        clusters = bed.record["clusters"]

        done, finish = os.pipe()
        keeper = os.fork()
        if keeper == 0:
            os.close(finish)
            try:
                keep(Bed(options.folder), done, parent)
            finally:
                os._exit(0)
        os.close(done)
        bed.record["keeper"] = {"name": "keeper", "pid": keeper, "start": process(keeper)[1]}
        bed.save()
        try:
            os.mkdir(bed.record["data"])
            etcds = {}                   # cluster: client URL of its etcd
            for number, owners in enumerate([[name] for name in names] if options.own_etcd else [names]):
                client, peer = ports.pop(), ports.pop()
                bed.start(f"{owners[0]}/etcd" if options.own_etcd else "etcd",
                          etcd_argv(commands, f"{bed.record['data']}/{number}", client, peer))
                etcds.update((owner, f"http://127.0.0.1:{client}") for owner in owners)
            make_identities(bed.folder, names)
            write_kubeconfigs(bed.folder, clusters)
            wait_for("etcd is healthy", START_LIMIT, lambda: all(answers(bed, part) for part in bed.parts), bed.parts)
            servers = [bed.start(f"{each['name']}/apiserver", apiserver_argv(commands, each, etcds[each["name"]])) for each in clusters]
            wait_for("API servers are ready", START_LIMIT, lambda: all(answers(bed, part) for part in servers), bed.parts)
            for cluster in clusters:
                bind_mcp(cluster)
                for kind, argv in follower_argvs(commands, bed.folder, cluster).items():
                    bed.start(f"{cluster['name']}/{kind}", argv)

            def usable(cluster):
                account = get("/api/v1/namespaces/default/serviceaccounts/default", cluster["server"], cluster["ca"],
                              os.path.dirname(cluster["ca"]))
                return account[0] == 200 and nodes_ready(cluster)

            wait_for("nodes and service accounts are ready", START_LIMIT, lambda: all(map(usable, clusters)), bed.parts)
        except BaseException:
            bed.end()
            raise
        if not parent:
            bed.record["keeper"] = None
            bed.save()
        os.write(finish, b"!")
    print(f"bed: {' '.join(names)} up after {time.monotonic() - began:.1f} s; KUBECONFIG={bed.folder}/kubeconfig")


def down(options):
    bed = Bed(options.folder)
    if os.path.isdir(bed.folder):
        with bed.locked():
            bed.end()


@contextlib.contextmanager
def existing(folder):
    bed = Bed(folder)
    if not os.path.exists(bed.path):
        raise Failed(f"no bed is up in {bed.folder}")
    with bed.locked():
        if not bed.load():
            raise Failed(f"no bed is up in {bed.folder}")
        yield bed


def stop(options):
    number = getattr(signal, "SIG" + options.signal.upper().removeprefix("SIG"), None)
    if number is None:
        raise Failed(f"no signal {options.signal}")
    with existing(options.folder) as bed:
        for part in reversed(bed.select(options.part)):
            halt([part], number)


def freeze(options):
    with existing(options.folder) as bed:
        for part in bed.select(options.part):
            send(part, signal.SIGSTOP)
            wait_for(f"{part['name']} stands still", STOP_LIMIT, lambda: (process(part["pid"]) or "-")[0] == "T", [part])


def thaw(options):
    with existing(options.folder) as bed:
        for part in bed.select(options.part):
            send(part, signal.SIGCONT)


def again(options):
    with existing(options.folder) as bed:
        for old in bed.select(options.part):
            halt([old])
            part = bed.start(old["name"], old["argv"], options.flags)
            wait_for(f"{part['name']} answers", START_LIMIT, lambda: answers(bed, part), [part])


def run(options):
    bed = Bed(options.folder)
    if not os.path.exists(bed.path):
        say(f"skipped: no bed is up in {bed.folder}")
        raise SystemExit(SKIPPED)
    os.environ["MCP_BED"] = bed.folder
    os.execvp(options.command[0], options.command)


def main():
    parser = argparse.ArgumentParser(description="Real Kubernetes control planes on 127.0.0.1 for tests.", allow_abbrev=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(action, text, *arguments):
        found = commands.add_parser(action.__name__, help=text, allow_abbrev=False)
        found.set_defaults(action=action)
        found.add_argument("folder", metavar="DIR")
        for argument in arguments:
            found.add_argument(argument, metavar=argument.upper())
        return found

    starting = command(up, "start a bed in DIR")
    starting.add_argument("--clusters", type=int, default=3)
    starting.add_argument("--own-etcd", action="store_true", help="one etcd for each cluster")
    starting.add_argument("--with-parent", action="store_true", help="the bed ends when the process that started this command does")
    starting.add_argument("--ctest", action="store_true", help=f"where a bed cannot run: {SKIPPED}, or failure when CI=true")
    command(down, "stop it and clear up")
    command(stop, "end a part, or all parts of a cluster", "part").add_argument("--signal", default="TERM")
    command(freeze, "SIGSTOP", "part")
    command(thaw, "SIGCONT", "part")
    command(again, "start a part again", "part").add_argument("flags", nargs=argparse.REMAINDER)
    command(run, "run a command with MCP_BED=DIR").add_argument("command", nargs=argparse.REMAINDER)

    options = parser.parse_args()
    try:
        options.action(options)
    except Failed as failure:
        say(str(failure))
        return 1
    except SystemExit as end:
        if end.code == UNABLE and options.action is up and options.ctest:
            return 1 if os.environ.get("CI") == "true" else SKIPPED
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
