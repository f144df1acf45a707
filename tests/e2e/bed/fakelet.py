#!/usr/bin/env python3
"""A fake kubelet: registers nodes and plays the life of Pods that are bound to them, without running anything.

    fakelet.py SERVER CA CERT KEY NODES

One thread lists and watches the Pods, another one acts on them, at once or when their time has come. What a Pod shows is
a function of its spec, of its live status and of the time it has run, so that events may come twice and this program may
be started again. The last word of the first container's image is the script: see README.md.
"""
import datetime
import heapq
import http.client
import itertools
import json
import re
import ssl
import sys
import threading
import time
import urllib.parse

MERGE_PATCH = "application/merge-patch+json"


class Api:
    """One kept HTTPS connection to one API server, for one thread. Raises OSError or HTTPException when there is no answer."""

    def __init__(self, server, ca, cert=None, key=None, token=None, timeout=10):
        self.address = urllib.parse.urlsplit(server)
        self.tls = ssl.create_default_context(cafile=ca)
        if cert:
            self.tls.load_cert_chain(cert, key)
        self.headers = {"User-Agent": "mcp-bed"}
        if token:
            self.headers["Authorization"] = "Bearer " + token
        self.timeout = timeout
        self.connection = None

    def open(self, method, path, body=None, content_type="application/json"):
        """Sends a request; returns the response with its body unread."""
        data = None if body is None else json.dumps(body).encode()
        headers = dict(self.headers, **({"Content-Type": content_type} if data else {}))
        kept = self.connection is not None
        for attempt in (0, 1):
            if self.connection is None:
                self.connection = http.client.HTTPSConnection(
                    self.address.hostname, self.address.port, timeout=self.timeout, context=self.tls)
            try:
                self.connection.request(method, path, data, headers)
                return self.connection.getresponse()
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.close()
                if not kept or attempt:      # only a connection that had grown old in between deserves another try
                    raise
            except BaseException:
                self.close()
                raise

    def request(self, method, path, body=None, content_type="application/json"):
        """Returns the code and the decoded JSON body; a body that is no JSON comes as text."""
        try:
            response = self.open(method, path, body, content_type)
            text = response.read().decode()
        except BaseException:
            self.close()
            raise
        try:
            return response.status, json.loads(text)
        except ValueError:
            return response.status, text

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None


def say(text):
    print(time.strftime("%H:%M:%S"), text, flush=True)


