package rehearse

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/pretendfriend/falafel-api/api/slo"
	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// metricsArrive holds what the task that ended wrote for CloudWatch against what reads it
// in the account. The stand-in makes no metrics of a log: that AWS does is not rehearsed.
func (s *stage) metricsArrive(ctx context.Context) error {
	ended := s.fargate.predecessor()
	if ended == nil {
		return errors.New("no task has ended")
	}
	namespace, group := valueOf(ended.defined, "FALAFEL_EMF_NAMESPACE"), ended.defined.LogConfiguration
	if namespace == "" || group == nil || group.LogDriver != types.LogDriverAwslogs {
		return errors.New("the task definition has no namespace for metrics, or no log in CloudWatch")
	}
	arns, err := s.tagged(ctx)
	if err != nil {
		return err
	}
	exists := func(end string) bool {
		// Autoscaling makes alarms of its own, on policies that have no tags.
		return strings.Contains(end, ":scalingPolicy:") || slices.ContainsFunc(arns, func(arn string) bool { return strings.HasSuffix(arn, end) })
	}
	if name := group.Options["awslogs-group"]; !exists(":log-group:" + name) {
		return fmt.Errorf("the log group %q of the task definition is not there", name)
	}
	written, lines, err := readMetrics(ended.written, namespace)
	if err == nil {
		err = written.are(promised())
	}
	if err != nil {
		return err
	}
	watched, err := s.cloud.alarms(ctx)
	if err == nil {
		err = watched.fit(namespace, written, exists)
	}
	if err != nil {
		return err
	}
	drawn, err := s.cloud.drawn(ctx, namespace)
	if err != nil {
		return err
	}
	if strays := drawn.without(written); len(strays) > 0 {
		return fmt.Errorf("the dashboard draws what the service does not write: %s", strings.Join(strays, ", "))
	}
	s.say("      %d lines of its log have %d metrics; %d alarms read %d of them, and the dashboard %d",
		lines, len(written), len(watched.Metric), len(watched.read(namespace)), len(drawn))
	return nil
}

func valueOf(container *types.ContainerDefinition, name string) string {
	for _, variable := range container.Environment {
		if aws.ToString(variable.Name) == name {
			return aws.ToString(variable.Value)
		}
	}
	return ""
}

// metrics are names with their dimensions: "SLORequestsBad Objective=availability".
type metrics map[string]bool

func nameOfMetric(name string, dimensions map[string]string) string {
	for _, key := range slices.Sorted(maps.Keys(dimensions)) {
		name += " " + key + "=" + dimensions[key]
	}
	return name
}

// without are those of m that others do not have.
func (m metrics) without(others metrics) (list []string) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if !others[name] {
			list = append(list, name)
		}
	}
	return list
}

// are returns an error unless m are all of wanted and no others.
func (m metrics) are(wanted metrics) error {
	if missing, more := wanted.without(m), m.without(wanted); len(missing)+len(more) > 0 {
		return fmt.Errorf("of the metrics that the service promises, it did not write [%s], and wrote [%s] beside them", strings.Join(missing, ", "), strings.Join(more, ", "))
	}
	return nil
}

// promised are those that alarms may rely on.
func promised() metrics {
	all := metrics{}
	for _, metric := range telemetry.EMFMetrics() {
		if metric.Dimension == "" {
			all[metric.Name] = true
			continue
		}
		for _, objective := range slo.Objectives() {
			all[nameOfMetric(metric.Name, map[string]string{metric.Dimension: objective.Name})] = true
		}
	}
	return all
}

// readMetrics reads a log as CloudWatch does: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
func readMetrics(log []byte, namespace string) (found metrics, lines int, err error) {
	found = metrics{}
	for text := range bytes.Lines(log) {
		var members map[string]json.RawMessage
		if json.Unmarshal(text, &members) != nil || members["_aws"] == nil {
			continue
		}
		lines++
		var aws struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		}
		if err := json.Unmarshal(members["_aws"], &aws); err != nil || aws.Timestamp == 0 {
			return nil, 0, fmt.Errorf("this line of metrics is not understood: %s", text)
		}
		for _, directive := range aws.CloudWatchMetrics {
			if directive.Namespace != namespace {
				return nil, 0, fmt.Errorf("a metric is written for %q instead of %q", directive.Namespace, namespace)
			}
			for _, names := range directive.Dimensions {
				dimensions := map[string]string{}
				for _, name := range names {
					var value string
					if json.Unmarshal(members[name], &value) != nil || value == "" {
						return nil, 0, fmt.Errorf("the dimension %s has no value in this line: %s", name, text)
					}
					dimensions[name] = value
				}
				for _, metric := range directive.Metrics {
					if !isValue(members[metric.Name]) {
						return nil, 0, fmt.Errorf("the metric %s has no value in this line: %s", metric.Name, text)
					}
					found[nameOfMetric(metric.Name, dimensions)] = true
				}
			}
		}
	}
	return found, lines, nil
}

// isValue reports whether CloudWatch takes it for a metric: a number, or values and how
// often there was each.
func isValue(text json.RawMessage) bool {
	var number *float64
	if json.Unmarshal(text, &number) == nil {
		return number != nil
	}
	var many struct{ Values, Counts []float64 }
	return json.Unmarshal(text, &many) == nil && len(many.Values) > 0 && len(many.Values) <= 100 && len(many.Values) == len(many.Counts)
}
