package faults_test

import (
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/faults"
)

func TestMain(m *testing.M) { dynamodbtest.Main(m) }

func TestAFaultThatCannotBeIsRefusedInOneSentence(t *testing.T) {
	t.Parallel()
	proxy := faults.NewProxy(&url.URL{Scheme: "http", Host: "127.0.0.1:1"})
	for _, test := range []struct {
		name  string
		fault faults.Fault
		says  string // "" is none
	}{
		{"nothing", faults.Fault{}, `there is no fault "": they are latency, throttling, errors, conflicts, stale, gone, lost`},
		{"another kind", faults.Fault{Kind: "fire", Share: 1}, `there is no fault "fire": they are latency, throttling, errors, conflicts, stale, gone, lost`},
		{"no share", faults.Fault{Kind: faults.Gone}, "a fault hits a share of the calls above 0 and up to 1, and not 0"},
		{"a share below", faults.Fault{Kind: faults.Gone, Share: -0.1}, "a fault hits a share of the calls above 0 and up to 1, and not -0.1"},
		{"a share above", faults.Fault{Kind: faults.Gone, Share: 1.5}, "a fault hits a share of the calls above 0 and up to 1, and not 1.5"},
		{"a share that is no number", faults.Fault{Kind: faults.Gone, Share: math.NaN()}, "a fault hits a share of the calls above 0 and up to 1, and not NaN"},
		{"the smallest share", faults.Fault{Kind: faults.Gone, Share: math.SmallestNonzeroFloat64}, ""},
		{"latency without a delay", faults.Fault{Kind: faults.Latency, Share: 1}, "latency needs a delay above 0 and up to 1m0s, and not 0s"},
		{"stale without a delay", faults.Fault{Kind: faults.Stale, Share: 1}, "stale needs a delay above 0 and up to 1m0s, and not 0s"},
		{"a delay below", faults.Fault{Kind: faults.Latency, Share: 1, Delay: -1}, "latency needs a delay above 0 and up to 1m0s, and not -1ns"},
		{"a delay above", faults.Fault{Kind: faults.Latency, Share: 1, Delay: time.Minute + 1}, "latency needs a delay above 0 and up to 1m0s, and not 1m0.000000001s"},
		{"the longest delay", faults.Fault{Kind: faults.Latency, Share: 1, Delay: time.Minute}, ""},
		{"a delay of what has none", faults.Fault{Kind: faults.Errors, Share: 1, Delay: 1}, "errors has no delay: leave it out"},
		{"another access pattern", faults.Fault{Kind: faults.Errors, Share: 1, AccessPattern: "all"}, `there is no access pattern "all": docs/access-patterns.md has them`},
		{"an access pattern", faults.Fault{Kind: faults.Errors, Share: 0.25, AccessPattern: "create a review"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := proxy.Switch(test.fault)
			if test.says == "" {
				assert.NoError(t, err)
				return
			}
			require.EqualError(t, err, test.says)
			assert.NotContains(t, proxy.Faults(), test.fault)
		})
	}
}

func TestSwitches(t *testing.T) {
	t.Parallel()
	proxy := faults.NewProxy(&url.URL{Scheme: "http", Host: "127.0.0.1:1"})
	var told atomic.Int32
	proxy.Notify(func() { told.Add(1); proxy.Faults() })
	throttling := faults.Fault{Kind: faults.Throttling, Share: 0.5}
	ofOne := faults.Fault{Kind: faults.Throttling, Share: 1, AccessPattern: "create a review"}
	latency := faults.Fault{Kind: faults.Latency, Share: 1, Delay: time.Second}
	for _, fault := range []faults.Fault{throttling, latency, ofOne} {
		require.NoError(t, proxy.Switch(fault))
	}
	assert.Equal(t, []faults.Fault{throttling, latency, ofOne}, proxy.Faults())
	throttling.Share = 0.125
	require.NoError(t, proxy.Switch(throttling))
	assert.Equal(t, []faults.Fault{throttling, latency, ofOne}, proxy.Faults(), "one takes the place of one of its kind and access pattern")
	assert.EqualValues(t, 4, told.Load())
	require.NoError(t, proxy.Switch(throttling))
	assert.EqualValues(t, 4, told.Load(), "nothing has changed")

	proxy.Faults()[0].Share = 1
	assert.Equal(t, throttling, proxy.Faults()[0], "what is read is a copy")
	require.EqualError(t, proxy.Off(faults.Latency, "create a review"), "that fault is not switched on")
	require.NoError(t, proxy.Off(faults.Throttling, ""))
	assert.Equal(t, []faults.Fault{latency, ofOne}, proxy.Faults())
	proxy.Clear()
	assert.Empty(t, proxy.Faults())
	assert.EqualValues(t, 6, told.Load())

	assert.Equal(t, "throttling for 12.5 % of all calls", throttling.String())
	assert.Equal(t, "throttling for create a review", ofOne.String())
	assert.Equal(t, "latency of 1s for all calls", latency.String())
}

