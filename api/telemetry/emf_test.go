package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pretendfriend/falafel-api/api/telemetry"
)

const namespace = "falafel-test/api"

// An emfLine is one as CloudWatch reads it.
type emfLine struct {
	Metadata struct {
		Timestamp         int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name, Unit string }
		}
	} `json:"_aws"`
	Targets map[string]jsontext.Value `json:",embed"`
}

type emfValues struct {
	Values   []float64
	Counts   []uint64
	Max, Min float64
	Count    uint64
	Sum      float64
}

func readLines(t require.TestingT, log []byte) []emfLine {
	var lines []emfLine
	for text := range bytes.Lines(log) {
		var line emfLine
		require.NoError(t, json.Unmarshal(text, &line), string(text))
		lines = append(lines, line)
	}
	return lines
}

// number is the value of a counter or gauge.
func (l emfLine) number(t require.TestingT, name string) float64 {
	var number float64
	require.NoError(t, json.Unmarshal(l.Targets[name], &number), name)
	return number
}

func (l emfLine) values(t require.TestingT, name string) emfValues {
	var values emfValues
	require.NoError(t, json.Unmarshal(l.Targets[name], &values), name)
	return values
}

// dimension is "" for the line that has none.
func (l emfLine) dimension(t require.TestingT) (name, value string) {
	require.Len(t, l.Metadata.CloudWatchMetrics, 1)
	dimensions := l.Metadata.CloudWatchMetrics[0].Dimensions
	require.Len(t, dimensions, 1)
	if len(dimensions[0]) == 0 {
		return "", ""
	}
	require.NoError(t, json.Unmarshal(l.Targets[dimensions[0][0]], &value))
	return dimensions[0][0], value
}

// served counts a request that was answered.
func served(metrics *telemetry.Metrics, status int, took time.Duration) {
	metrics.RequestBegins(http.MethodGet)
	metrics.RequestEnds(context.Background(), telemetry.Answer{Method: http.MethodGet, Route: "/v1/reviews", Status: status, Took: took})
}

// everything makes each of the metrics move, each by another number.
func everything(metrics *telemetry.Metrics) {
	for range 11 {
		served(metrics, http.StatusOK, 3*time.Millisecond)
	}
	for _, status := range []int{http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusNotFound, http.StatusTooManyRequests} {
		served(metrics, status, time.Millisecond)
	}
	for range 3 {
		metrics.RequestBegins(http.MethodPost)
	}
	for range 5 {
		metrics.DatabaseCalled(context.Background(), telemetry.DatabaseCall{
			AccessPattern: "review by id", Operation: "GetItem", Outcome: telemetry.OK, Attempts: 3, Throttled: 1, ReadUnits: 1.5, WriteUnits: 7,
		})
	}
	for range 6 {
		metrics.Conflicted("create a review", telemetry.TransactionConflict)
		metrics.Conflicted("create a review", telemetry.SummaryChanged)
	}
	metrics.ReviewsWritten(telemetry.Created, 8)
	metrics.ReviewsWritten(telemetry.Deleted, 1)
	for range 4 {
		metrics.Replayed()
	}
	for range 13 {
		metrics.LogLineDropped()
	}
	for range 14 {
		metrics.ObjectiveJudged("availability", true)
	}
	metrics.ObjectiveJudged("availability", false)
	metrics.DeclareObjective("never asked")
	metrics.ObjectiveJudged("latency", false)
}

