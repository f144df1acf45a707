#!/usr/bin/env python3
"""The bed's own test: what other tests rely on is there. Needs MCP_BED, the folder of a bed with three clusters that is up."""
import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import bed as bed_module
from case import BED_PY, LIMIT, Case, bed, deployment, pod
from fakelet import Api, seconds_of


class Clusters(Case):
    def test_each_cluster_is_kubernetes_1_36_3(self):
        self.assertEqual([each["name"] for each in self.record["clusters"]], ["c1", "c2", "c3"])
        for name in ("c1", "c2", "c3"):
            code, answer = self.call(self.api(name + "-mcp"), "GET", "/version")
            self.assertEqual((code, answer["gitVersion"], answer["minor"]), (200, "v1.36.3", "36"))

    def test_a_deployment_of_three_that_is_applied_becomes_ready(self):
        for name in ("c1", "c2", "c3"):
            api = self.api(name + "-mcp")
            path = self.deploy(api, self.namespace(api), deployment("web", "web:v1", 3))
            self.eventually(lambda: self.status(api, path).get("availableReplicas") == 3)

    def test_a_pod_waits_for_the_config_it_names(self):
        api = self.api("c1-mcp")
        namespace = self.namespace(api)
        self.deploy(api, namespace, deployment("web", "web:v1", volumes=[{"name": "conf", "configMap": {"name": "late"}}]))
        self.eventually(lambda: self.waiting(api, namespace, "web") == [("ContainerCreating", 0)])
        self.apply(api, f"/api/v1/namespaces/{namespace}/configmaps/late",
                   {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "late"}, "data": {"a": "b"}})
        self.eventually(lambda: self.waiting(api, namespace, "web") == [(None, 0)])

    def test_a_pod_that_asks_for_more_than_a_node_has_is_unschedulable(self):
        api = self.api("c1-mcp")
        namespace = self.namespace(api)
        body = pod("big", "web:v1")
        body["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "100"}}
        path = f"/api/v1/namespaces/{namespace}/pods/big"
        self.apply(api, path, body)
        self.eventually(lambda: any(each.get("reason") == "Unschedulable" for each in self.status(api, path).get("conditions", [])))

    def test_a_quota_refuses_what_is_above_it(self):
        api = self.api("c1-mcp")
        namespace = self.namespace(api)
        quota = f"/api/v1/namespaces/{namespace}/resourcequotas/few"
        self.apply(api, quota, {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few"}, "spec": {"hard": {"pods": "1"}}})
        self.eventually(lambda: self.status(api, quota).get("hard") == {"pods": "1"})
        codes = [self.apply(api, f"/api/v1/namespaces/{namespace}/pods/{name}", pod(name, "web:v1")) for name in ("one", "two")]
        self.assertEqual([code for code, _ in codes], [201, 403])
        self.assertIn("exceeded quota", codes[1][1]["message"])


class Images(Case):
    def test_nopull_is_image_pull_back_off(self):
        api = self.api("c2-mcp")
        namespace = self.namespace(api)
        path = self.deploy(api, namespace, deployment("web", "web:nopull"))
        self.eventually(lambda: self.waiting(api, namespace, "web") == [("ImagePullBackOff", 0)])
        self.assertNotIn("availableReplicas", self.status(api, path))

    def test_fail_runs_and_is_never_ready(self):
        api = self.api("c2-mcp")
        path = self.deploy(api, self.namespace(api), deployment("web", "web:fail"))
        api.request("PATCH", path, {"spec": {"progressDeadlineSeconds": 2}}, "application/merge-patch+json")
        self.eventually(lambda: any(each.get("reason") == "ProgressDeadlineExceeded" for each in self.status(api, path).get("conditions", [])))
        self.assertEqual(self.status(api, path).get("unavailableReplicas"), 1)

    def test_slow_is_ready_later(self):
        api = self.api("c2-mcp")
        namespace = self.namespace(api)
        path = f"/api/v1/namespaces/{namespace}/pods/web"
        self.apply(api, path, pod("web", "web:v2-slow-3s"))
        ready = lambda status: [each for each in status.get("conditions", []) if each["type"] == "Ready" and each["status"] == "True"]
        self.eventually(lambda: ready(self.status(api, path)))
        status = self.status(api, path)
        started = status["containerStatuses"][0]["state"]["running"]["startedAt"]
        self.assertGreaterEqual(seconds_of(ready(status)[0]["lastTransitionTime"]) - seconds_of(started), 3)

    def test_crash_is_restarted_again_and_again(self):
        api = self.api("c2-mcp")
        namespace = self.namespace(api)
        self.deploy(api, namespace, deployment("web", "web:crash"))
        self.eventually(lambda: any(reason == "CrashLoopBackOff" and restarts >= 2 for reason, restarts in self.waiting(api, namespace, "web")))

    def test_a_job_that_is_done_succeeds(self):
        api = self.api("c2-mcp")
        path = f"/apis/batch/v1/namespaces/{self.namespace(api)}/jobs/once"
        self.apply(api, path, {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "once"}, "spec": {"template": {
            "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "job:done-1s"}]}}}})
        self.eventually(lambda: any(each["type"] == "Complete" and each["status"] == "True" for each in self.status(api, path).get("conditions", [])))

    def test_linger_takes_its_time_to_go_away(self):
        api = self.api("c2-mcp")
        namespace = self.namespace(api)
        for name, image in (("stays", "web:linger-8s"), ("goes", "web:v1")):
            path = f"/api/v1/namespaces/{namespace}/pods/{name}"
            self.apply(api, path, pod(name, image))
            self.eventually(lambda: self.status(api, path).get("phase") == "Running")
        for name in ("stays", "goes"):
            self.call(api, "DELETE", f"/api/v1/namespaces/{namespace}/pods/{name}")
        gone = lambda name: self.call(api, "GET", f"/api/v1/namespaces/{namespace}/pods/{name}")[0] == 404
        self.eventually(lambda: gone("goes"))
        self.assertFalse(gone("stays"))
        self.eventually(lambda: gone("stays"))


class Identities(Case):
    def test_rights_are_those_of_the_identity(self):
        secrets_path = "/api/v1/namespaces/kube-system/secrets"
        plugin = json.loads(subprocess.check_output([os.path.join(self.folder, "credential")]))
        for name, api, expected in (
                ("admin", self.api("c1-admin"), 200), ("mcp", self.api("c1-mcp"), 200), ("dev", self.api("c1-dev"), 403),
                ("token", self.api("c1", token="tok-mcp"), 200), ("dev's token", self.api("c1", token="tok-dev"), 403),
                ("credential plugin", self.api("c1", token=plugin["status"]["token"]), 200),
                ("unknown token", self.api("c1", token="tok-nobody"), 401)):
            with self.subTest(name):
                self.assertEqual(self.call(api, "GET", secrets_path)[0], expected)

    def test_a_certificate_of_another_cluster_is_unknown(self):
        first, second = self.record["clusters"][:2]
        pki = os.path.dirname(second["ca"])
        with contextlib.closing(Api(first["server"], first["ca"], f"{pki}/mcp.crt", f"{pki}/mcp.key")) as stranger:
            self.assertEqual(self.call(stranger, "GET", "/api/v1/namespaces")[0], 401)

    def test_the_kubeconfig_names_five_contexts_a_cluster(self):
        with open(os.path.join(self.folder, "kubeconfig")) as file:
            names = {line.strip()[8:] for line in file if line.startswith("- name: ")}
        for cluster in ("c1", "c2", "c3"):
            self.assertLessEqual({cluster} | {f"{cluster}-{who}" for who in ("mcp", "dev", "token", "exec")}, names)


class Faults(Case):
    def protocol(self, cluster):
        """What the server chooses when the client offers both versions of HTTP."""
        found = next(each for each in self.record["clusters"] if each["name"] == cluster)
        context = ssl.create_default_context(cafile=found["ca"])
        context.set_alpn_protocols(["h2", "http/1.1"])
        with socket.create_connection(("127.0.0.1", int(found["server"].rpartition(":")[2])), 10) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as secured:
                return secured.selected_alpn_protocol()

    def test_a_stopped_server_refuses_and_comes_again_with_its_content(self):
        api = self.api("c3-mcp")
        namespace = self.namespace(api)
        for number in ("TERM", "KILL"):
            bed("stop", self.folder, "c3/apiserver", "--signal", number)
            api.close()
            with self.assertRaises(ConnectionRefusedError):
                api.request("GET", "/version")
            bed("again", self.folder, "c3/apiserver")
            self.assertEqual(self.call(api, "GET", f"/api/v1/namespaces/{namespace}")[0], 200)
        path = self.deploy(api, namespace, deployment("web", "web:v1", 2))
        self.eventually(lambda: self.status(api, path).get("availableReplicas") == 2)

    def test_flags_given_to_again_hold_for_this_once(self):
        self.assertEqual(self.protocol("c3"), "h2")
        bed("again", self.folder, "c3/apiserver", "--disable-http2-serving")
        self.assertEqual(self.protocol("c3"), "http/1.1")
        bed("again", self.folder, "c3/apiserver")
        self.assertEqual(self.protocol("c3"), "h2")

    def test_a_frozen_server_hangs_until_it_is_thawed(self):
        bed("freeze", self.folder, "c3/apiserver")
        try:
            with self.assertRaises(TimeoutError):
                self.api("c3-mcp", timeout=2).request("GET", "/version")
        finally:
            bed("thaw", self.folder, "c3/apiserver")
        self.assertEqual(self.call(self.api("c3-mcp"), "GET", "/version")[0], 200)

    def test_a_lost_cluster_comes_back_whole(self):
        bed("stop", self.folder, "c3", "--signal", "KILL")
        bed("again", self.folder, "c3")
        api = self.api("c3-mcp")
        path = self.deploy(api, self.namespace(api), deployment("web", "web:v1"))
        self.eventually(lambda: self.status(api, path).get("availableReplicas") == 1)

    def test_unknown_parts_and_folders_are_refused(self):
        refused = bed("stop", self.folder, "c9/apiserver", check=False)
        self.assertEqual((refused.returncode, "no part c9/apiserver" in refused.stdout), (1, True))
        refused = bed("freeze", self.folder + "-none", "c1/apiserver", check=False)
        self.assertEqual((refused.returncode, "no bed is up" in refused.stdout), (1, True))
        self.assertEqual(bed("run", self.folder + "-none", "true", check=False).returncode, 77)


class Leaks(Case):
    """Nothing may outlive a bed, in whatever way it ends. Each test makes a small bed of its own."""

    def gone(self, parts, data):
        self.eventually(lambda: not any(map(bed_module.alive, parts)) and not os.path.exists(data))

    def test_down_leaves_no_process_and_no_data(self):
        with tempfile.TemporaryDirectory() as folder:
            bed("up", folder, "--clusters", "1", "--own-etcd")
            record = self.read_record(folder)
            self.assertEqual([each["name"] for each in record["parts"]],
                             ["c1/etcd", "c1/apiserver", "c1/controller-manager", "c1/scheduler", "c1/fakelet"])
            bed("freeze", folder, "c1/apiserver")
            bed("down", folder)
            self.assertFalse(any(map(bed_module.alive, record["parts"])))
            self.assertFalse(os.path.exists(record["data"]))
            self.assertEqual(os.listdir(folder), ["log"])

    def test_a_start_that_is_killed_leaves_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            start = subprocess.Popen([sys.executable, BED_PY, "up", folder, "--clusters", "1"])
            parts = self.eventually(lambda: os.path.exists(folder + "/bed.json") and self.read_record(folder)["parts"][1:])
            record = self.read_record(folder)
            start.send_signal(signal.SIGKILL)
            start.wait()
            self.gone(parts + record["parts"], record["data"])
            self.eventually(lambda: os.listdir(folder) == ["log"])

    def test_a_bed_with_a_parent_ends_with_it(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["sh", "-c", '"$0" "$1" up "$2" --clusters 1 --with-parent; cp "$2/bed.json" "$2/log"', sys.executable, BED_PY,
                            folder], check=True, timeout=600)
            record = self.read_record(os.path.join(folder, "log"))
            self.assertEqual(len(record["parts"]), 5)
            self.gone(record["parts"], record["data"])
            self.eventually(lambda: os.listdir(folder) == ["log"])

    def test_a_part_that_does_not_start_is_shown_and_the_rest_stopped(self):
        with tempfile.TemporaryDirectory() as folder:
            binaries = os.path.dirname(next(part for part in self.record["parts"] if part["name"] == "c1/apiserver")["argv"][0])
            os.mkdir(folder + "/bin")
            for name in os.listdir(binaries):
                os.symlink(os.path.join(binaries, name), f"{folder}/bin/{name}")
            os.remove(folder + "/bin/kube-scheduler")
            with open(folder + "/bin/kube-scheduler", "w") as file:
                file.write("#!/bin/sh\necho no schedule today; exit 1\n")
            os.chmod(folder + "/bin/kube-scheduler", 0o700)
            failed = subprocess.run([sys.executable, BED_PY, "up", folder + "/bed", "--clusters", "1"], text=True, capture_output=True,
                                    env=dict(os.environ, MCP_BED_BIN=folder + "/bin"))
            self.assertEqual(failed.returncode, 1)
            self.assertIn("c1/scheduler ended", failed.stderr)
            self.assertIn("no schedule today", failed.stderr)
            self.assertEqual(os.listdir(folder + "/bed"), ["log"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
