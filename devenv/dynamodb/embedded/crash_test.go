package embedded_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/server"
)

// crashVariable names the folder that the victim serves: this test binary once more.
const crashVariable = "EMBEDDED_CRASH_DIR"

// TestVictim is no test: it is the process that is killed. It ends with its standard
// input, so that it does not outlive the test that started it.
func TestVictim(t *testing.T) {
	dir := os.Getenv(crashVariable)
	if dir == "" {
		t.Skip("it is started by the test of kill -9")
	}
	s, err := server.Start(t.Context(), server.Options{
		Addr: "127.0.0.1:0", Dir: dir,
		Engine: embedded.Options{Durable: filepath.Base(dir) == "durable"},
	})
	require.NoError(t, err)
	fmt.Println(s.Endpoint())
	_, _ = io.Copy(io.Discard, os.Stdin)
	require.NoError(t, s.Close())
}

// The index has the version as its key, so that every write moves an entry.
const crashTable = `{"TableName":"things","BillingMode":"PAY_PER_REQUEST",
	"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"v","AttributeType":"N"}],
	"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],
	"GlobalSecondaryIndexes":[{"IndexName":"versions","KeySchema":[{"AttributeName":"v","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}]}`

// A writer owns three items. The first is put and updated in turns, the other two are
// written by one transaction. All carry a version, which rises by one.
type writer struct {
	name  string
	acked [3]int // the versions of which the server said that they are written
	asked [3]int // the versions of which it may have
}

func (w *writer) key(of int) string { return fmt.Sprintf("%s-%d", w.name, of) }

// write writes until the server is gone.
func (w *writer) write(ctx context.Context, endpoint string) {
	for {
		if rand.IntN(2) == 0 {
			version := w.acked[0] + 1
			item := fmt.Sprintf(`{"TableName":"things","Item":{"pk":{"S":%q},"v":{"N":"%d"},"filling":{"S":%q}}}`, w.key(0), version, strings.Repeat("x", rand.IntN(2000)))
			operation := "PutItem"
			if version%2 == 0 {
				operation = "UpdateItem"
				item = fmt.Sprintf(`{"TableName":"things","Key":{"pk":{"S":"%s"}},"UpdateExpression":"SET v = :new","ConditionExpression":"v = :old",
					"ExpressionAttributeValues":{":new":{"N":"%d"},":old":{"N":"%d"}}}`, w.key(0), version, version-1)
			}
			w.asked[0] = version
			if _, err := ask(ctx, endpoint, operation, item); err != nil {
				return
			}
			w.acked[0] = version
			continue
		}
		version := w.acked[1] + 1
		put := func(of int) string {
			return fmt.Sprintf(`{"Put":{"TableName":"things","Item":{"pk":{"S":%q},"v":{"N":"%d"}}}}`, w.key(of), version)
		}
		w.asked[1], w.asked[2] = version, version
		if _, err := ask(ctx, endpoint, "TransactWriteItems", `{"TransactItems":[`+put(1)+`,`+put(2)+`]}`); err != nil {
			return
		}
		w.acked[1], w.acked[2] = version, version
	}
}

// check compares what the database has with what it said. What it has is where the
// writer goes on.
func (w *writer) check(t *testing.T, endpoint string) {
	t.Helper()
	var has [3]int
	for of := range has {
		got, err := ask(t.Context(), endpoint, "GetItem", fmt.Sprintf(`{"TableName":"things","ConsistentRead":true,"Key":{"pk":{"S":%q}}}`, w.key(of)))
		require.NoError(t, err)
		has[of] = number(got["Item"], "v")
		require.GreaterOrEqual(t, has[of], w.acked[of], "an acknowledged write of %s is lost", w.key(of))
		require.LessOrEqual(t, has[of], w.asked[of], "%s was never written", w.key(of))
	}
	require.Equal(t, has[1], has[2], "half of a transaction of %s", w.name)
	w.acked, w.asked = has, has
}

func TestKillLosesNothing(t *testing.T) {
	t.Parallel()
	for name, rounds := range map[string]int{"default": 50, "durable": 10} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() {
				rounds /= 10
			}
			dir := filepath.Join(t.TempDir(), name)
			writers := make([]*writer, 6)
			for i := range writers {
				writers[i] = &writer{name: fmt.Sprint(i)}
			}
			reopen(t, dir, func(endpoint string) {
				_, err := ask(t.Context(), endpoint, "CreateTable", crashTable)
				require.NoError(t, err)
			})
			for range rounds {
				crash(t, dir, writers)
				reopen(t, dir, func(endpoint string) {
					for _, w := range writers {
						w.check(t, endpoint)
					}
					requireIndexed(t, endpoint, writers)
				})
			}
			if testing.Short() {
				return // too few rounds for each to have got that far
			}
			for _, w := range writers {
				require.Positive(t, w.acked[0], "nothing was written")
				require.Positive(t, w.acked[1], "no transaction was written")
			}
		})
	}
}

// crash has the writers write to a process, and kills it.
func crash(t *testing.T, dir string, writers []*writer) {
	t.Helper()
	victim := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	victim.Env = append(os.Environ(), crashVariable+"="+dir)
	stdin, err := victim.StdinPipe()
	require.NoError(t, err)
	defer stdin.Close()
	stdout, err := victim.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, victim.Start())
	endpoint, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || !strings.HasPrefix(endpoint, "http://") {
		_ = victim.Process.Kill()
		t.Fatalf("it does not start after a crash: %v: %s", victim.Wait(), endpoint)
	}
	var all sync.WaitGroup
	for _, w := range writers {
		all.Go(func() { w.write(t.Context(), strings.TrimSpace(endpoint)) })
	}
	// Not a wait for something to happen: any moment is as good as another.
	<-time.After(time.Duration(rand.Int64N(int64(80 * time.Millisecond))))
	require.NoError(t, victim.Process.Kill())
	_ = victim.Wait() // "signal: killed"
	all.Wait()
}

// reopen opens the folder as after a crash, has the database checked, and closes it.
func reopen(t *testing.T, dir string, use func(endpoint string)) {
	t.Helper()
	engine, err := embedded.Open(dir, embedded.Options{})
	require.NoError(t, err)
	s := httptest.NewServer(engine)
	defer func() {
		s.Close()
		require.NoError(t, engine.Close())
	}()
	require.NoError(t, engine.Check())
	use(s.URL)
}

// requireIndexed requires the index to have each item once, under its version.
func requireIndexed(t *testing.T, endpoint string, writers []*writer) {
	t.Helper()
	got, err := ask(t.Context(), endpoint, "Scan", `{"TableName":"things","IndexName":"versions"}`)
	require.NoError(t, err)
	indexed := map[string]int{}
	items := got["Items"].([]any)
	for _, item := range items {
		key, _ := item.(map[string]any)["pk"].(map[string]any)
		name, _ := key["S"].(string)
		indexed[name] = number(item, "v")
	}
	want := map[string]int{}
	for _, w := range writers {
		for of, version := range w.acked {
			if version > 0 {
				want[w.key(of)] = version
			}
		}
	}
	require.Equal(t, want, indexed)
	text, _ := json.Marshal(got["Count"])
	require.Equal(t, fmt.Sprint(len(want)), string(text))
}
