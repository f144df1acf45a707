"""What tests on the bed share: a client as each identity, waiting, objects to apply; and a record of requests for those that fail."""
import json
import os
import secrets
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
from fakelet import Api

BED_PY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bed.py")
LIMIT = 60.0      # ten times what anything here takes on an idle machine
APPLY = "application/apply-patch+yaml"


def bed(*words, check=True):
    done = subprocess.run([sys.executable, BED_PY, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check and done.returncode:
        raise AssertionError(f"bed.py {' '.join(words)}: exit {done.returncode}\n{done.stdout}")
    return done


def deployment(name, image, replicas=1, **pod):
    labels = {"app": name}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": labels},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": {
                "metadata": {"labels": labels}, "spec": dict({"containers": [{"name": "main", "image": image}]}, **pod)}}}


def pod(name, image, restart="Always"):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name}},
            "spec": {"restartPolicy": restart, "terminationGracePeriodSeconds": 30, "containers": [{"name": "main", "image": image}]}}


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = os.environ["MCP_BED"]
        self.record = self.read_record(self.folder)
        self.namespaces = {}
        self.log = []
        self.apis = []

    def tearDown(self):
        for api in self.apis:
            api.close()

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            print(f"Requests of {self.id()}:", *self.log, "Logs: " + os.path.join(self.folder, "log"), sep="\n  ", file=sys.stderr)

    @staticmethod
    def read_record(folder):
        with open(os.path.join(folder, "bed.json")) as file:
            return json.load(file)

    def api(self, context, token=None, timeout=70):
        """A client as c1-mcp and the like, or with a token."""
        cluster, _, who = context.partition("-")
        found = next(each for each in self.record["clusters"] if each["name"] == cluster)
        pki = os.path.dirname(found["ca"])
        identity = {"token": token} if token else {"cert": f"{pki}/{who}.crt", "key": f"{pki}/{who}.key"}
        self.apis.append(Api(found["server"], found["ca"], timeout=timeout, **identity))
        return self.apis[-1]

    def call(self, api, method, path, body=None, content_type="application/json"):
        code, answer = api.request(method, path, body, content_type)
        self.log.append(f"{method} {api.address.netloc}{path}: {code} {answer.get('message', '') if isinstance(answer, dict) else answer}")
        return code, answer

    def namespace(self, api):
        """A new namespace, whose ServiceAccount is there so that Pods may be made."""
        name = f"t-{self._testMethodName.replace('_', '-')[5:35].strip('-')}-{secrets.token_hex(3)}"
        code, answer = self.apply(api, f"/api/v1/namespaces/{name}", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        self.assertEqual(code, 201, answer)
        self.eventually(lambda: self.call(api, "GET", f"/api/v1/namespaces/{name}/serviceaccounts/default")[0] == 200)
        return name

    def apply(self, api, path, body):
        return self.call(api, "PATCH", path + "?fieldManager=selftest", body, APPLY)

    def deploy(self, api, namespace, body):
        path = f"/apis/apps/v1/namespaces/{namespace}/deployments/{body['metadata']['name']}"
        code, answer = self.apply(api, path, body)
        self.assertEqual(code, 201, answer)
        return path

    def eventually(self, holds, limit=LIMIT):
        end = time.monotonic() + limit
        while True:
            value = holds()
            if value:
                return value
            if time.monotonic() > end:
                self.fail(f"not within {limit:.0f} s")
            time.sleep(0.05)

    def status(self, api, path):
        return self.call(api, "GET", path)[1].get("status", {})

    def waiting(self, api, namespace, app):
        """Reason and restarts of the Pods of `app`."""
        pods = self.call(api, "GET", f"/api/v1/namespaces/{namespace}/pods?labelSelector=app%3D{app}")[1]["items"]
        found = [each for item in pods for each in item["status"].get("containerStatuses", [])]
        return [(each["state"].get("waiting", {}).get("reason"), each["restartCount"]) for each in found]
