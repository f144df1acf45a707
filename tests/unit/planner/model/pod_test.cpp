#include "lang/value/json.hpp"
#include "lang/value/yaml.hpp"
#include "tests/unit/planner/model/rendered.hpp"

namespace mcp::test {

TEST_CASE("a workload becomes a Deployment of the restricted profile") {
  const Rendered r(R"(config conf in shop { data = { MODE = "fast", "a.txt" = "1" } }
secret key in shop { data = { token = from_env("TOKEN") } }
workload web in shop {
  replicas = 3
  labels   = { team = "edge" }
  protect  = true
  grace    = 45s
  init wait { image = "registry.example/tools/wait:1", command = ["wait"], args = ["db"] }
  container app {
    image   = "registry.example/shop/web:2.4.1"
    workdir = "/app"
    ports   = { http = 8080, metrics = 9090 }
    env     = { MODE = config.conf["MODE"], TOKEN = secret.key["token"], IP = pod_field("status.podIP"), REGION = .region, EMPTY = "" }
    cpu     = 250m
    memory  = 256Mi
    pull_policy = "always"
    mount "/app/a.txt" { from = config.conf, key = "a.txt" }
    mount "/run/key"   { from = secret.key, mode = "0440", optional = true }
    mount "/tmp"       { from = scratch, size = 64Mi }
    probe ready { http = "/ready", every = 5s }
    probe live  { tcp = true, port = "metrics", after = 30s }
  }
  place { on = clusters where .name == "a" }
}
)");
  CHECK(r.findings() == "W0904 18");
  std::string yaml = r.yaml("workload.shop/web@a");
  const auto hash = r.field("workload.shop/web@a", "spec.template.metadata.annotations[mcp.dev/config-hash]");
  yaml.replace(yaml.find(hash.as_string()), hash.size(), "HASH");
  CHECK(yaml == R"(apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    mcp.dev/address: workload.shop/web
    mcp.dev/protect: "true"
  labels:
    app.kubernetes.io/managed-by: mcp
    mcp.dev/project: test
    team: edge
  name: web
  namespace: shop
spec:
  progressDeadlineSeconds: 600
  replicas: 3
  revisionHistoryLimit: 10
  selector:
    matchLabels:
      app.kubernetes.io/name: web
  strategy:
    rollingUpdate:
      maxSurge: "25%"
      maxUnavailable: 0
    type: RollingUpdate
  template:
    metadata:
      annotations:
        mcp.dev/config-hash: "HASH"
      labels:
        app.kubernetes.io/name: web
    spec:
      automountServiceAccountToken: false
      containers:
      - env:
        - name: EMPTY
        - name: IP
          valueFrom:
            fieldRef:
              fieldPath: status.podIP
        - name: MODE
          valueFrom:
            configMapKeyRef:
              key: MODE
              name: conf
        - name: REGION
          value: eu
        - name: TOKEN
          valueFrom:
            secretKeyRef:
              key: token
              name: key
        image: registry.example/shop/web:2.4.1
        imagePullPolicy: Always
        livenessProbe:
          failureThreshold: 3
          initialDelaySeconds: 30
          periodSeconds: 10
          successThreshold: 1
          tcpSocket:
            port: 9090
          timeoutSeconds: 1
        name: app
        ports:
        - containerPort: 8080
          name: http
          protocol: TCP
        - containerPort: 9090
          name: metrics
          protocol: TCP
        readinessProbe:
          failureThreshold: 3
          httpGet:
            path: /ready
            port: 8080
          periodSeconds: 5
          successThreshold: 1
          timeoutSeconds: 1
        resources:
          limits:
            memory: "256Mi"
          requests:
            cpu: "250m"
            memory: "256Mi"
        securityContext:
          allowPrivilegeEscalation: false
          capabilities:
            drop:
            - ALL
        volumeMounts:
        - mountPath: /app/a.txt
          name: config-conf
          readOnly: true
          subPath: a.txt
        - mountPath: /run/key
          name: secret-key
          readOnly: true
        - mountPath: /tmp
          name: scratch-tmp
        workingDir: /app
      initContainers:
      - args:
        - db
        command:
        - wait
        image: registry.example/tools/wait:1
        name: wait
        securityContext:
          allowPrivilegeEscalation: false
          capabilities:
            drop:
            - ALL
      securityContext:
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
      terminationGracePeriodSeconds: 45
      volumes:
      - configMap:
          defaultMode: 420
          name: conf
        name: config-conf
      - name: secret-key
        secret:
          defaultMode: 288
          optional: true
          secretName: key
      - emptyDir:
          sizeLimit: "64Mi"
        name: scratch-tmp
)");
}

TEST_CASE("members share a body unless a row expression tells them apart") {
  const Rendered same(workload("", "place { on = clusters }"));
  CHECK(same.body("workload.shop/web@a").same_as(same.body("workload.shop/web@b")));
  const Rendered rows(workload("env = { R = .region }"));
  CHECK(rows.field("workload.shop/web@a", "spec.template.spec.containers[name=c].env[name=R].value") == Value::string("eu"));
  CHECK(rows.field("workload.shop/web@b", "spec.template.spec.containers[name=c].env[name=R].value") == Value::string("us"));
  const Rendered scaled(workload("", "place { weight = { aws = 5, gcp = 1 }[.cloud], min = if .cloud == \"aws\" then 0 else 0 }\n  priority_ = 1"));
  CHECK(scaled.findings().substr(0, 5) == "E0204");
}

TEST_CASE("bodies that differ in replicas share their Pods") {
  const Rendered r("workload web in shop {\n replicas = 3\n container c { image = \"registry.example/a/b:1\" }\n}\n");
  const Value a = r.body("workload.shop/web@a");
  const Value b = r.body("workload.shop/web@b");
  CHECK(a.at("spec", "replicas")->as_int() == 2);
  CHECK(b.at("spec", "replicas")->as_int() == 1);
  CHECK(a.at("spec", "template")->same_as(*b.at("spec", "template")));
}

TEST_CASE("mounts of one source with equal options share a volume") {
  const Rendered r("config conf in shop { data = { a = \"1\", b = \"2\" } }\n" + workload(R"(mount "/x/a" { from = config.conf, key = "a" }
    mount "/x/b" { from = config.conf, key = "b" }
    mount "/y"   { from = config.conf, mode = "0600" }
    mount "/tmp" { from = scratch }
    mount "/var/cache/app" { from = scratch })"));
  const Value mounts = r.field("workload.shop/web@a", "spec.template.spec.containers[name=c].volumeMounts");
  std::string names;
  for (const Value& m : mounts.items()) names += std::string(m.text_or("name", "")) + " ";
  CHECK(names == "config-conf config-conf config-conf-2 scratch-tmp scratch-var-cache-app ");
  CHECK(r.field("workload.shop/web@a", "spec.template.spec.volumes").size() == 4);
}

TEST_CASE("no two volumes of a Pod have one name, even where names fold to one") {
  const Rendered r("config a in shop { data = { x = \"1\" } }\nconfig a-2 in shop { data = { x = \"2\" } }\n" + workload(R"(mount "/data/b" { from = scratch }
    mount "/data/B" { from = scratch }
    mount "/data" { from = scratch }
    mount "/1" { from = config.a }
    mount "/2" { from = config.a, mode = "0600" }
    mount "/3" { from = config.a-2 })"));
  std::set<std::string> names;
  const Value volumes = r.field("workload.shop/web@a", "spec.template.spec.volumes");
  for (const Value& v : volumes.items()) names.insert(std::string(v.text_or("name", "")));
  CHECK(volumes.size() == 6);
  CHECK(names.size() == 6);
}

TEST_CASE("rights are inherited from the workload and narrowed by a container") {
  const Rendered r(workload("security { user = 1000, add = [\"NET_BIND_SERVICE\"], read_only_root = true }",
                            "security { fs_group = 2000, non_root = false, seccomp = null, privileged = true }"));
  CHECK(to_json(r.field("workload.shop/web@a", "spec.template.spec.securityContext")) == R"({"fsGroup":2000})");
  CHECK(to_json(r.field("workload.shop/web@a", "spec.template.spec.containers[name=c].securityContext")) ==
        R"({"allowPrivilegeEscalation":true,"capabilities":{"add":["NET_BIND_SERVICE"],"drop":["ALL"]},"privileged":true,"readOnlyRootFilesystem":true,"runAsUser":1000})");
}

TEST_CASE("Pods roll when a used config or secret changes, and only then") {
  const auto hash = [](const std::string& value, const std::string& other, const std::string& env, const RenderOptions& options = {}, const std::string& beside = "") {
    const Rendered r("config used in shop { data = { a = \"" + value + "\" } }\nconfig other in shop { data = { a = \"" + other + "\" }, on = clusters }\n" +
                         "secret key in shop { data = { t = from_env(\"" + env + "\") } }\n" +
                         workload("env_from = [config.used, secret.key]", beside),
                     options);
    return to_json(r.field("workload.shop/web@a", "spec.template.metadata.annotations"));
  };
  const std::string before = hash("1", "1", "T");
  CHECK(before.find("config-hash") != std::string::npos);
  CHECK(before.find("secret-hash") == std::string::npos);
  CHECK(hash("1", "2", "T") == before);
  CHECK(hash("2", "1", "T") != before);
  CHECK(hash("1", "1", "U") != before);
  CHECK(hash("1", "1", "T", {}, "restart_on_config = false") == "null");
  RenderOptions known;
  known.fingerprints_known = true;
  known.fingerprints[{*Address::parse("secret.shop/key"), "t"}] = "3f9c";
  const std::string first = hash("1", "1", "T", known);
  CHECK(first.find("secret-hash") != std::string::npos);
  known.fingerprints.begin()->second = "81ab";
  CHECK(hash("1", "1", "T", known) != first);
  known.fingerprints.begin()->second = "";
  CHECK(hash("1", "1", "T", known) == before);
}

TEST_CASE("secrets are fingerprints in bodies and sources in what is rendered") {
  const std::string policy = "secret key in shop {\n  data = { a = from_env(\"PW\"), url = \"jdbc:${from_env(\"PW\")}@db\", pem = from_file(\"ca.pem\") }\n  on = clusters\n}\n";
  RenderOptions options;
  options.files["ca.pem"] = "x";
  options.fingerprints_known = true;
  options.fingerprints[{*Address::parse("secret.shop/key"), "a"}] = "3f9c";
  CHECK(to_json(Rendered(policy, options).field("secret.shop/key@a", "data")) == R"({"a":{"$secret":"3f9c"},"pem":{"$secret":""},"url":{"$secret":""}})");
  options.secrets = SecretText::Sources;
  CHECK(to_json(Rendered(policy, options).field("secret.shop/key@a", "data")) == R"x({"a":"(from_env PW)","pem":"(from_file ca.pem)","url":"jdbc:(from_env PW)@db"})x");
}

TEST_CASE("a patch merges maps, keyed lists by key, and removes by null") {
  const Rendered r(workload("env = { A = \"1\" }", R"(k8s = { spec = { minReadySeconds = 7, revisionHistoryLimit = null, template = { spec = {
    containers = [{ name = "c", env = [{ name = "B", value = "2" }], lifecycle = { preStop = { sleep = { seconds = 5 } } } }] } } } })"));
  CHECK(r.field("workload.shop/web@a", "spec.minReadySeconds") == Value::integer(7));
  CHECK(r.field("workload.shop/web@a", "spec.revisionHistoryLimit").is_null());
  CHECK(to_json(r.field("workload.shop/web@a", "spec.template.spec.containers[name=c].env")) == R"([{"name":"A","value":"1"},{"name":"B","value":"2"}])");
  CHECK(r.field("workload.shop/web@a", "spec.replicas") == Value::integer(1));
  CHECK(r.findings() == "W0911 3");
  CHECK(r.first_message() == "the `k8s` patch of workload.shop/web overrides spec.revisionHistoryLimit");
}