def stamp(seconds):
    return datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def covers(live, wanted):
    """Whether `live` says all that `wanted` says; the server may have added fields."""
    if isinstance(wanted, dict):
        return isinstance(live, dict) and all(key in live and covers(live[key], value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(live, list) and len(live) == len(wanted) and all(map(covers, live, wanted))
    return live == wanted


# ---------------------------------------------------------------------------------------------- what a Pod shows

SCRIPT = re.compile(r"[:-](fail|crash|nopull|(?:slow|done|linger)(?:-([0-9.]+)s)?)$")


def script_of(pod):
    """The last word of the first image and its seconds: ("slow", 5.0) for `web:v2-slow-5s`, ("", 0) for no word."""
    found = SCRIPT.search(pod["spec"]["containers"][0].get("image", ""))
    return (found[1].split("-")[0], float(found[2] or 0)) if found else ("", 0.0)


def references(pod):
    """The ConfigMaps and Secrets without which the Pod cannot start, as (plural, name)."""
    found = []

    def take(plural, source, key="name"):
        if source and source.get(key) and not source.get("optional"):
            found.append((plural, source[key]))

    for volume in pod["spec"].get("volumes", []):
        take("configmaps", volume.get("configMap"))
        take("secrets", volume.get("secret"), "secretName")
        for source in volume.get("projected", {}).get("sources", []):
            take("configmaps", source.get("configMap"))
            take("secrets", source.get("secret"))
    for container in pod["spec"].get("initContainers", []) + pod["spec"]["containers"]:
        for source in container.get("envFrom", []):
            take("configmaps", source.get("configMapRef"))
            take("secrets", source.get("secretRef"))
        for entry in container.get("env", []):
            take("configmaps", entry.get("valueFrom", {}).get("configMapKeyRef"))
            take("secrets", entry.get("valueFrom", {}).get("secretKeyRef"))
    return list(dict.fromkeys(found))


def backoff(restarts):
    return min(2 ** restarts, 30)


def restarts_until(age):
    """How often a container that ends at once has been restarted, and seconds until the next time."""
    at = 0
    for restarts in itertools.count():
        at += backoff(restarts)
        if at > age:
            return restarts, at - age


class Show:
    """What the containers of a Pod show: phase, state and readiness of each, restarts, and when to look again."""

    def __init__(self, phase, state, ready=False, restarts=0, last=None, again=None, why=""):
        self.phase, self.state, self.ready = phase, state, ready
        self.restarts, self.last, self.again, self.why = restarts, last, again, why


def show(pod, started, now, missing):
    """What `pod` shows `now`, as it was started at `started` and lacks `missing`, a text or None."""
    word, seconds = script_of(pod)
    age = now - started
    always = pod["spec"].get("restartPolicy", "Always") == "Always"
    image = pod["spec"]["containers"][0].get("image", "")
    running = {"running": {"startedAt": stamp(started)}}
    waiting = lambda reason, message="": {"waiting": dict({"reason": reason}, **({"message": message} if message else {}))}
    ended = lambda code: {"terminated": {"exitCode": code, "reason": "Error" if code else "Completed",
                                         "startedAt": stamp(started), "finishedAt": stamp(started + seconds)}}
    if missing:
        return Show("Pending", waiting("ContainerCreating"), again=1.0, why=missing)
    if word == "nopull":
        return Show("Pending", waiting("ImagePullBackOff", f'Back-off pulling image "{image}"'))
    if word == "fail":
        return Show("Running", running, why="its readiness probe fails")
    if word == "slow" and age < seconds:
        return Show("Running", running, again=seconds - age, why="its readiness probe fails")
    if word == "done" and age < seconds:
        return Show("Running", running, ready=True, again=seconds - age)
    if word in ("crash", "done"):
        code = 1 if word == "crash" else 0
        if not always and (code == 0 or pod["spec"].get("restartPolicy") == "Never"):
            return Show("Failed" if code else "Succeeded", ended(code))
        restarts, again = restarts_until(age - seconds)
        state = waiting("CrashLoopBackOff", f"back-off {backoff(restarts)}s restarting failed container")
        return Show("Running", state, restarts=restarts, last=ended(code), again=again)
    return Show("Running", running, ready=True)


def status_of(pod, shown, started, ip, host, now):
    """The status to write. Conditions of others, such as PodScheduled, stay; times change only with their condition."""
    live = pod.get("status", {})
    begun = shown.phase != "Pending"
    over = shown.phase in ("Succeeded", "Failed")

    def container(spec):
        return {"name": spec["name"], "image": spec.get("image", ""), "imageID": "fake://" + spec.get("image", "") if begun else "",
                "containerID": f"fake://{pod['metadata']['uid']}/{spec['name']}" if begun else "",
                "ready": shown.ready, "started": begun and "running" in shown.state, "restartCount": shown.restarts,
                "state": shown.state, "lastState": shown.last or {}}

    def init_container(spec):
        stays = spec.get("restartPolicy") == "Always"
        if not begun or (stays and not over):
            return dict(container(spec), ready=begun, started=begun, restartCount=0, lastState={},
                        state={"running": {"startedAt": stamp(started)}} if begun else {"waiting": {"reason": "PodInitializing"}})
        done = {"exitCode": 0, "reason": "Completed", "startedAt": stamp(started), "finishedAt": stamp(started)}
        return dict(container(spec), ready=True, started=False, restartCount=0, state={"terminated": done}, lastState={})

    ours = {"Initialized": begun or not pod["spec"].get("initContainers"), "ContainersReady": shown.ready, "Ready": shown.ready}
    before = {condition["type"]: condition for condition in live.get("conditions", [])}
    conditions = [condition for condition in live.get("conditions", []) if condition["type"] not in ours]
    for kind, holds in ours.items():
        condition = {"type": kind, "status": "True" if holds else "False"}
        if not holds:
            condition["reason"] = "PodCompleted" if shown.phase == "Succeeded" else "ContainersNotReady"
            condition["message"] = shown.why or "containers with unready status"
        same = before.get(kind, {}).get("status") == condition["status"]
        condition["lastTransitionTime"] = before[kind].get("lastTransitionTime") if same else stamp(now)
        conditions.append(condition)
    status = {"phase": shown.phase, "startTime": live.get("startTime") or stamp(started), "conditions": conditions,
              "observedGeneration": pod["metadata"].get("generation", 0), "hostIP": host, "hostIPs": [{"ip": host}],
              "containerStatuses": [container(spec) for spec in pod["spec"]["containers"]]}
    if pod["spec"].get("initContainers"):
        status["initContainerStatuses"] = [init_container(spec) for spec in pod["spec"]["initContainers"]]
    if begun:
        status.update(podIP=ip, podIPs=[{"ip": ip}])
    return status


# ---------------------------------------------------------------------------------------------- the two threads


class Memory:
    """What is known of one Pod beyond the API: since when it runs or ends, and its address."""

    def __init__(self):
        self.started = self.ending = self.ip = None


class Fakelet:
    def __init__(self, server, ca, cert, key, nodes):
        self.connect = lambda timeout: Api(server, ca, cert, key, timeout=timeout)
        self.nodes = [f"node-{number}" for number in range(1, nodes + 1)]
        self.changed = threading.Condition()
        self.pods = {}          # uid: newest Pod seen
        self.memory = {}        # uid: Memory
        self.agenda = []        # heap of (time, number, uid)
        self.numbers = itertools.count()

    # Watching

    def watch(self):
        api = self.connect(90)
        version = None
        while True:
            try:
                if version is None:
                    version = self.list(api)
                version = self.follow(api, version)
            except (OSError, http.client.HTTPException, ValueError) as failure:
                say(f"watch: {failure!r}; trying again")
                api.close()
                time.sleep(0.3)

    def list(self, api):
        code, answer = api.request("GET", "/api/v1/pods")
        if code != 200:
            raise OSError(f"list of Pods: {code}")
        with self.changed:
            self.pods = {pod["metadata"]["uid"]: pod for pod in answer["items"]}
            self.memory = {uid: self.memory.get(uid, Memory()) for uid in self.pods}
            for uid in self.pods:
                self.plan(uid, 0)
        return answer["metadata"]["resourceVersion"]

    def follow(self, api, version):
        """Takes events until the watch ends; returns the version to go on from, None to list again."""
        response = api.open("GET", f"/api/v1/pods?watch=1&allowWatchBookmarks=true&timeoutSeconds=270&resourceVersion={version}")
        if response.status != 200:
            response.read()
            if response.status == 410:
                return None
            raise OSError(f"watch of Pods: {response.status}")
        for line in response:
            event = json.loads(line)
            thing = event["object"]
            if event["type"] == "ERROR":
                response.close()
                api.close()
                return None
            version = thing["metadata"]["resourceVersion"]
            uid = thing["metadata"].get("uid")
            with self.changed:
                if event["type"] in ("ADDED", "MODIFIED"):
                    self.pods[uid] = thing
                    self.memory.setdefault(uid, Memory())
                    self.plan(uid, 0)
                elif event["type"] == "DELETED":
                    self.pods.pop(uid, None)
                    self.memory.pop(uid, None)
        return version

    # Acting

    def plan(self, uid, delay):
        heapq.heappush(self.agenda, (time.time() + delay, next(self.numbers), uid))
        self.changed.notify()

    def act(self):
        api = self.connect(10)
        while True:
            with self.changed:
                while not self.agenda or self.agenda[0][0] > time.time():
                    self.changed.wait(self.agenda[0][0] - time.time() if self.agenda else None)
                uid = heapq.heappop(self.agenda)[2]
                pod, memory = self.pods.get(uid), self.memory.get(uid)
            if pod is None:
                continue
            try:
                again = self.step(api, pod, memory, time.time())
            except (OSError, http.client.HTTPException) as failure:
                say(f"{pod['metadata']['namespace']}/{pod['metadata']['name']}: {failure!r}; trying again")
                again = 0.5
            if again is not None:
                with self.changed:
                    self.plan(uid, again)

    def step(self, api, pod, memory, now):
        """Does what is due for the Pod; returns the seconds after which to look again, or None."""
        meta, live = pod["metadata"], pod.get("status", {})
        if pod["spec"].get("nodeName") not in self.nodes:
            return None
        path = f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}"
        if meta.get("deletionTimestamp"):
            return self.end(api, pod, path, memory, now)
        if live.get("phase") in ("Succeeded", "Failed"):
            return None
        missing = None
        if memory.started is None:
            if live.get("phase") == "Running":      # this program was started again
                memory.started = seconds_of(live["startTime"])
            else:
                missing = self.first_missing(api, pod)
                memory.started = None if missing else now
        if memory.ip is None:
            number = next(self.numbers)
            memory.ip = live.get("podIP") or f"10.244.{number // 250 % 250}.{number % 250 + 1}"
        started = memory.started or now
        shown = show(pod, started, now, missing)
        host = f"10.0.0.{self.nodes.index(pod['spec']['nodeName']) + 1}"
        status = status_of(pod, shown, started, memory.ip, host, now)
        if not covers(live, status):
            code, answer = api.request("PATCH", path + "/status", {"metadata": {"uid": meta["uid"]}, "status": status}, MERGE_PATCH)
            if code not in (200, 404, 409):
                raise OSError(f"status: {code} {answer}")
        return shown.again

    def first_missing(self, api, pod):
        for plural, name in references(pod):
            code, _ = api.request("GET", f"/api/v1/namespaces/{pod['metadata']['namespace']}/{plural}/{name}")
            if code == 404:
                return f'{plural[:-1]} "{name}" not found'
            if code != 200:
                raise OSError(f"{plural}/{name}: {code}")
        return None

    def end(self, api, pod, path, memory, now):
        if pod["metadata"].get("deletionGracePeriodSeconds") == 0:
            return None                             # done here; others' finalizers keep it
        memory.ending = memory.ending or now
        word, seconds = script_of(pod)
        left = memory.ending + seconds - now if word == "linger" else 0
        if left > 0:
            return left
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0,
                   "preconditions": {"uid": pod["metadata"]["uid"]}}
        code, answer = api.request("DELETE", path, options)
        if code not in (200, 202, 404, 409):
            raise OSError(f"delete: {code} {answer}")
        return None

    # Nodes

    def register(self):
        api = self.connect(10)
        for number, name in enumerate(self.nodes, 1):
            while not self.register_one(api, number, name):
                time.sleep(0.3)

    def register_one(self, api, number, name):
        room = {"cpu": "64", "memory": "256Gi", "pods": "2000", "ephemeral-storage": "1Ti"}
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {
            "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}}}
        ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "as ready as a fake can be",
                 "lastHeartbeatTime": stamp(time.time()), "lastTransitionTime": stamp(time.time())}
        status = {"capacity": room, "allocatable": room, "conditions": [ready],
                  "addresses": [{"type": "InternalIP", "address": f"10.0.0.{number}"}, {"type": "Hostname", "address": name}]}
        try:
            made, answer = api.request("POST", "/api/v1/nodes", node)
            if made not in (201, 409):
                raise OSError(f"{made} {answer}")
            for path, change in (("/status", {"status": status}), ("", {"spec": {"taints": None}})):
                code, answer = api.request("PATCH", f"/api/v1/nodes/{name}{path}", change, MERGE_PATCH)
                if code != 200:
                    raise OSError(f"{code} {answer}")
        except (OSError, http.client.HTTPException) as failure:
            say(f"{name}: {failure!r}; trying again")
            return False
        say(f"{name} is registered")
        return True


def main():
    server, ca, cert, key, nodes = sys.argv[1:]
    fakelet = Fakelet(server, ca, cert, key, int(nodes))
    fakelet.register()
    threading.Thread(target=fakelet.watch, daemon=True).start()
    fakelet.act()


if __name__ == "__main__":
    main()
