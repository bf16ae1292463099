package tracestest_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/api/telemetry"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/embeddedtest"
	"github.com/pretendfriend/falafel-api/devenv/traces"
	"github.com/pretendfriend/falafel-api/devenv/traces/tracestest"
)

// endVariable makes TestUser a test of somebody's: "pass", "fail", or how many requests it
// makes before it fails.
const endVariable = "TRACESTEST_USER"

// TestUser is an integration test as somebody writes it. Those below run it.
func TestUser(t *testing.T) {
	end := os.Getenv(endVariable)
	if end == "" {
		t.Skip("it is run by other tests")
	}
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	database := embeddedtest.Start(t)
	_, err := database.CreateTable(t.Context(), store.Definition("Reviews"))
	require.NoError(t, err)
	tracing := telemetry.NewTracing(tracestest.Provider(t))
	client, err := store.Connect(t.Context())
	require.NoError(t, err)
	reviews, err := store.Open(t.Context(), dynamodb.New(client.Options(), func(o *dynamodb.Options) {
		o.BaseEndpoint = database.Options().BaseEndpoint
	}), "Reviews", nil, tracing)
	require.NoError(t, err)
	key, err := reviews.CursorKey(t.Context())
	require.NoError(t, err)
	api, err := rest.New(reviews, rest.Options{CursorKey: key, Tracing: tracing, Timeout: time.Minute})
	require.NoError(t, err)
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)

	t.Run("part", func(t *testing.T) {
		requests, _ := strconv.Atoi(end)
		for range max(1, requests) {
			response, err := http.Post(server.URL+"/v1/restaurants/Habibi/reviews", "application/json",
				strings.NewReader(`{"rating":4.5,"visited_at":"2026-11-20T12:30:00+01:00","cost":8.5}`))
			require.NoError(t, err)
			response.Body.Close()
			assert.Equal(t, http.StatusCreated, response.StatusCode)
		}
		assert.Equal(t, "pass", end)
	})
}

// run runs TestUser to its end, and returns what it prints.
func run(t *testing.T, end string, environment ...string) (output string, failed bool) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), self, "-test.run=^TestUser$", "-test.v")
	command.Env = append(append(os.Environ(), "OTEL_EXPORTER_OTLP_ENDPOINT=", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=", endVariable+"="+end), environment...)
	content, err := command.CombinedOutput()
	return string(content), err != nil
}

func TestATestThatFailsPrintsWhatItsServiceDid(t *testing.T) {
	t.Parallel()
	output, failed := run(t, "fail")
	require.True(t, failed, output)
	assert.Contains(t, output, "--- FAIL: TestUser/part")
	assert.Contains(t, output, "what the service did:\n")
	assert.Regexp(t, `(?m)^ +POST /v1/restaurants/\{restaurant\}/reviews +\|█{32}\| +\d+\.\d ms  201$`, output)
	assert.Regexp(t, `(?m)^ +DynamoDB\.GetItem +\| *█+ *\| +\d+\.\d ms  summary of a restaurant before a change, `, output)
	assert.Regexp(t, `(?m)^ +DynamoDB\.TransactWriteItems +\| *█+ *\| +\d+\.\d ms  create a review, \d+ write units$`, output)
	assert.Contains(t, output, "USD for a million of these")
}

func TestATestThatPassesPrintsNothing(t *testing.T) {
	t.Parallel()
	output, failed := run(t, "pass")
	require.False(t, failed, output)
	assert.NotContains(t, output, "what the service did")
	assert.NotContains(t, output, "█")
}

func TestOnlyTheLastTracesArePrinted(t *testing.T) {
	t.Parallel()
	output, failed := run(t, "30")
	require.True(t, failed, output)
	assert.Equal(t, 20, strings.Count(output, "POST /v1/restaurants/{restaurant}/reviews "))
	assert.Regexp(t, `\(\d+ traces before these, and 0 spans of others\)`, output)

	output, failed = run(t, "1000") // each makes three spans or more
	require.True(t, failed, output)
	assert.Equal(t, 20, strings.Count(output, "POST /v1/restaurants/{restaurant}/reviews "))
	assert.Regexp(t, `and [1-9]\d+ spans of others\)`, output)
}

func TestTracesGoToAConsoleThatRuns(t *testing.T) {
	t.Parallel()
	buffer := traces.NewBuffer(traces.Limits{})
	mux := http.NewServeMux()
	mux.Handle("/v1/traces", buffer.Receiver())
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	for _, end := range []string{"pass", "fail"} {
		buffer.Clear()
		output, failed := run(t, end, "OTEL_EXPORTER_OTLP_ENDPOINT="+server.URL+"/")
		assert.Equal(t, end == "fail", failed, output)
		assert.Equal(t, end == "fail", strings.Contains(output, "what the service did"), output)
		recent := buffer.Recent(100)
		require.NotEmpty(t, recent, output)
		assert.Equal(t, "POST /v1/restaurants/{restaurant}/reviews", recent[0].Root)
		assert.Equal(t, "falafel-api", recent[0].Service)
	}
	buffer.Clear()
	output, failed := run(t, "pass", "OTEL_EXPORTER_OTLP_ENDPOINT="+server.URL, "OTEL_TRACES_EXPORTER=none")
	assert.False(t, failed, output)
	assert.Empty(t, buffer.Recent(100))

	// One that is away costs the test nothing but a line.
	server.Close()
	output, failed = run(t, "pass", "OTEL_EXPORTER_OTLP_ENDPOINT="+server.URL)
	assert.False(t, failed, output)
	assert.Contains(t, output, "the traces of this test are not sent: ")
}
