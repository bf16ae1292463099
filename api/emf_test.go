package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
)

// Alarms rely on it: whatever is left out of the log that people read, what was counted is
// in it, from the calls before the service was ready to the request that was in flight when
// it was told to stop.
func TestTheLogHasTheMetricsOfAllRequests(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		slow := newSlowDatabase(t, db.Endpoint)
		a := start(t, environ(slow.URL, db.Table(t, store.Definition("")), "FALAFEL_EMF_NAMESPACE=falafel-test/api"))
		quiet, err := http.NewRequestWithContext(t.Context(), http.MethodPut, a.operations+"/log-level", strings.NewReader(`{"level": "error"}`))
		require.NoError(t, err)
		quiet.Header.Set("Content-Type", "application/json")
		response, err := new(http.Client).Do(quiet)
		require.NoError(t, err)
		response.Body.Close()
		require.Equal(t, http.StatusOK, response.StatusCode)

		for range 3 {
			_, _ = get(t, a.public+"/v1/restaurants/Habibi/reviews/01980000-0000-7000-8000-000000000000")
		}
		answered := make(chan int, 1)
		go func() {
			response, err := new(http.Client).Get(a.public + "/v1/restaurants/Habibi/reviews")
			if err != nil {
				answered <- 0
				return
			}
			response.Body.Close()
			answered <- response.StatusCode
		}()
		<-slow.waiting
		require.NoError(t, a.command.Process.Signal(syscall.SIGTERM))
		close(slow.release)
		require.Equal(t, http.StatusOK, <-answered)
		require.NoError(t, <-a.exited)

		assert.NotContains(t, a.lines(), `"msg":"request"`)
		requests, calls, good := 0.0, 0.0, 0.0
		for line := range strings.SplitSeq(a.lines(), "\n") {
			var metrics struct {
				Requests, DynamoDBCalls, SLORequestsGood float64
				Objective                                string
			}
			require.NoError(t, json.Unmarshal([]byte(line), &metrics), line)
			requests += metrics.Requests
			calls += metrics.DynamoDBCalls
			if metrics.Objective == "availability" {
				good += metrics.SLORequestsGood
			}
		}
		assert.InDelta(t, 4, requests, 0)
		assert.InDelta(t, 4, good, 0)
		assert.Greater(t, calls, 4.0, "the key of the cursors was read before")
	})
}
