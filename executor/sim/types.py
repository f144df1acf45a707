#!/usr/bin/env python3
"""Writes types.txt, the types of the Kubernetes API as simulated members know them, from what a server says of itself.

Usage: types.py DIR: a folder with its OpenAPI v3 documents, as `kubectl get --raw /openapi/v3/apis/apps/v1` prints them.
"""
import json
import pathlib
import sys

KINDS = """
core/v1 Namespace ConfigMap Secret Service ServiceAccount ResourceQuota LimitRange PersistentVolumeClaim Pod
apps/v1 Deployment StatefulSet DaemonSet ReplicaSet
batch/v1 Job CronJob
networking/v1 NetworkPolicy Ingress
rbac/v1 Role RoleBinding ClusterRole ClusterRoleBinding
policy/v1 PodDisruptionBudget
autoscaling/v2 HorizontalPodAutoscaler
scheduling/v1 PriorityClass
"""
HEAD = """\
# Types of the Kubernetes API, as their servers publish them (OpenAPI of 1.36.3); written by types.py.
# NAME FIELD:TYPE ...   a kind begins with its apiVersion. TYPE: s text, n number, b bool, x any scalar, ? anything; {T} map; [T] list,
# replaced as a whole; [T|k,k] list with merge keys; [T|] set; =T one owner as a whole; NAME another line. FIELD* is required.
"""
SCALARS = {"string": "s", "integer": "n", "number": "n", "boolean": "b"}


def main():
    types = {}
    for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
        types.update(json.loads(path.read_text())["components"]["schemas"])
    lines, todo, seen = [], [], {}

    def short(name):
        out = name.split(".")[-1]
        if seen.setdefault(out, name) != name:
            sys.exit(f"two types {out}: {name}, {seen[out]}")
        return out

    def form(schema):
        if "allOf" in schema:
            inner = form(schema["allOf"][0])
            return "=" + inner if schema.get("x-kubernetes-map-type") == "atomic" and inner[0] != "=" else inner
        if "$ref" in schema:
            name = schema["$ref"].split("/")[-1]
            target = types[name]
            if "properties" not in target:
                return "x" if "oneOf" in target or target.get("type") == "string" else "?"
            todo.append(name)
            return ("=" if target.get("x-kubernetes-map-type") == "atomic" else "") + short(name)
        if schema.get("type") == "array":
            inner = form(schema["items"])
            merge = {"map": "|" + ",".join(schema.get("x-kubernetes-list-map-keys", [])), "set": "|"}
            return "[" + inner + merge.get(schema.get("x-kubernetes-list-type"), "") + "]"
        if schema.get("type") == "object":
            inner = "{" + form(schema["additionalProperties"]) + "}" if "additionalProperties" in schema else "?"
            return ("=" if schema.get("x-kubernetes-map-type") == "atomic" else "") + inner
        return SCALARS.get(schema.get("type"), "?")

    def line(name, head):
        required = types[name].get("required", [])
        fields = [f"{field}{'*' if field in required else ''}:{'?' if field in ('status', 'managedFields') else form(schema)}"
                  for field, schema in sorted(types[name]["properties"].items())]
        lines.append(" ".join([head + short(name), *fields]))

    for row in KINDS.split("\n"):
        group, *kinds = row.split() or [""]
        for kind in kinds:
            name = f"io.k8s.api.{group.replace('/', '.')}.{kind}"
            stated = types[name]["x-kubernetes-group-version-kind"][0]
            line(name, (f"{stated['group']}/" if stated["group"] else "") + stated["version"] + ":")
    done = set()
    while todo:
        name = todo.pop(0)
        if name not in done:
            done.add(name)
            line(name, "")
    (pathlib.Path(__file__).parent / "types.txt").write_text(HEAD + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
