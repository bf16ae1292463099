package rules

import (
	"fmt"
	"strings"

	"github.com/pretendfriend/falafel-api/api/slo"
)

// An object of OpenSLO: https://github.com/OpenSLO/OpenSLO/blob/main/README.md
type object struct {
	APIVersion string         `yaml:"apiVersion"`
	Kind       string         `yaml:"kind"`
	Metadata   metadata       `yaml:"metadata"`
	Spec       map[string]any `yaml:"spec"`
}

type metadata struct {
	Name        string            `yaml:"name"`
	DisplayName string            `yaml:"displayName,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
}

const (
	openSLO     = "openslo/v1"
	serviceName = "falafel-api"
	dataSource  = "prometheus"
	whoIsTold   = "operations"
)

// OpenSLO is the objectives as a document of OpenSLO v1, for tools that take it. Nothing
// here reads it. Its alert conditions have one window, as the standard has it: what a tool
// makes of them ends later than our own rules do.
func OpenSLO() []any {
	document := []any{
		object{openSLO, "Service", metadata{Name: serviceName, DisplayName: "Falafel API"}, map[string]any{
			"description": "Reviews of falafel restaurants.",
		}},
		object{openSLO, "DataSource", metadata{Name: dataSource}, map[string]any{
			"type":              "Prometheus",
			"connectionDetails": map[string]any{"url": "http://127.0.0.1:9090"},
		}},
		object{openSLO, "AlertNotificationTarget", metadata{Name: whoIsTold}, map[string]any{
			"description": "Whoever operates the service: the tool that reads this knows how.",
			"target":      "email",
		}},
	}
	for _, rate := range slo.BurnRates() {
		document = append(document, condition(rate))
	}
	for _, objective := range slo.Objectives() {
		document = append(document, indicator(objective), objectiveOf(objective))
	}
	return document
}

func condition(rate slo.BurnRate) object {
	return object{openSLO, "AlertCondition", metadata{Name: conditionName(rate)}, map[string]any{
		"description": fmt.Sprintf("At this rate, an error budget for %s is gone in %s.", budgetWindow(), slo.Window(rate.Lasts(budgetWindow()))),
		"severity":    string(rate.Severity),
		"condition": map[string]any{
			"kind": "burnrate", "op": "gt", "threshold": rate.Factor,
			"lookbackWindow": rate.Long.String(), "alertAfter": rate.Short.String(),
		},
	}}
}

func conditionName(rate slo.BurnRate) string { return "burn-rate-" + rate.Long.String() }

func indicator(objective slo.Objective) object {
	source := func(selector string) map[string]any {
		return map[string]any{"metricSource": map[string]any{
			"metricSourceRef": dataSource, "type": "Prometheus",
			"spec": map[string]any{"query": fmt.Sprintf("sum(%s{objective=%q%s})", metric, objective.Name, selector)},
		}}
	}
	return object{openSLO, "SLI", metadata{Name: resourceName(objective)}, map[string]any{
		"description": objective.Description,
		"ratioMetric": map[string]any{
			"counter": true,
			"good":    source(`, result="good"`),
			"total":   source(""),
		},
	}}
}

func objectiveOf(objective slo.Objective) object {
	var policies []any
	for _, rate := range slo.BurnRates() {
		policies = append(policies, map[string]any{
			"kind":     "AlertPolicy",
			"metadata": metadata{Name: resourceName(objective) + "-" + rate.Long.String()},
			"spec": map[string]any{
				"description":         RunbookURL(AlertName(objective)),
				"alertWhenBreaching":  true,
				"conditions":          []any{map[string]any{"conditionRef": conditionName(rate)}},
				"notificationTargets": []any{map[string]any{"targetRef": whoIsTold}},
			},
		})
	}
	return object{openSLO, "SLO", metadata{Name: resourceName(objective)}, map[string]any{
		"description":     objective.Description,
		"service":         serviceName,
		"indicatorRef":    resourceName(objective),
		"budgetingMethod": "Occurrences",
		"timeWindow":      []any{map[string]any{"duration": objective.Window.String(), "isRolling": true}},
		"objectives":      []any{map[string]any{"displayName": objective.Name, "target": objective.Target}},
		"alertPolicies":   policies,
	}}
}

// resourceName is as Kubernetes has names, which OpenSLO follows.
func resourceName(objective slo.Objective) string {
	return strings.ReplaceAll(objective.Name, "_", "-")
}
