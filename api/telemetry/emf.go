package telemetry

import (
	"io"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/prometheus/client_golang/prometheus"
)

// StartEMF writes the metrics to w, a log that CloudWatch takes in, once a minute and when
// it is stopped: counters by what was added since the last time, the others as they are.
// CloudWatch makes metrics in the namespace of these lines, so that nothing listens and
// nothing calls. [EMFMetrics] are those that are written. The lines are JSON whatever the
// log's format, and neither its level nor its sampling touches them. Log lines that go to
// the same place must be written through the same [Serialize].
//
// What nothing happened to since the last time is left out: CloudWatch charges a metric by
// the hours in which it comes. A line that is written has also its zeros, so that what is
// computed from two of its metrics has both.
//
// Stop is for when the last request is answered. It may be called more than once. Without
// metrics or a namespace nothing is written.
//
// The format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html.
// It limits a line to 100 metrics and a metric to 100 values, and CloudWatch Logs a line to
// 256 KiB (the awslogs driver, which cuts there); these are far smaller. That a value may
// be Values and Counts is not in the specification, but in what AWS itself sends:
// https://github.com/aws-observability/aws-otel-python-instrumentation, base_emf_exporter.py.
func StartEMF(w io.Writer, metrics *Metrics, namespace string) (stop func()) {
	if metrics == nil || namespace == "" {
		return func() {}
	}
	lines := &emfLines{w: w, namespace: namespace, gatherer: metrics.Gatherer(), written: map[string]emfDocument{}}
	end := make(chan struct{})
	var ticking sync.WaitGroup
	// Of the minute that a line tells of: CloudWatch adds up what has the same minute.
	minute := time.Now()
	ticking.Go(func() {
		for {
			next := latest(minute, time.Now()).Truncate(time.Minute).Add(time.Minute)
			timer := time.NewTimer(time.Until(next))
			select {
			case <-timer.C:
				lines.write(minute)
				minute = next
			case <-end:
				timer.Stop()
				return
			}
		}
	})
	return sync.OnceFunc(func() {
		close(end)
		ticking.Wait()
		lines.write(minute)
	})
}

// latest is the later of two times. After a machine slept, the minutes that passed are not
// made up for one by one.
func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// emfLines writes documents, each as far as it has not been written.
type emfLines struct {
	w         io.Writer
	namespace string
	gatherer  prometheus.Gatherer
	written   map[string]emfDocument // by objective: what was written last, since the process began
}

// write writes a line for each document. One that cannot be written is a part of the next.
func (l *emfLines) write(at time.Time) {
	families, err := l.gatherer.Gather()
	if err != nil {
		slog.Error("metrics cannot be read, and are written later", "error", err)
		return
	}
	for _, document := range readDocuments(families) {
		line, err := l.line(document, at)
		if err != nil {
			slog.Error("metrics cannot be written", "error", err)
			continue
		}
		if line == nil {
			continue
		}
		if _, err := l.w.Write(line); err == nil {
			l.written[document.objective] = document
		}
	}
}

// line is the document as a line of the log; nil when nothing happened.
func (l *emfLines) line(document emfDocument, at time.Time) ([]byte, error) {
	directive := emfDirective{Namespace: l.namespace, Dimensions: [][]string{{}}}
	root := map[string]any{}
	if document.objective != "" {
		directive.Dimensions[0] = []string{objectiveDimension}
		root[objectiveDimension] = document.objective
	}
	before := l.written[document.objective].metrics
	nothing := true
	for i, metric := range document.metrics {
		if i < len(before) {
			metric = metric.since(before[i])
		}
		nothing = nothing && metric.isZero()
		target := metric.target()
		if target == nil {
			continue
		}
		directive.Metrics = append(directive.Metrics, emfDefinition{Name: metric.Name, Unit: metric.Unit})
		root[metric.Name] = target
	}
	if nothing {
		return nil, nil
	}
	root["_aws"] = emfMetadata{Timestamp: at.UnixMilli(), CloudWatchMetrics: []emfDirective{directive}}
	line, err := json.Marshal(root, json.Deterministic(true))
	return append(line, '\n'), err
}

// The members of a line that CloudWatch reads, as the specification names them.
type (
	emfMetadata struct {
		Timestamp         int64 // milliseconds since 1970
		CloudWatchMetrics []emfDirective
	}
	emfDirective struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []emfDefinition
	}
	emfDefinition struct {
		Name string
		Unit string
	}
)

// ValidNamespace reports whether CloudWatch takes metrics in the namespace: up to 255
// characters of A–Z, a–z, 0–9 and ._/#:-, the first not a colon, and none of AWS's own.
func ValidNamespace(namespace string) bool {
	return isNamespace.MatchString(namespace) && !strings.HasPrefix(namespace, "AWS/")
}

var isNamespace = regexp.MustCompile(`^[A-Za-z0-9._/#-][A-Za-z0-9._/#:-]{0,254}$`)

// Serialize has writes to w happen one after the other: those who write a line at once
// may share it.
func Serialize(w io.Writer) io.Writer { return &serialized{w: w} }

type serialized struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *serialized) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}
