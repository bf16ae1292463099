// Package monitoring is what watches the API on a developer's machine: Prometheus with
// its rules, and Grafana with its dashboards. The files that they read are in the folders
// prometheus and grafana; compose.yaml mounts them, and [Start] runs Prometheus on them
// without Docker.
//
// The dashboards are written in Go, in the folder dashboards, and the rules for the
// objectives are made from package slo: the tests here ask a real Prometheus, beside the
// real service, every query of them.
package monitoring

import "embed"

//go:generate go run ./dashboards

// files are Prometheus' configuration and rules.
//
//go:embed prometheus
var files embed.FS