// counting is a database that answers nothing in particular, and counts.
func counting(calls *atomic.Int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		_, _ = w.Write([]byte(`{"TableNames":[]}`))
	})
}

func TestAShareOfTheCallsIsHit(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	proxy := faults.New(counting(&reached))
	require.NoError(t, proxy.Switch(faults.Fault{Kind: faults.Errors, Share: 0.25}))
	const calls = 4000
	refused := 0
	for range calls {
		w := httptest.NewRecorder()
		proxy.ServeHTTP(w, newCall("ListTables", `{}`))
		if w.Code == http.StatusInternalServerError {
			refused++
		}
	}
	assert.Equal(t, calls, int(reached.Load())+refused, "what is refused does not reach the database")
	assert.InDelta(t, calls/4, refused, 200, "which is more than seven standard deviations")
}

func newCall(operation, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", readerOf(body))
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	return r
}

func TestWhatStrikesIsNotedBeforeItActs(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	proxy := faults.New(counting(&reached))
	var noted []faults.Fault
	call := newCall("ListTables", `{}`)
	call = call.WithContext(faults.Noting(call.Context(), func(struck []faults.Fault) { noted = struck }))
	proxy.ServeHTTP(httptest.NewRecorder(), call)
	assert.Nil(t, noted, "nothing struck")

	gone := faults.Fault{Kind: faults.Gone, Share: 1}
	require.NoError(t, proxy.Switch(gone))
	require.NoError(t, proxy.Switch(faults.Fault{Kind: faults.Conflicts, Share: 1}))
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { proxy.ServeHTTP(httptest.NewRecorder(), call) })
	assert.Equal(t, []faults.Fault{gone}, noted, "a list of tables meets no other transaction")
	assert.EqualValues(t, 1, reached.Load())
}

func TestSwitchingWhileCallsRun(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	server := httptest.NewServer(faults.New(counting(&reached)))
	defer server.Close()
	proxy, ok := server.Config.Handler.(*faults.Proxy)
	require.True(t, ok)
	proxy.Notify(func() {})
	var running sync.WaitGroup
	for worker := range 4 {
		running.Go(func() {
			for range 50 {
				for _, kind := range faults.Kinds() {
					fault := faults.Fault{Kind: kind, Share: 0.5}
					if kind == faults.Latency || kind == faults.Stale {
						fault.Delay = time.Microsecond
					}
					switch {
					case worker%2 == 0:
						assert.NoError(t, proxy.Switch(fault)) //nolint:testifylint // not the test's goroutine
					default:
						_ = proxy.Off(kind, "") // whether it is on depends on the others
					}
					// An error is what faults are for.
					response, err := server.Client().Post(server.URL, "", readerOf(`{}`))
					if err == nil {
						response.Body.Close()
					}
					proxy.Faults()
				}
			}
		})
	}
	running.Wait()
	proxy.Clear()
	before := reached.Load()
	response, err := server.Client().Post(server.URL, "", readerOf(`{}`))
	require.NoError(t, err)
	response.Body.Close()
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, before+1, reached.Load())
}