TEST_CASE("the Service of a workload reaches its ports by name") {
  const Rendered r(workload("ports = { http = 8080, grpc = 9090 }") +
                   "service web in shop { target = workload.web, ports = { http = 80, rpc = port(90, to = \"grpc\") }, sticky = true, headless = true }\n");
  CHECK(to_json(r.field("service.shop/web@a", "spec")) ==
        R"({"clusterIP":"None","ports":[{"name":"http","port":80,"protocol":"TCP","targetPort":"http"},{"name":"rpc","port":90,"protocol":"TCP","targetPort":"grpc"}],)"
        R"("selector":{"app.kubernetes.io/name":"web"},"sessionAffinity":"ClientIP","type":"ClusterIP"})");
}

TEST_CASE("writing many objects gives the text of writing each") {
  const Rendered r("config conf in shop { data = { a = \"1\" } }\nfor i in range(30) {\n workload \"w${i}\" in shop {\n container c {\n image = \"registry.example/a/b:1\"\n ports = { http = 80 }\n"
                   "env = { N = string(i), R = .region }\n mount \"/c\" { from = config.conf }\n probe ready { http = \"/x\" }\n }\n }\n}\n");
  YamlWriter writer;
  std::string together;
  std::string apart;
  for (const DesiredEntry& e : r.desired().entries) {
    writer.append(together, r.desired().body_of(e));
    append_yaml(apart, r.desired().body_of(e));
  }
  CHECK(together.size() > 30'000);
  CHECK(together == apart);
}

TEST_CASE("text that is no UTF-8 goes to binaryData") {
  RenderOptions options;
  options.files["logo.bin"] = std::string("\xff\xfe", 2);
  const Rendered r("config c in shop { data = { logo = file(\"logo.bin\"), t = \"x\" }, on = clusters }\n", options);
  CHECK(r.field("config.shop/c@a", "binaryData.logo") == Value::string("//4="));
  CHECK(r.field("config.shop/c@a", "data.t") == Value::string("x"));
}

}  // namespace mcp::test
