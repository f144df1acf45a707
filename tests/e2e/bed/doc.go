// Package bed holds no code: go.mod beside it pins the versions of the Kubernetes and etcd commands that the test bed runs.
package bed