func TestLinesOfMetricsAreWhatCloudWatchReads(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile("testdata/emf.schema.json")
	require.NoError(t, err)
	metrics := telemetry.NewMetrics(telemetry.Build{})
	var log bytes.Buffer
	stop := telemetry.StartEMF(&log, metrics, namespace)
	everything(metrics)
	stop()

	for text := range bytes.Lines(log.Bytes()) {
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		require.NoError(t, err)
		require.NoError(t, schema.Validate(instance), string(text))
		assert.Less(t, len(text), 16<<10, "Docker cuts lines for some of its log drivers")
	}
	assert.InDelta(t, 2000, log.Len(), 600, "the lines of a minute, as terraform/cost has them")
	numbers := map[string]map[string]float64{}
	var written []telemetry.EMFMetric
	for _, line := range readLines(t, log.Bytes()) {
		name, objective := line.dimension(t)
		directive := line.Metadata.CloudWatchMetrics[0]
		assert.Equal(t, namespace, directive.Namespace)
		assert.LessOrEqual(t, len(directive.Metrics), 100)
		assert.Len(t, line.Targets, len(directive.Metrics)+len(directive.Dimensions[0]), "a member that is not declared")
		numbers[objective] = map[string]float64{}
		for _, metric := range directive.Metrics {
			if objective != "latency" { // has the names of availability
				written = append(written, telemetry.EMFMetric{Name: metric.Name, Unit: metric.Unit, Dimension: name})
			}
			if metric.Name != "RequestDuration" {
				numbers[objective][metric.Name] = line.number(t, metric.Name)
				continue
			}
			values := line.values(t, metric.Name)
			assert.Equal(t, emfValues{Values: []float64{1, 5}, Counts: []uint64{4, 11}, Max: 5, Min: 1, Count: 15, Sum: 37}, values)
		}
	}
	assert.ElementsMatch(t, telemetry.EMFMetrics(), written)
	assert.Equal(t, map[string]map[string]float64{
		"": {
			"Requests": 15, "ServerErrors": 2, "RequestsInFlight": 3, "DynamoDBCalls": 5, "DynamoDBThrottles": 5, "DynamoDBRetries": 10,
			"ReadUnits": 7.5, "WriteUnits": 35, "TransactionConflicts": 12, "IdempotencyReplays": 4, "ReviewsWritten": 9, "LogLinesDropped": 13,
		},
		"availability": {"SLORequestsGood": 14, "SLORequestsBad": 1},
		"latency":      {"SLORequestsGood": 0, "SLORequestsBad": 1},
	}, numbers)
}

// taken is a log that is read while it is written.
type taken struct {
	mu  sync.Mutex
	log []byte
}

func (l *taken) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.log = append(l.log, p...)
	return len(p), nil
}

// take is what was written since the last time.
func (l *taken) take() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	log := l.log
	l.log = nil
	return log
}

func TestAMinuteIsWrittenWhenItEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		minute := time.Now().Truncate(time.Minute)
		at := func(d time.Duration) {
			time.Sleep(time.Until(minute.Add(d)))
			synctest.Wait()
		}
		at(20 * time.Second)
		metrics := telemetry.NewMetrics(telemetry.Build{})
		var log taken
		stop := telemetry.StartEMF(&log, metrics, namespace)
		written := func() []emfLine { return readLines(t, log.take()) }
		of := func(d time.Duration, requests, inFlight float64) {
			t.Helper()
			lines := written()
			require.Len(t, lines, 1)
			assert.Equal(t, minute.Add(d).UnixMilli(), lines[0].Metadata.Timestamp)
			assert.InDelta(t, requests, lines[0].number(t, "Requests"), 0)
			assert.InDelta(t, inFlight, lines[0].number(t, "RequestsInFlight"), 0)
		}

		served(metrics, http.StatusOK, time.Millisecond)
		at(time.Minute - time.Millisecond)
		assert.Empty(t, written(), "the minute is not over")
		at(time.Minute)
		of(20*time.Second, 1, 0)
		at(2 * time.Minute)
		assert.Empty(t, written(), "nothing happened")
		at(150 * time.Second)
		served(metrics, http.StatusOK, time.Millisecond)
		served(metrics, http.StatusOK, time.Millisecond)
		at(3 * time.Minute)
		of(2*time.Minute, 2, 0)
		metrics.RequestBegins(http.MethodGet)
		at(4 * time.Minute)
		of(3*time.Minute, 0, 1)
		at(5 * time.Minute)
		of(4*time.Minute, 0, 1) // and still is
		at(310 * time.Second)
		metrics.RequestEnds(t.Context(), telemetry.Answer{Method: http.MethodGet, Status: http.StatusOK})
		stop()
		of(5*time.Minute, 1, 0)
		served(metrics, http.StatusOK, time.Millisecond)
		stop()
		at(time.Hour)
		assert.Empty(t, written(), "it was stopped")
	})
}

// unreliable fails when it is told to.
type unreliable struct {
	bytes.Buffer
	fails atomic.Bool
}

func (u *unreliable) Write(p []byte) (int, error) {
	if u.fails.Load() {
		return 0, errors.New("no space is left")
	}
	return u.Buffer.Write(p)
}

