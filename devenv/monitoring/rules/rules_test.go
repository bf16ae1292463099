package rules_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/pretendfriend/falafel-api/devenv/monitoring/rules"
)

const (
	root       = "../../.."
	prometheus = root + "/devenv/monitoring/prometheus"
)

// promtool runs where Prometheus is installed, and is demanded where its tests are.
func promtool(t *testing.T, arguments ...string) {
	t.Helper()
	const demand = "FALAFEL_TEST_MONITORING"
	if _, err := exec.LookPath("promtool"); err != nil {
		if os.Getenv(demand) == "1" {
			t.Fatalf("%s=1 demands promtool, which Debian's package prometheus has: %v", demand, err)
		}
		t.Skip("NOT TESTED: promtool is not on the PATH; Debian's package prometheus has it")
	}
	output, err := exec.CommandContext(t.Context(), "promtool", arguments...).CombinedOutput()
	require.NoError(t, err, "promtool %s:\n%s", strings.Join(arguments, " "), output)
}

func TestPrometheusTakesTheRules(t *testing.T) {
	t.Parallel()
	promtool(t, append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, files(t, prometheus+"/rules/*.yml")...)...)
}

func TestTheAlertsFireAndEnd(t *testing.T) {
	t.Parallel()
	for _, file := range files(t, prometheus+"/tests/*.yml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			promtool(t, "test", "rules", file)
		})
	}
}

// What promtool is told to expect of alerts, in the parts that are of interest here.
type expectations struct {
	Tests []struct {
		Alerts []struct {
			Name     string `yaml:"alertname"`
			Expected []struct {
				Labels      map[string]string `yaml:"exp_labels"`
				Annotations map[string]string `yaml:"exp_annotations"`
			} `yaml:"exp_alerts"`
		} `yaml:"alert_rule_test"`
	}
}

// An alert is told apart by its name, and those on objectives by their window as well.
func TestEachAlertIsShownFiringAndSilent(t *testing.T) {
	t.Parallel()
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, file := range files(t, prometheus+"/tests/*.yml") {
		var read expectations
		decode(t, file, &read)
		for _, test := range read.Tests {
			for _, alert := range test.Alerts {
				silent[alert.Name] = silent[alert.Name] || len(alert.Expected) == 0
				for _, expected := range alert.Expected {
					fires[strings.TrimSpace(alert.Name+" "+expected.Labels["window"])] = true
				}
			}
		}
	}
	for _, rule := range alerts(t) {
		assert.True(t, fires[strings.TrimSpace(rule.Alert+" "+rule.Labels["window"])], "no test shows %s %s firing", rule.Alert, rule.Labels["window"])
		assert.True(t, silent[rule.Alert], "no test shows %s silent", rule.Alert)
	}
}

func TestEachAlertSaysWhatItIsAndHowUrgent(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, rule := range alerts(t) {
		assert.Contains(t, []string{"page", "ticket"}, rule.Labels["severity"], rule.Alert)
		for _, annotation := range []string{"summary", "description"} {
			assert.Regexp(t, `^[A-Z{].{20,}\.$`, rule.Annotations[annotation], "the %s of %s", annotation, rule.Alert)
		}
		assert.Equal(t, rules.RunbookURL(rule.Alert), rule.Annotations["runbook_url"], rule.Alert)
		key := fmt.Sprint(rule.Alert, rule.Labels)
		objective := regexp.MustCompile(`objective="(\w+)"`).FindString(rule.Expr)
		assert.False(t, seen[key+objective], "%s is there twice", rule.Alert)
		seen[key+objective] = true
	}
}

// alerts are all of them, generated and written by hand.
func alerts(t *testing.T) (found []rules.Rule) {
	t.Helper()
	for _, file := range files(t, prometheus+"/rules/*.yml") {
		var read struct {
			Groups []rules.Group `yaml:"groups"`
		}
		decode(t, file, &read)
		for _, group := range read.Groups {
			for _, rule := range group.Rules {
				if rule.Alert != "" {
					found = append(found, rule)
				}
			}
		}
	}
	require.NotEmpty(t, found)
	return found
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.FromSlash(pattern))
	require.NoError(t, err)
	require.NotEmpty(t, found, pattern)
	return found
}

func decode(t *testing.T, file string, into any) {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(content, into), file)
}
