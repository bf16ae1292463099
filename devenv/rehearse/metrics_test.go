package rehearse_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/slo"
	"github.com/pretendfriend/falafel-api/api/telemetry"
	"github.com/pretendfriend/falafel-api/devenv/rehearse"
)

const namespace = "falafel-test/api"

// logOf is the log of a service that did everything once.
func logOf() string {
	metrics := telemetry.NewMetrics(telemetry.Build{})
	var log bytes.Buffer
	log.WriteString(`{"level":"INFO","msg":"serving"}` + "\nno JSON\n")
	stop := telemetry.StartEMF(&log, metrics, namespace)
	metrics.RequestEnds(context.Background(), telemetry.Answer{Took: time.Millisecond})
	for _, objective := range slo.Objectives() {
		metrics.ObjectiveJudged(objective.Name, true)
	}
	stop()
	return log.String()
}

func TestALogIsReadAsCloudWatchReadsIt(t *testing.T) {
	t.Parallel()
	found, lines, err := rehearse.ReadMetrics([]byte(logOf()), namespace)
	require.NoError(t, err)
	assert.Equal(t, 1+len(slo.Objectives()), lines)
	assert.Equal(t, rehearse.Promised(), found)

	for name, spoiled := range map[string]struct{ old, new, says string }{
		"another namespace":          {namespace, "another", `"another"`},
		"a dimension without value":  {`"Objective":"availability"`, `"Objective":""`, "the dimension Objective has no value"},
		"a metric without value":     {`"Requests":1`, `"Others":1`, "the metric Requests has no value"},
		"a metric that is null":      {`"Requests":1`, `"Requests":null`, "the metric Requests has no value"},
		"a metric that is text":      {`"Requests":1`, `"Requests":"1"`, "the metric Requests has no value"},
		"values without counts":      {`"Counts":[1]`, `"Counts":[]`, "the metric RequestDuration has no value"},
		"a time that is not one":     {`"Timestamp":`, `"Time":`, "is not understood"},
		"directives that are a text": {`"CloudWatchMetrics":[`, `"CloudWatchMetrics":"","Others":[`, "is not understood"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := strings.ReplaceAll(logOf(), spoiled.old, spoiled.new)
			_, _, err := rehearse.ReadMetrics([]byte(log), namespace)
			require.ErrorContains(t, err, spoiled.says)
		})
	}
}

const topic = "arn:aws:sns:eu-central-1:123456789012:falafel-test-alarms"

// anAccount has an alarm on each objective, and two that need no other.
func anAccount() string {
	var metric, composite strings.Builder
	for _, objective := range slo.Objectives() {
		fmt.Fprintf(&metric, `<member><AlarmName>slo-%s</AlarmName><Metrics><member><Id>ratio</Id><Expression>bad / (bad + good)</Expression></member>`, objective.Name)
		for id, name := range map[string]string{"good": "SLORequestsGood", "bad": "SLORequestsBad"} {
			fmt.Fprintf(&metric, `<member><Id>%s</Id><MetricStat><Metric><Namespace>%s</Namespace><MetricName>%s</MetricName>`+
				`<Dimensions><member><Name>Objective</Name><Value>%s</Value></member></Dimensions></Metric></MetricStat></member>`, id, namespace, name, objective.Name)
		}
		metric.WriteString(`</Metrics></member>`)
		fmt.Fprintf(&composite, `<member><AlarmName>told-%[1]s</AlarmName><AlarmRule>(ALARM("slo-%[1]s"))</AlarmRule><AlarmActions><member>%[2]s</member></AlarmActions></member>`, objective.Name, topic)
	}
	for _, single := range [][3]string{{"throttled", namespace, "DynamoDBThrottles"}, {"cpu", "AWS/ECS", "CPUUtilization"}} {
		fmt.Fprintf(&metric, `<member><AlarmName>%s</AlarmName><Namespace>%s</Namespace><MetricName>%s</MetricName><AlarmActions><member>%s</member></AlarmActions></member>`,
			single[0], single[1], single[2], topic)
	}
	return fmt.Sprintf(`<DescribeAlarmsResponse><DescribeAlarmsResult><MetricAlarms>%s</MetricAlarms><CompositeAlarms>%s</CompositeAlarms></DescribeAlarmsResult></DescribeAlarmsResponse>`,
		metric.String(), composite.String())
}

func TestAlarmsFitWhatIsWritten(t *testing.T) {
	t.Parallel()
	exists := func(arn string) bool { return arn == topic }
	require.NoError(t, rehearse.Fit(anAccount(), namespace, rehearse.Promised(), exists))

	told := "<AlarmActions><member>" + topic + "</member></AlarmActions>"
	for name, planted := range map[string]struct{ old, new, says string }{
		"a metric that nobody writes":       {"<MetricName>DynamoDBThrottles<", "<MetricName>Throttles<", "throttled reads Throttles, which the service does not write"},
		"another dimension in a formula":    {"<Value>availability<", "<Value>typo<", "Objective=typo, which the service does not write"},
		"an objective that half is read of": {"<MetricName>SLORequestsBad<", "<MetricName>Requests<", "no alarm reads SLORequestsBad Objective=availability"},
		"an alarm that tells nobody":        {"<MetricName>CPUUtilization</MetricName>" + told, "", "cpu tells nobody, and is a part of no other"},
		"an alarm that is a part of none":   {`ALARM("slo-availability")`, `ALARM("cpu")`, "slo-availability tells nobody, and is a part of no other"},
		"a composite alarm without actions": {`ALARM("slo-read_latency"))</AlarmRule>` + told, `ALARM("slo-read_latency"))</AlarmRule>`, "told-read_latency tells nobody"},
		"somebody who is not there":         {"<member>" + topic, "<member>arn:gone", "told-write_latency tells arn:gone, which is not there"},
		"a part that is not there":          {`ALARM("slo-availability")`, `ALARM("slo-availability") OR ALARM("typo")`, "told-availability looks at typo, which is not there"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, anAccount(), planted.old)
			err := rehearse.Fit(strings.ReplaceAll(anAccount(), planted.old, planted.new), namespace, rehearse.Promised(), exists)
			require.ErrorContains(t, err, planted.says)
		})
	}
}

func TestADashboardIsReadWithItsFormulas(t *testing.T) {
	t.Parallel()
	drawn, err := rehearse.DrawnBy(`{"widgets": [
		{"type": "text", "properties": {"markdown": "# Hello"}},
		{"type": "metric", "properties": {"metrics": [
			["`+namespace+`", "Requests", {"stat": "Sum"}], ["AWS/ECS", "CPUUtilization", "ServiceName", "falafel"],
			["`+namespace+`", "SLORequestsBad", "Objective", "availability", {"id": "bad", "visible": false}], [{"expression": "bad / 2"}]
		]}}
	]}`, namespace)
	require.NoError(t, err)
	assert.Equal(t, rehearse.Metrics{"Requests": true, "SLORequestsBad Objective=availability": true}, drawn)
}
