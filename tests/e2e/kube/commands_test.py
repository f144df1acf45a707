#!/usr/bin/env python3
"""Whole commands of mcp on real control planes: what is promised of simulated members is true of real ones.
Usage: commands_test.py PATH-OF-MCP [unittest arguments]; MCP_BED names the folder of a bed with three clusters."""
import base64
import glob
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "bed"))
from case import APPLY, Case, bed

MCP = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "mcp"
EXAMPLES = os.path.join(HERE, "..", "..", "..", "examples")
SECRET = "sentinel-7f3a9c-password"
KINDS = ("api/v1/namespaces", "api/v1/configmaps", "api/v1/secrets", "api/v1/services", "api/v1/resourcequotas",
         "apis/apps/v1/deployments", "apis/networking.k8s.io/v1/networkpolicies")
THREE = '''cluster one   { cloud = "aws",   region = "us-east-1",    context = "c1-mcp" }
cluster two   { cloud = "azure", region = "westeurope",   context = "c2-mcp" }
cluster three { cloud = "gcp",   region = "europe-west1", context = "c3-mcp" }
'''


class Commands(Case):
    """A project in a folder of its own, on the three clusters of the bed."""

    def setUp(self):
        super().setUp()
        self.folder_of_test = tempfile.mkdtemp(prefix="mcp-kube-")
        self.addCleanup(shutil.rmtree, self.folder_of_test, ignore_errors=True)
        self.project = os.path.join(self.folder_of_test, "project")
        os.mkdir(self.project)
        self.addCleanup(self.clear_up)
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder_of_test, "USER": "tester", "KUBECONFIG": self.folder + "/kubeconfig",
                            "SHOP_DB_PASSWORD": SECRET}

    def clear_up(self):
        """A test that failed half-way leaves nothing on the clusters that another would meet."""
        for words in (("resume", "--yes"), ("destroy", "--yes")):
            subprocess.run([MCP, *words], cwd=self.project, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)

    def write(self, name, text):
        with open(os.path.join(self.project, name), "w") as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.project, name)) as file:
            return file.read()

    def edit(self, name, before, after):
        text = self.read(name)
        self.assertEqual(text.count(before), 1, f"{name} holds {before!r} once")
        self.write(name, text.replace(before, after))

    def mcp(self, *words, code=0):
        done = subprocess.run([MCP, *words], cwd=self.project, env=self.environment, text=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
        self.log.append(f"mcp {' '.join(words)}: exit {done.returncode}")
        self.assertEqual(done.returncode, code, f"mcp {' '.join(words)}\n{done.stdout}\n{done.stderr}")
        return done

    def said(self, *words, code=0):
        """Both streams, with blanks for line ends."""
        done = self.mcp(*words, code=code)
        return " ".join((done.stdout + done.stderr).split())

    def plan_is_empty(self, *words):
        self.assertIn("No changes:", self.mcp("plan", "--detailed-exitcode", *words).stdout)

    def example(self, name, contexts):
        """A copy of an example whose clusters are contexts of the bed; others are taken out."""
        shutil.rmtree(self.project)
        shutil.copytree(os.path.join(EXAMPLES, name), self.project, ignore=shutil.ignore_patterns("expected", "README.md"))
        for path in glob.glob(self.project + "/*.mcp"):
            with open(path) as file:
                lines = file.read().split("\n")
            kept = []
            for line in lines:
                found = re.match(r"cluster (\S+)\s+\{", line)
                if found and found[1] not in contexts:
                    continue
                kept.append(line.replace("{", f'{{ context = "{contexts[found[1]]}",', 1) if found else line.replace('driver = "sim"', ""))
            with open(path, "w") as file:
                file.write("\n".join(kept))

    def ours(self, api):
        """Names of what is labelled as the project's."""
        name = re.search(r"^mcp (\S+)", "\n".join(self.read(os.path.basename(path)) for path in glob.glob(self.project + "/*.mcp")), re.M)[1]
        out = []
        for path in KINDS:
            for item in self.call(api, "GET", f"/{path}?labelSelector=mcp.dev%2Fproject%3D{name}")[1]["items"]:
                out.append(f"{path.rsplit('/', 1)[1]}/{item['metadata'].get('namespace', '')}/{item['metadata']['name']}")
        return out

    def nothing_is_left(self):
        for cluster in ("c1", "c2", "c3"):
            self.assertEqual(self.ours(self.api(cluster + "-admin")), [])

    def destroy(self):
        self.mcp("destroy", "--yes")
        self.nothing_is_left()

    def by_hand(self, api, path, body, manager="kubectl-edit"):
        code, answer = self.call(api, "PATCH", f"{path}?fieldManager={manager}", body, "application/merge-patch+json")
        self.assertEqual(code, 200, answer)

    def replicas(self, api, namespace, name):
        return self.call(api, "GET", f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}")[1]["spec"]["replicas"]


class Examples(Commands):
    def test_boutique_is_applied_changed_drifted_failed_over_and_destroyed(self):
        self.example("boutique", {"aws-use1": "c1-mcp", "azr-weu": "c2-mcp", "gcp-euw1": "c3-mcp"})
        self.mcp("check")
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        self.assertIn("No drift", self.mcp("drift").stdout)
        self.assertIn("frontend", self.mcp("status").stdout)

        image = re.search(r'image += "([^"]*frontend[^"]*)"', "\n".join(self.read(os.path.basename(p)) for p in glob.glob(self.project + "/*.mcp")))
        self.assertIsNotNone(image)
        for path in glob.glob(self.project + "/*.mcp"):
            name = os.path.basename(path)
            self.write(name, self.read(name).replace(image[1], image[1] + "-next"))
        self.mcp("apply", "--yes")
        self.plan_is_empty()

        first = self.api("c1-mcp")
        before = self.replicas(first, "boutique", "frontend")
        self.by_hand(first, "/apis/apps/v1/namespaces/boutique/deployments/frontend", {"spec": {"replicas": before + 2}})
        drift = self.mcp("drift").stdout
        self.assertIn("kubectl-edit", drift)
        self.assertIn("spec.replicas", drift)
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        self.assertEqual(self.replicas(first, "boutique", "frontend"), before)

        bed("stop", self.folder, "c3/apiserver", "--signal", "KILL")
        try:
            self.assertIn("2 of 3", self.mcp("plan").stdout)
            self.mcp("plan", "--lost", "gcp-euw1", "--out", "failover.mcpplan")
            self.mcp("apply", "failover.mcpplan", "--yes")
            self.plan_is_empty()
        finally:
            bed("again", self.folder, "c3/apiserver")
        self.eventually(lambda: self.call(self.api("c3-mcp"), "GET", "/readyz")[0] == 200)
        self.mcp("plan", "--detailed-exitcode", code=2)
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        self.destroy()

    def test_shop_with_config_secrets_and_yaml_leaves_no_secret_behind(self):
        self.example("shop", {"aws-euw1": "c1-mcp", "azr-eus": "c2-mcp", "gcp-euw1": "c3-mcp"})
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        first = self.api("c1-mcp")
        code, secret = self.call(first, "GET", "/api/v1/namespaces/shop/secrets/orders-db")
        self.assertEqual(code, 200)
        self.assertEqual(base64.b64decode(secret["data"]["password"]).decode(), SECRET)

        # A change of configuration rolls the Pods that use it.
        path = "/apis/apps/v1/namespaces/edge/deployments/web"
        before = self.call(first, "GET", path)[1]["metadata"]["generation"]
        self.edit("web.mcp", "Disallow: /pay", "Disallow: /pay\\nDisallow: /cart")
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        self.assertGreater(self.call(first, "GET", path)[1]["metadata"]["generation"], before)

        # Somebody edits a member, and another member is lost, fails over and comes back.
        replicas = self.replicas(first, "edge", "web")
        self.by_hand(first, "/apis/apps/v1/namespaces/edge/deployments/web", {"spec": {"replicas": replicas + 1}})
        self.assertIn("kubectl-edit", self.mcp("drift").stdout)
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        self.assertEqual(self.replicas(first, "edge", "web"), replicas)
        bed("stop", self.folder, "c3/apiserver", "--signal", "KILL")
        try:
            self.mcp("apply", "--lost", "gcp-euw1", "--allow", "max_moved=100%", "--yes")
            self.plan_is_empty()
        finally:
            bed("again", self.folder, "c3/apiserver")
        self.eventually(lambda: self.call(self.api("c3-mcp"), "GET", "/readyz")[0] == 200)
        self.mcp("apply", "--allow", "max_moved=100%", "--yes")
        self.plan_is_empty()

        # Another value of the secret is a change; the same value is none.
        self.environment["SHOP_DB_PASSWORD"] = SECRET + "-2"
        self.mcp("plan", "--detailed-exitcode", code=2)
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        for folder, _, names in os.walk(self.project):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(SECRET.encode(), file.read(), name)

        # The state is lost: members know enough to make it again.
        os.rename(self.project + "/.mcp/shop.db", self.folder_of_test + "/moved.db")
        self.assertIn("mcp state rebuild", self.mcp("plan", code=1).stderr)
        self.mcp("state", "rebuild", "--yes")
        self.plan_is_empty()
        self.destroy()


class Sharing(Commands):
    """Two machines, which are two state folders, and an MCP cluster, which is a member too."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.forget_shared)
        self.addCleanup(self.clear_up)   # first

    def policy(self, name, replicas=6, more=""):
        self.write("main.mcp", f'mcp {name} {{ cluster = "c1-mcp" }}\n' + THREE + f"""namespace {name} {{}}
config conf in {name} {{ data = {{ a = "1" }}, on = clusters }}
secret pass in {name} {{ data = {{ pw = from_env("SHOP_DB_PASSWORD") }}, on = clusters }}
workload web in {name} {{
  replicas = {replicas}
  container c {{ image = "registry.example/web:1", env = {{ PW = secret.pass["pw"] }} }}
}}
""" + more)

    def forget_shared(self):
        hub = self.api("c1-admin")
        for kind in ("api/v1/namespaces/mcp-system/configmaps", "api/v1/namespaces/mcp-system/secrets", "apis/coordination.k8s.io/v1/namespaces/mcp-system/leases"):
            code, found = self.call(hub, "GET", f"/{kind}?labelSelector=mcp.dev%2Fstate-of")
            for item in found.get("items", []) if code == 200 else []:
                self.call(hub, "DELETE", f"/{kind}/{item['metadata']['name']}")

    def on(self, machine):
        self.environment["MCP_STATE_DIR"] = os.path.join(self.project, machine)
        return self

    def child(self, *words):
        return subprocess.Popen([MCP, *words], cwd=self.project, env=dict(self.environment), text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def lease(self, name):
        return self.call(self.api("c1-admin"), "GET", f"/apis/coordination.k8s.io/v1/namespaces/mcp-system/leases/mcp.lock.{name}")[1]["spec"]

    def test_machines_share_the_state_and_a_lost_one_is_fetched(self):
        self.policy("shared")
        self.on("one").mcp("apply", "--yes")
        self.on("two").plan_is_empty()
        self.policy("shared", replicas=9)
        self.on("two").mcp("apply", "--yes")
        self.on("one").plan_is_empty()
        self.assertEqual(self.on("one").mcp("history").stdout, self.on("two").mcp("history").stdout)
        first = self.lease("shared")["leaseTransitions"]
        self.policy("shared", replicas=8)
        self.on("one").mcp("apply", "--yes")
        self.assertGreater(self.lease("shared")["leaseTransitions"], first)
        self.assertNotIn("holderIdentity", self.lease("shared"))
        shutil.rmtree(os.path.join(self.project, "one"))
        self.on("one").plan_is_empty()
        for item in self.call(self.api("c1-admin"), "GET", "/api/v1/namespaces/mcp-system/configmaps?labelSelector=mcp.dev%2Fstate-of%3Dshared")[1]["items"]:
            for packed in item.get("binaryData", {}).values():
                self.assertNotIn(SECRET, gzip.decompress(base64.b64decode(packed)).decode())
            self.assertNotIn(SECRET, json.dumps(item))
        self.on("one").destroy()
        self.assertIn("Nothing to destroy", self.on("two").mcp("destroy", "--yes").stdout)

    def test_two_processes_race_for_the_lease_and_one_proceeds(self):
        self.policy("race")
        self.on("one").mcp("apply", "--yes")
        for replicas in (3, 9, 4):
            self.policy("race", replicas=replicas)
            for machine in ("one", "two"):
                self.on(machine).mcp("plan", "--out", machine + ".mcpplan")
            children = [self.on(machine).child("apply", machine + ".mcpplan", "--yes") for machine in ("one", "two")]
            ended = [(child.communicate(timeout=120), child.returncode) for child in children]
            codes = sorted(code for _, code in ended)
            # The second finds the lock taken, or all of it done.
            self.assertEqual(codes[0], 0, ended)
            self.assertIn(codes[1], (0, 3, 6), ended)
            for machine in ("one", "two"):
                self.on(machine).plan_is_empty()
        runs = [json.loads(line) for line in self.on("one").mcp("history", "--json").stdout.splitlines()]
        self.assertEqual([run["result"] for run in runs if run["type"] == "apply"], ["done"] * 4)
        self.on("two").destroy()

    def test_a_holder_that_is_killed_is_followed_by_another_machine(self):
        self.policy("killed")
        child = self.on("one").child("apply", "--yes")
        for line in child.stderr:
            if line.split()[0] == "4/" + line.split()[0].split("/")[-1]:
                child.send_signal(signal.SIGKILL)
                break
        child.communicate(timeout=60)
        token = self.lease("killed")["leaseTransitions"]
        self.assertIn("process", self.lease("killed")["holderIdentity"])
        self.assertIn("is applying", self.on("two").said("apply", "--yes", code=6))
        self.assertIn("Locked in the MCP cluster", self.said("lock"))
        self.assertIn("Waiting for", self.said("resume", "--yes", "--lock-timeout", "2min"))
        self.plan_is_empty()
        self.on("one").plan_is_empty()
        self.assertGreater(self.lease("killed")["leaseTransitions"], token)

        # On its own machine a dead holder is known to be dead.
        self.policy("killed", replicas=12)
        child = self.on("one").child("apply", "--yes")
        for line in child.stderr:
            child.send_signal(signal.SIGKILL)
            break
        child.communicate(timeout=60)
        if self.lease("killed").get("holderIdentity"):
            self.assertNotIn("Waiting for", self.said("resume", "--yes"))
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        self.on("two").plan_is_empty()
        self.destroy()

    def test_an_mcp_cluster_that_is_gone_stops_applies_and_not_plans(self):
        self.policy("away")
        self.on("one").mcp("apply", "--yes")
        # No Pods: controllers that were without their server for a while are slow to come back.
        self.policy("away", more='config more in away { data = { a = "2" }, on = clusters }\n')
        bed("stop", self.folder, "c1/apiserver")
        try:
            said = self.said("plan")
            self.assertIn("Planned on the state of this machine: the MCP cluster does not answer", said)
            self.assertIn("the MCP cluster does not answer", self.said("apply", "--yes", code=1))
            self.assertIn("the MCP cluster does not answer", self.on("two").said("plan", code=1))
        finally:
            bed("again", self.folder, "c1/apiserver")
        self.eventually(lambda: self.call(self.api("c1-mcp"), "GET", "/readyz")[0] == 200)
        self.on("one").mcp("apply", "--yes")
        self.on("two").plan_is_empty()
        self.destroy()


class Safety(Commands):
    def policy(self, name, more=""):
        self.write("main.mcp", f"mcp {name} {{}}\n" + THREE + f'''namespace {name} {{}}
config conf in {name} {{ data = {{ a = "1" }}, on = clusters }}
workload web in {name} {{
  replicas = 6
  container c {{ image = "registry.example/web:1" }}
}}
''' + more)

    def test_killed_at_any_line_resume_ends_as_if_undisturbed(self):
        self.policy("t-kill", "".join(f'config c{i} in t-kill {{ data = {{ a = "{i}" }}, on = clusters }}\n' for i in range(30)))
        for line in (1, 4, 9, 20, 38):
            child = subprocess.Popen([MCP, "apply", "--yes"], cwd=self.project, env=self.environment, text=True, stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            for _ in range(line):
                child.stderr.readline()
            child.send_signal(signal.SIGKILL)
            child.wait()
            child.stderr.close()
            self.mcp("resume", "--yes")
            self.plan_is_empty()
            for cluster in ("c1", "c2", "c3"):
                self.assertEqual(self.replicas(self.api(cluster + "-mcp"), "t-kill", "web"), 2)
            self.destroy()

    def test_of_two_applies_at_once_one_proceeds(self):
        self.policy("t-two")
        both = [subprocess.Popen([MCP, "apply", "--yes"], cwd=self.project, env=self.environment, text=True, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(2)]
        codes = sorted((one.communicate()[0], one.returncode) for one in both)
        self.assertIn(0, [code for _, code in codes])
        for text, code in codes:
            self.assertIn(code, (0, 3, 6), text)
        self.plan_is_empty()
        self.destroy()

    def test_what_others_made_is_never_touched_unasked(self):
        self.policy("t-foreign")
        api = self.api("c2-admin")
        self.apply(api, "/api/v1/namespaces/t-foreign", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "t-foreign"}})
        theirs = "/api/v1/namespaces/t-foreign/configmaps/conf"
        self.apply(api, theirs, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf"}, "data": {"theirs": "1"}})
        before = self.call(api, "GET", theirs)[1]
        blocked = self.mcp("plan", code=5).stdout
        self.assertIn("config.t-foreign/conf@two exists already", blocked)
        self.mcp("apply", "--yes", code=5)
        self.assertEqual(self.call(api, "GET", theirs)[1], before)
        self.mcp("apply", "--yes", "--adopt", "all")
        self.plan_is_empty()
        after = self.call(api, "GET", theirs)[1]
        self.assertEqual(after["data"], {"a": "1", "theirs": "1"})
        # A copy of ours, labels and all, that somebody made: not ours.
        copy = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "copy", "namespace": "t-foreign", "labels": after["metadata"]["labels"],
                "annotations": after["metadata"]["annotations"]}, "data": {"a": "1"}}
        code, answer = self.call(api, "POST", "/api/v1/namespaces/t-foreign/configmaps", copy)
        self.assertEqual(code, 201, answer)
        self.plan_is_empty()
        self.edit("main.mcp", 'config conf in t-foreign { data = { a = "1" }, on = clusters }\n', "")
        self.mcp("apply", "--yes")
        self.assertEqual(self.call(api, "GET", "/api/v1/namespaces/t-foreign/configmaps/copy")[0], 200)
        self.call(api, "DELETE", "/api/v1/namespaces/t-foreign/configmaps/copy")
        self.destroy()

    def test_what_others_hold_is_taken_over_when_it_changes(self):
        """Keys with dots and slashes, ports by number and protocol, and maps with one owner: servers write their paths in ways of their own."""
        self.policy("t-held", """service web in t-held { target = workload.web, ports = { http = 80 } }
config files in t-held { data = { "app.conf" = "one" }, on = clusters }
""")
        self.edit("main.mcp", "  container c {", "  selector = { app = \"one\" }\n  container c {\n    ports = { http = 8080 }\n   ")
        self.mcp("apply", "--yes")
        api = self.api("c1-admin")
        self.by_hand(api, "/api/v1/namespaces/t-held/configmaps/files", {"data": {"app.conf": "theirs"}, "metadata": {"labels": {"app.kubernetes.io/managed-by": "them"}}})
        self.by_hand(api, "/api/v1/namespaces/t-held/services/web", {"spec": {"selector": {"app": "two"}}})
        path = "/apis/apps/v1/namespaces/t-held/deployments/web"
        code, answer = self.call(api, "PATCH", path + "?fieldManager=kubectl-edit", {"spec": {"template": {"spec": {"containers": [
            {"name": "c", "ports": [{"containerPort": 8080, "name": "other", "protocol": "TCP"}]}]}}}}, "application/strategic-merge-patch+json")
        self.assertEqual(code, 200, answer)
        drift = self.said("drift")
        self.assertIn("data[app.conf]", drift)
        self.assertIn("kubectl-edit", drift)
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        self.assertEqual(self.call(api, "GET", "/api/v1/namespaces/t-held/configmaps/files")[1]["data"], {"app.conf": "one"})
        self.destroy()

    def test_a_stranger_under_a_recorded_name_is_no_drift(self):
        self.policy("t-stranger")
        self.mcp("apply", "--yes")
        api = self.api("c2-admin")
        path = "/api/v1/namespaces/t-stranger/configmaps"
        self.call(api, "DELETE", path + "/conf")
        theirs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf"}, "data": {"a": "theirs", "more": "x"}}
        self.assertEqual(self.call(api, "POST", path, theirs)[0], 201)
        self.assertIn("config.t-stranger/conf@two exists already, and is not", self.said("plan", code=5))
        self.mcp("apply", "--yes", code=5)
        self.assertEqual(self.call(api, "GET", path + "/conf")[1]["data"], theirs["data"])
        self.mcp("apply", "--yes", "--adopt", "config.t-stranger/conf")
        self.plan_is_empty()
        self.destroy()

    def test_a_definition_that_is_gone_does_not_silence_its_member(self):
        self.policy("t-nokind", """manifest kind {
  on = clusters
  source = \"\"\"
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: { name: gadgets.t.example }
    spec:
      group: t.example
      scope: Namespaced
      names: { plural: gadgets, singular: gadget, kind: Gadget }
      versions: [ { name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } } } ]
    \"\"\"
}
manifest gadget in t-nokind {
  on = clusters
  source = \"\"\"
    apiVersion: t.example/v1
    kind: Gadget
    metadata: { name: one }
    spec: { size: 3 }
    \"\"\"
}
""")
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        api = self.api("c1-admin")
        root = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.t.example"
        self.call(api, "DELETE", root)
        self.eventually(lambda: self.call(api, "GET", root)[0] == 404)
        plan = self.said("plan", "--detailed-exitcode", code=2)
        self.assertIn("3 of 3 read", plan)
        self.assertIn("Gadget/one@one", plan)
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        self.destroy()

    def test_a_context_that_points_to_another_cluster_is_refused(self):
        self.policy("t-swap")
        self.mcp("apply", "--yes")
        text = self.read("main.mcp")
        self.write("main.mcp", text.replace("c1-mcp", "c0-mcp").replace("c2-mcp", "c1-mcp").replace("c0-mcp", "c2-mcp"))
        self.edit("main.mcp", 'a = "1"', 'a = "2"')
        done = subprocess.run([MCP, "apply", "--yes"], cwd=self.project, env=self.environment, text=True, stdin=subprocess.DEVNULL, capture_output=True)
        self.assertNotEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("another cluster", done.stdout + done.stderr)
        for cluster in ("c1", "c2"):
            self.assertEqual(self.call(self.api(cluster + "-mcp"), "GET", "/api/v1/namespaces/t-swap/configmaps/conf")[1]["data"], {"a": "1"})
        self.write("main.mcp", text)
        self.destroy()

    def test_a_field_that_an_autoscaler_owns_stays_with_it(self):
        self.policy("t-hpa")
        self.edit("main.mcp", "  replicas = 6\n", '  replicas = 6\n  ignore = ["spec.replicas"]\n')
        self.mcp("apply", "--yes")
        api = self.api("c1-admin")
        scale = "/apis/apps/v1/namespaces/t-hpa/deployments/web/scale"
        code, answer = self.call(api, "PATCH", scale + "?fieldManager=autoscaler", {"spec": {"replicas": 5}}, "application/merge-patch+json")
        self.assertEqual(code, 200, answer)
        self.plan_is_empty()
        self.edit("main.mcp", "web:1", "web:2")
        self.mcp("apply", "--yes")
        self.assertEqual(self.replicas(api, "t-hpa", "web"), 5)
        self.plan_is_empty()
        self.destroy()

    def test_admission_that_rewrites_what_is_written_leaves_the_plan_empty(self):
        api = self.api("c1-admin")
        policy = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingAdmissionPolicy", "metadata": {"name": "t-label"},
                  "spec": {"matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["configmaps"]}]},
                           "failurePolicy": "Fail", "reinvocationPolicy": "Never", "mutations": [{"patchType": "ApplyConfiguration", "applyConfiguration": {
                               "expression": "Object{metadata: Object.metadata{labels: {\"stamped\": \"yes\"}}}"}}]}}
        binding = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingAdmissionPolicyBinding", "metadata": {"name": "t-label"},
                   "spec": {"policyName": "t-label"}}
        root = "/apis/admissionregistration.k8s.io/v1"
        if self.call(api, "POST", root + "/mutatingadmissionpolicies", policy)[0] == 404:
            self.skipTest("no MutatingAdmissionPolicy here")
        self.addCleanup(lambda: [self.call(self.api("c1-admin"), "DELETE", f"{root}/{kind}/t-label") for kind in ("mutatingadmissionpolicies", "mutatingadmissionpolicybindings")])
        self.call(api, "POST", root + "/mutatingadmissionpolicybindings", binding)
        probe = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "t-probe"}}
        self.eventually(lambda: "stamped" in self.call(api, "POST", "/api/v1/namespaces/default/configmaps?dryRun=All", probe)[1]["metadata"].get("labels", {}))
        self.policy("t-mutate")
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        self.edit("main.mcp", 'a = "1"', 'a = "2"')
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        self.destroy()

    def test_custom_resources_follow_their_definition(self):
        self.policy("t-crd", '''manifest kind {
  on = clusters
  source = """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: { name: widgets.t.example }
    spec:
      group: t.example
      scope: Namespaced
      names: { plural: widgets, singular: widget, kind: Widget }
      versions:
      - name: v1
        served: true
        storage: true
        schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
    """
}
''')
        self.mcp("apply", "--yes")
        self.write("more.mcp", '''manifest widget in t-crd {
  on = clusters
  source = """
    apiVersion: t.example/v1
    kind: Widget
    metadata: { name: one }
    spec: { size: 3, empty: {}, limits: { cpu: 1000m } }
    """
}
''')
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        widget = self.call(self.api("c1-mcp"), "GET", "/apis/t.example/v1/namespaces/t-crd/widgets/one")[1]
        self.assertEqual(widget["spec"], {"size": 3, "empty": {}, "limits": {"cpu": "1000m"}})
        self.edit("more.mcp", "t.example/v1", "t.example/v9")
        failed = self.mcp("apply", "--yes", code=4).stderr
        self.assertIn("does not serve kind Widget of t.example/v9", " ".join(failed.split()))
        self.assertIn("t.example/v1", failed)
        os.remove(self.project + "/more.mcp")
        self.mcp("apply", "--yes")
        self.destroy()

    def test_a_namespace_that_a_finalizer_holds_is_named_and_let_go_later(self):
        self.policy("t-stuck")
        self.mcp("apply", "--yes")
        api = self.api("c3-admin")
        held = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "held", "finalizers": ["t.example/hold"]}}
        self.assertEqual(self.call(api, "POST", "/api/v1/namespaces/t-stuck/configmaps", held)[0], 201)
        child = subprocess.Popen([MCP, "destroy", "--yes"], cwd=self.project, env=self.environment, text=True, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.eventually(lambda: self.call(api, "GET", "/api/v1/namespaces/t-stuck")[1].get("status", {}).get("phase") == "Terminating")
        self.call(api, "PATCH", "/api/v1/namespaces/t-stuck/configmaps/held", {"metadata": {"finalizers": None}}, "application/merge-patch+json")
        text = child.communicate(timeout=240)[1]
        self.assertEqual(child.returncode, 0, text)
        self.nothing_is_left()


class Refusals(Commands):
    """One cluster refuses in its way; the message says so, and the others finish."""

    def policy(self, name, third, more=""):
        self.write("main.mcp", f"mcp {name} {{}}\n" + THREE.replace("c3-mcp", third) + f"namespace {name} {{}}\n" + more +
                   f'config conf in {name} {{ data = {{ a = "1" }}, on = clusters }}\n')

    def others_finish(self, name, *parts, code=0):
        done = subprocess.run([MCP, "apply", "--yes"], cwd=self.project, env=self.environment, text=True, stdin=subprocess.DEVNULL, capture_output=True)
        text = " ".join((done.stdout + done.stderr).split())
        self.assertEqual(done.returncode, code, text)
        for part in parts:
            self.assertIn(part, text)
        for cluster in ("c1", "c2"):
            self.assertEqual(self.call(self.api(cluster + "-mcp"), "GET", f"/api/v1/namespaces/{name}/configmaps/conf")[1]["data"], {"a": "1"})

    def test_missing_context(self):
        self.policy("t-nocontext", "c3-nobody")
        self.assertIn("kubeconfig has no context `c3-nobody`", self.said("plan"))
        self.others_finish("t-nocontext", "kubeconfig has no context `c3-nobody`", code=4)
        self.policy("t-nocontext", "c3-mcp")
        self.mcp("apply", "--yes")
        self.destroy()

    def test_no_rights(self):
        self.policy("t-norights", "c3-dev")
        text = self.said("plan")
        self.assertIn("no right to get namespaces", text)
        self.others_finish("t-norights", "no right to get namespaces", code=4)
        self.policy("t-norights", "c3-mcp")
        self.mcp("apply", "--yes")
        self.destroy()

    def test_the_role_that_check_prints_is_enough(self):
        self.policy("t-role", "c3-dev", '''secret key in t-role { data = { a = from_env("SHOP_DB_PASSWORD") }, on = clusters }
workload web in t-role {
  replicas = 3
  container c { image = "registry.example/web:1" }
}
''')
        done = self.mcp("check", "--members", code=1)
        self.assertIn("three  lacks list pods", done.stdout)
        self.assertIn("one    v1.36.3  has all rights", done.stdout)
        api = self.api("c3-admin")
        rules, group = [], None
        for line in done.stdout.split("rules:\n")[1].splitlines():   # as few words of YAML as the role needs
            if line.startswith("- "):
                rules.append({})
            key = re.match(r"[- ] (\w+):", line)
            if key:
                group = rules[-1].setdefault(key[1], [])
            else:
                group.append(line.strip(" -").strip('"'))
        root = "/apis/rbac.authorization.k8s.io/v1"
        self.addCleanup(lambda: [self.call(self.api("c3-admin"), "DELETE", f"{root}/{kind}/t-role") for kind in ("clusterroles", "clusterrolebindings")])
        self.apply(api, root + "/clusterroles/t-role", {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "t-role"}, "rules": rules})
        self.apply(api, root + "/clusterrolebindings/t-role", {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "t-role"},
                   "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "t-role"},
                   "subjects": [{"kind": "User", "name": "dev", "apiGroup": "rbac.authorization.k8s.io"}]})
        self.eventually(lambda: subprocess.run([MCP, "check", "--members"], cwd=self.project, env=self.environment, capture_output=True).returncode == 0)
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        self.edit("main.mcp", "web:1", "web:2")
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        self.destroy()

    def test_what_the_server_would_refuse_is_a_risk_of_the_plan(self):
        self.policy("t-trial", "c3-mcp")
        self.mcp("apply", "--yes")
        self.write("bad.mcp", '''manifest bad in t-trial {
  on = clusters
  source = """
    apiVersion: v1
    kind: Service
    metadata: { name: bad }
    spec: { ports: [ { port: 80 } ], bogus: 1 }
    """
}
''')
        text = self.said("plan")
        self.assertIn("MCP-R066 manifest.t-trial/bad/Service/bad on one, three, two: the server would refuse it", text)
        self.assertIn(".spec.bogus: field not declared in schema", text)
        self.assertEqual(self.call(self.api("c1-mcp"), "GET", "/api/v1/namespaces/t-trial/services/bad")[0], 404)
        os.remove(self.project + "/bad.mcp")
        self.destroy()

    def test_plug_ins_are_off_unless_allowed(self):
        self.policy("t-plugin", "c3-exec")
        text = self.said("plan")
        self.assertIn("plug-ins are off", text)
        self.assertIn("--credential-plugins", text)
        self.mcp("apply", "--yes", "--credential-plugins")
        self.environment["MCP_CREDENTIAL_PLUGINS"] = "1"
        self.plan_is_empty()
        self.destroy()

    def test_a_token_will_do(self):
        self.policy("t-token", "c3-token")
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        self.destroy()

    def test_quota_and_admission_are_told_with_their_reason(self):
        self.policy("t-quota", "c3-mcp", '''workload web in t-quota {
  replicas = 3
  rollout { deadline = 4s }
  container c { image = "registry.example/web:1" }
}
''')
        api = self.api("c3-admin")
        self.mcp("apply", "--yes")
        quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "theirs"}, "spec": {"hard": {"pods": "1"}}}
        self.apply(api, "/api/v1/namespaces/t-quota/resourcequotas/theirs", quota)
        self.edit("main.mcp", "replicas = 3", "replicas = 9")
        self.eventually(lambda: self.call(api, "GET", "/api/v1/namespaces/t-quota/resourcequotas/theirs")[1].get("status", {}).get("used"))
        self.others_finish("t-quota", "exceeded quota: theirs", code=4)
        self.assertRegex(self.said("status", "--capacity"), r"room for \d+ Pods, [0-9.]+ cpu")
        self.call(api, "DELETE", "/api/v1/namespaces/t-quota/resourcequotas/theirs")
        self.destroy()

    def test_pods_say_why_they_do_not_start(self):
        self.policy("t-pods", "c3-mcp", '''workload web in t-pods {
  replicas = 3
  rollout { deadline = 5s }
  container c { image = "registry.example/web:nopull" }
}
''')
        self.others_finish("t-pods", "ImagePullBackOff", "is `image` right", code=4)
        self.assertIn("not ready when it was applied", self.mcp("plan", "--detailed-exitcode", code=2).stdout)
        self.edit("main.mcp", "web:nopull", "web:1")
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        self.destroy()

    def test_a_server_that_is_gone_delays_nobody(self):
        self.policy("t-gone", "c3-mcp")
        bed("stop", self.folder, "c3/apiserver", "--signal", "KILL")
        try:
            self.others_finish("t-gone", "unreachable", code=4)
        finally:
            bed("again", self.folder, "c3/apiserver")
        self.eventually(lambda: self.call(self.api("c3-mcp"), "GET", "/readyz")[0] == 200)
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        self.destroy()


class Weather(Commands):
    """What real servers do on bad days, and on ordinary ones where clusters are managed."""

    def policy(self, name, objects=60):
        self.write("main.mcp", f"mcp {name} {{ limits {{ max_deletes = 1000 }} }}\n" + THREE + f"namespace {name} {{}}\n"
                   + "".join(f'config c{i} in {name} {{ data = {{ a = "{i}" }}, on = clusters }}\n' for i in range(objects)))

    def with_flags(self, *flags):
        """c2 with more flags, until the test ends."""
        bed("stop", self.folder, "c2/apiserver")
        bed("again", self.folder, "c2/apiserver", *flags)
        self.addCleanup(self.without_flags)
        self.eventually(lambda: self.call(self.api("c2-mcp"), "GET", "/readyz")[0] == 200)

    def without_flags(self):
        bed("stop", self.folder, "c2/apiserver")
        bed("again", self.folder, "c2/apiserver")
        self.eventually(lambda: self.call(self.api("c2-mcp"), "GET", "/readyz")[0] == 200)

    def whole_life(self, name):
        self.policy(name)
        self.mcp("apply", "--yes")
        self.plan_is_empty()
        self.policy(name, objects=40)
        self.mcp("apply", "--yes")
        self.plan_is_empty("--refresh=all")
        self.destroy()

    def test_connections_that_are_sent_away_and_few_streams(self):
        self.with_flags("--goaway-chance=0.02", "--http2-max-streams-per-connection=2")
        self.whole_life("w-away")

    def test_a_server_that_speaks_http_1_only(self):
        self.with_flags("--disable-http2-serving")
        self.whole_life("w-old")

    def test_a_server_of_an_older_minor(self):
        self.with_flags("--emulated-version=kube=1.33")
        self.whole_life("w-minor")

    def test_a_server_that_lets_one_request_through_at_a_time(self):
        api = self.api("c2-admin")
        root = "/apis/flowcontrol.apiserver.k8s.io/v1"
        level = {"apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "PriorityLevelConfiguration", "metadata": {"name": "narrow"},
                 "spec": {"type": "Limited", "limited": {"nominalConcurrencyShares": 0, "lendablePercent": 0, "borrowingLimitPercent": 0, "limitResponse": {"type": "Reject"}}}}
        schema = {"apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "FlowSchema", "metadata": {"name": "narrow"},
                  "spec": {"priorityLevelConfiguration": {"name": "narrow"}, "matchingPrecedence": 2, "rules": [{
                      "subjects": [{"kind": "User", "user": {"name": "mcp"}}],
                      "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"], "clusterScope": True}]}]}}
        for kind, body in (("prioritylevelconfigurations", level), ("flowschemas", schema)):
            self.addCleanup(self.call, api, "DELETE", f"{root}/{kind}/narrow")
            self.apply(api, f"{root}/{kind}/narrow", body)
        self.eventually(lambda: self.call(api, "GET", f"{root}/flowschemas/narrow")[1].get("status", {}).get("conditions"))
        self.policy("w-narrow", objects=20)
        self.assertIn(" 429 ", self.said("apply", "--yes", "--trace-http"))
        self.plan_is_empty()
        for kind in ("flowschemas", "prioritylevelconfigurations"):
            self.call(api, "DELETE", f"{root}/{kind}/narrow")
        self.destroy()


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