// Whatever happens in between, and however often the log cannot be written, all lines
// together tell what was counted: nothing is lost, and nothing comes twice.
func TestLinesAddUpToTheCounters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// Without T's other methods: one asks for the deadline, which a bubble has not.
		rapid.Check(struct{ testing.TB }{t}, func(t *rapid.T) {
			metrics := telemetry.NewMetrics(telemetry.Build{})
			var log unreliable
			stop := telemetry.StartEMF(&log, metrics, namespace)
			counted := map[[2]string]float64{} // by objective and name
			observed, milliseconds := uint64(0), 0.0
			t.Repeat(map[string]func(*rapid.T){
				"a request": func(t *rapid.T) {
					took := time.Duration(rapid.Int64Range(0, int64(15*time.Second)).Draw(t, "took"))
					status := rapid.SampledFrom([]int{200, 404, 500, 503}).Draw(t, "status")
					served(metrics, status, took)
					counted[[2]string{"", "Requests"}]++
					if status >= 500 {
						counted[[2]string{"", "ServerErrors"}]++
					}
					observed, milliseconds = observed+1, milliseconds+float64(took)/1e6
				},
				"an objective": func(t *rapid.T) {
					objective := rapid.SampledFrom([]string{"availability", "latency"}).Draw(t, "objective")
					good := rapid.Bool().Draw(t, "good")
					metrics.ObjectiveJudged(objective, good)
					counted[[2]string{objective, map[bool]string{true: "SLORequestsGood", false: "SLORequestsBad"}[good]}]++
				},
				"a call": func(t *rapid.T) {
					units := float64(rapid.IntRange(0, 100).Draw(t, "half units")) / 2
					metrics.DatabaseCalled(context.Background(), telemetry.DatabaseCall{ReadUnits: units, Attempts: 1})
					counted[[2]string{"", "ReadUnits"}] += units
					counted[[2]string{"", "DynamoDBCalls"}]++
				},
				"a minute":              func(*rapid.T) { time.Sleep(time.Minute); synctest.Wait() },
				"the log fails, or not": func(t *rapid.T) { log.fails.Store(rapid.Bool().Draw(t, "fails")) },
			})
			log.fails.Store(false)
			stop()

			for _, line := range readLines(t, log.Bytes()) {
				_, objective := line.dimension(t)
				for _, metric := range line.Metadata.CloudWatchMetrics[0].Metrics {
					if metric.Name != "RequestDuration" {
						counted[[2]string{objective, metric.Name}] -= line.number(t, metric.Name)
						continue
					}
					values := line.values(t, metric.Name)
					for _, count := range values.Counts {
						observed, values.Count = observed-count, values.Count-count
					}
					require.Zero(t, values.Count, "the sum of Counts")
					milliseconds -= values.Sum
				}
			}
			for key, left := range counted {
				require.Zero(t, left, key)
			}
			require.Zero(t, observed)
			require.InDelta(t, 0, milliseconds, 0.001)
		})
	})
}

// slow gives up the processor within a write, and notes who is let in meanwhile.
type slow struct {
	inside    atomic.Int32
	disturbed atomic.Bool
	log       bytes.Buffer
}

func (s *slow) Write(p []byte) (int, error) {
	if s.inside.Add(1) > 1 {
		s.disturbed.Store(true)
		return len(p), nil
	}
	defer s.inside.Add(-1)
	_, _ = s.log.Write(p[:len(p)/2])
	runtime.Gosched()
	_, _ = s.log.Write(p[len(p)/2:])
	return len(p), nil
}

func TestLinesOfMetricsAndOfTheLogDoNotMix(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out slow
		log := telemetry.Serialize(&out)
		logger := slog.New(slog.NewJSONHandler(log, nil))
		metrics := telemetry.NewMetrics(telemetry.Build{})
		stop := telemetry.StartEMF(log, metrics, namespace)
		var writers sync.WaitGroup
		const minutes, each = 20, 50
		for range 4 {
			writers.Go(func() {
				for range minutes {
					for range each {
						served(metrics, http.StatusOK, time.Millisecond)
						logger.Info("request")
					}
					time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute)))
				}
			})
		}
		writers.Wait()
		stop()

		require.False(t, out.disturbed.Load())
		requests, logged := 0.0, 0
		for _, line := range readLines(t, out.log.Bytes()) {
			if len(line.Metadata.CloudWatchMetrics) == 0 {
				logged++
				continue
			}
			requests += line.number(t, "Requests")
		}
		assert.Equal(t, 4*minutes*each, logged)
		assert.InDelta(t, 4*minutes*each, requests, 0)
	})
}
