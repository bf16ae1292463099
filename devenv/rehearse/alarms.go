package rehearse

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	sigv4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// An alarm is one on metrics, or a composite one.
type alarm struct {
	Name    string   `xml:"AlarmName"`
	Actions []string `xml:"AlarmActions>member"`
	Rule    string   `xml:"AlarmRule"` // of a composite alarm

	metricOfAlarm                 // of one that reads a single metric
	Metrics       []metricOfAlarm `xml:"Metrics>member>MetricStat>Metric"` // of a formula
}

type metricOfAlarm struct {
	Namespace  string
	MetricName string
	Dimensions []struct{ Name, Value string } `xml:"Dimensions>member"`
}

// alarms are all of the account.
type alarms struct {
	Metric    []alarm `xml:"DescribeAlarmsResult>MetricAlarms>member"`
	Composite []alarm `xml:"DescribeAlarmsResult>CompositeAlarms>member"`
}

func (c *cloud) alarms(ctx context.Context) (all alarms, err error) {
	err = c.askCloudWatch(ctx, url.Values{
		"Action": {"DescribeAlarms"}, "AlarmTypes.member.1": {"MetricAlarm"}, "AlarmTypes.member.2": {"CompositeAlarm"},
	}, &all)
	return all, err
}

// askCloudWatch speaks its query protocol. The SDK has another by now (CBOR), which the
// stand-in does not know.
func (c *cloud) askCloudWatch(ctx context.Context, call url.Values, answer any) error {
	call.Set("Version", "2010-08-01")
	body := call.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	config := c.config()
	credentials, err := config.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(body))
	if err := sigv4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), "monitoring", config.Region, time.Now()); err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("CloudWatch answers %s with %s", call.Get("Action"), response.Status)
	}
	return xml.NewDecoder(response.Body).Decode(answer)
}

// reads are the metrics of the namespace that the alarm reads, those of its formula
// included.
func (a *alarm) reads(namespace string) metrics {
	all := metrics{}
	for _, metric := range append([]metricOfAlarm{a.metricOfAlarm}, a.Metrics...) {
		if metric.Namespace != namespace {
			continue
		}
		dimensions := map[string]string{}
		for _, dimension := range metric.Dimensions {
			dimensions[dimension.Name] = dimension.Value
		}
		all[nameOfMetric(metric.MetricName, dimensions)] = true
	}
	return all
}

// read are the metrics of the namespace that any alarm reads.
func (a alarms) read(namespace string) metrics {
	all := metrics{}
	for i := range a.Metric {
		maps.Copy(all, a.Metric[i].reads(namespace))
	}
	return all
}

var partOf = regexp.MustCompile(`ALARM\("?([^")]+)"?\)`)

// fit returns an error unless each alarm reads what is written and tells somebody who is
// there, by itself or as a part of another, and each objective has such alarms.
func (a alarms) fit(namespace string, written metrics, exists func(arn string) bool) error {
	var wrong []string
	wrongly := func(format string, values ...any) { wrong = append(wrong, fmt.Sprintf(format, values...)) }
	parts, there := map[string]bool{}, map[string]bool{}
	for _, alarm := range a.Metric {
		there[alarm.Name] = true
	}
	for _, alarm := range a.Composite {
		if len(alarm.Actions) == 0 {
			wrongly("%s tells nobody", alarm.Name)
		}
		for _, part := range partOf.FindAllStringSubmatch(alarm.Rule, -1) {
			parts[part[1]] = true
			if !there[part[1]] {
				wrongly("%s looks at %s, which is not there", alarm.Name, part[1])
			}
		}
	}
	for i := range a.Metric {
		alarm := &a.Metric[i]
		for _, stray := range alarm.reads(namespace).without(written) {
			wrongly("%s reads %s, which the service does not write", alarm.Name, stray)
		}
		if len(alarm.Actions) == 0 && !parts[alarm.Name] {
			wrongly("%s tells nobody, and is a part of no other", alarm.Name)
		}
	}
	for _, alarm := range slices.Concat(a.Metric, a.Composite) {
		for _, action := range alarm.Actions {
			if !exists(action) {
				wrongly("%s tells %s, which is not there", alarm.Name, action)
			}
		}
	}
	read := a.read(namespace)
	for name := range promised() {
		if strings.Contains(name, "=") && !read[name] {
			wrongly("no alarm reads %s", name)
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return errors.New(strings.Join(wrong, "; "))
	}
	return nil
}

// drawn are the metrics of the namespace that the environment's dashboard draws.
func (c *cloud) drawn(ctx context.Context, namespace string) (metrics, error) {
	var dashboard struct {
		Body string `xml:"GetDashboardResult>DashboardBody"`
	}
	err := c.askCloudWatch(ctx, url.Values{"Action": {"GetDashboard"}, "DashboardName": {environment}}, &dashboard)
	if err != nil {
		return nil, err
	}
	return drawnBy(dashboard.Body, namespace)
}

func drawnBy(dashboard, namespace string) (metrics, error) {
	var body struct {
		Widgets []struct {
			Properties struct{ Metrics [][]any }
		}
	}
	if err := json.Unmarshal([]byte(dashboard), &body); err != nil {
		return nil, fmt.Errorf("the dashboard is not understood: %w", err)
	}
	drawn := metrics{}
	for _, widget := range body.Widgets {
		for _, line := range widget.Properties.Metrics {
			// Namespace, name, names and values of dimensions, and how it is drawn.
			var texts []string
			for _, part := range line {
				if text, ok := part.(string); ok {
					texts = append(texts, text)
				}
			}
			if len(texts) < 2 || texts[0] != namespace {
				continue
			}
			dimensions := map[string]string{}
			for pair := range slices.Chunk(texts[2:], 2) {
				dimensions[pair[0]] = pair[len(pair)-1]
			}
			drawn[nameOfMetric(texts[1], dimensions)] = true
		}
	}
	return drawn, nil
}
