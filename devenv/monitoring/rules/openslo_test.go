package rules_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"regexp"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/pretendfriend/falafel-api/api/slo"
)

// The parts of OpenSLO v1 that the document uses, with the names and types of its
// specification: https://github.com/OpenSLO/OpenSLO. Its schema and its own tools are not
// packaged where tests could take them from; a field that is not here is refused.
type (
	header struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   struct {
			Name        string
			DisplayName string `yaml:"displayName"`
		}
		Spec yaml.Node
	}
	serviceSpec    struct{ Description string }
	dataSourceSpec struct {
		Type              string
		ConnectionDetails map[string]string `yaml:"connectionDetails"`
	}
	targetSpec struct {
		Description string
		Target      string
	}
	conditionSpec struct {
		Description string
		Severity    string
		Condition   struct {
			Kind           string
			Op             string
			Threshold      float64
			LookbackWindow string `yaml:"lookbackWindow"`
			AlertAfter     string `yaml:"alertAfter"`
		}
	}
	metricSource struct {
		MetricSource struct {
			MetricSourceRef string `yaml:"metricSourceRef"`
			Type            string
			Spec            struct{ Query string }
		} `yaml:"metricSource"`
	}
	sliSpec struct {
		Description string
		RatioMetric struct {
			Counter bool
			Good    metricSource
			Total   metricSource
		} `yaml:"ratioMetric"`
	}
	policy struct {
		Kind     string
		Metadata struct{ Name string }
		Spec     struct {
			Description        string
			AlertWhenBreaching bool `yaml:"alertWhenBreaching"`
			Conditions         []struct {
				ConditionRef string `yaml:"conditionRef"`
			}
			NotificationTargets []struct {
				TargetRef string `yaml:"targetRef"`
			} `yaml:"notificationTargets"`
		}
	}
	sloSpec struct {
		Description     string
		Service         string
		IndicatorRef    string `yaml:"indicatorRef"`
		BudgetingMethod string `yaml:"budgetingMethod"`
		TimeWindow      []struct {
			Duration  string
			IsRolling bool `yaml:"isRolling"`
		} `yaml:"timeWindow"`
		Objectives []struct {
			DisplayName string `yaml:"displayName"`
			Target      float64
		}
		AlertPolicies []policy `yaml:"alertPolicies"`
	}
)

func TestTheOpenSLODocumentKeepsItsSpecification(t *testing.T) {
	t.Parallel()
	services, sources, told := map[string]serviceSpec{}, map[string]dataSourceSpec{}, map[string]targetSpec{}
	conditions, indicators, promised := map[string]conditionSpec{}, map[string]sliSpec{}, map[string]sloSpec{}
	for _, object := range objects(t) {
		assert.Equal(t, "openslo/v1", object.APIVersion)
		name := object.Metadata.Name
		assert.Regexp(t, `^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`, name, "names are DNS labels (RFC 1123)")
		switch object.Kind {
		case "Service":
			put(t, services, name, object.Spec)
		case "DataSource":
			put(t, sources, name, object.Spec)
		case "AlertNotificationTarget":
			put(t, told, name, object.Spec)
		case "AlertCondition":
			put(t, conditions, name, object.Spec)
		case "SLI":
			put(t, indicators, name, object.Spec)
		case "SLO":
			put(t, promised, name, object.Spec)
		default:
			t.Errorf("OpenSLO has no kind %s", object.Kind)
		}
	}
	for name, condition := range conditions {
		assert.Equal(t, "burnrate", condition.Condition.Kind, name)
		assert.Equal(t, "gt", condition.Condition.Op, name)
		assert.Regexp(t, duration, condition.Condition.LookbackWindow, name)
		assert.Regexp(t, duration, condition.Condition.AlertAfter, name)
	}
	for name, indicator := range indicators {
		for _, metric := range []metricSource{indicator.RatioMetric.Good, indicator.RatioMetric.Total} {
			assert.Contains(t, sources, metric.MetricSource.MetricSourceRef, name)
			_, err := metricsql.Parse(metric.MetricSource.Spec.Query)
			require.NoError(t, err, name)
		}
	}
	for _, objective := range promised {
		assert.Contains(t, services, objective.Service)
		assert.Contains(t, indicators, objective.IndicatorRef)
		assert.Equal(t, "Occurrences", objective.BudgetingMethod)
		require.Len(t, objective.TimeWindow, 1)
		assert.Regexp(t, duration, objective.TimeWindow[0].Duration)
		assert.True(t, objective.TimeWindow[0].IsRolling)
		assert.Len(t, objective.AlertPolicies, len(conditions))
		for _, policy := range objective.AlertPolicies {
			assert.Equal(t, "AlertPolicy", policy.Kind)
			require.Len(t, policy.Spec.Conditions, 1, "the specification allows one")
			assert.Contains(t, conditions, policy.Spec.Conditions[0].ConditionRef)
			require.NotEmpty(t, policy.Spec.NotificationTargets)
			for _, target := range policy.Spec.NotificationTargets {
				assert.Contains(t, told, target.TargetRef)
			}
		}
	}
	targets := map[string]float64{}
	for _, objective := range promised {
		for _, o := range objective.Objectives {
			targets[o.DisplayName] = o.Target
		}
	}
	expected := map[string]float64{}
	for _, objective := range slo.Objectives() {
		expected[objective.Name] = objective.Target
	}
	assert.Equal(t, expected, targets)
}

var duration = regexp.MustCompile(`^[1-9][0-9]*[mhdwMQY]$`)

func objects(t *testing.T) (found []header) {
	t.Helper()
	file, err := os.Open("../openslo.yaml")
	require.NoError(t, err)
	defer file.Close()
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	for {
		var object header
		err := decoder.Decode(&object)
		if errors.Is(err, io.EOF) {
			return found
		}
		require.NoError(t, err)
		found = append(found, object)
	}
}

// put decodes a spec, and refuses what the specification does not have.
func put[S any](t *testing.T, into map[string]S, name string, spec yaml.Node) {
	t.Helper()
	assert.NotContains(t, into, name, "is there twice")
	var decoded S
	text, err := yaml.Marshal(&spec)
	require.NoError(t, err)
	require.NoError(t, strict(text, &decoded), name)
	into[name] = decoded
}

func strict(text []byte, into any) error {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	return decoder.Decode(into)
}
