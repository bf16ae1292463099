package embedded_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded"
)

const createThings = `{"TableName":"things","BillingMode":"PAY_PER_REQUEST",
	"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}`

func open(t *testing.T, dir string) *embedded.Engine {
	t.Helper()
	engine, err := embedded.Open(dir, embedded.Options{Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	return engine
}

// perform asks an engine without a network.
func perform(t *testing.T, engine http.Handler, operation, body string) *httptest.ResponseRecorder {
	t.Helper()
	request, err := newRequest(t.Context(), "http://engine", "DynamoDB_20120810."+operation, []byte(body))
	answer := httptest.NewRecorder()
	if err != nil {
		t.Error(err) // and no FailNow, which is for the goroutine of the test
		return answer
	}
	engine.ServeHTTP(answer, request)
	return answer
}

func must(t *testing.T, engine http.Handler, operation, body string) string {
	t.Helper()
	answer := perform(t, engine, operation, body)
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
	return answer.Body.String()
}

func TestAFolderKeepsItsData(t *testing.T) {
	t.Parallel()
	for _, durable := range []bool{false, true} {
		t.Run(fmt.Sprintf("durable is %t", durable), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "made", "for", "it")
			engine, err := embedded.Open(dir, embedded.Options{Durable: durable})
			require.NoError(t, err)
			must(t, engine, "CreateTable", createThings)
			must(t, engine, "PutItem", `{"TableName":"things","Item":{"id":{"S":"a"},"n":{"N":"1"}}}`)
			require.NoError(t, engine.Check())
			require.NoError(t, engine.Close())

			engine = open(t, dir)
			assert.JSONEq(t, `{"Item":{"id":{"S":"a"},"n":{"N":"1"}}}`,
				must(t, engine, "GetItem", `{"TableName":"things","Key":{"id":{"S":"a"}}}`))
			require.NoError(t, engine.Check())
			require.NoError(t, engine.Close())
		})
	}
}

func TestMemoryKeepsNothing(t *testing.T) {
	t.Parallel()
	for range 2 {
		engine := open(t, "")
		assert.JSONEq(t, `{"TableNames":[]}`, must(t, engine, "ListTables", `{}`))
		must(t, engine, "CreateTable", createThings)
		assert.JSONEq(t, `{"TableNames":["things"]}`, must(t, engine, "ListTables", `{}`))
		require.NoError(t, engine.Close())
	}
}

func TestAFolderIsForOneEngineAtATime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := open(t, dir)
	_, err := embedded.Open(dir, embedded.Options{})
	require.ErrorContains(t, err, "is in use by another process (number "+strconv.Itoa(os.Getpid())+")")
	require.ErrorContains(t, err, dir)
	must(t, first, "CreateTable", createThings) // it has not suffered
	require.NoError(t, first.Close())

	second := open(t, dir)
	assert.JSONEq(t, `{"TableNames":["things"]}`, must(t, second, "ListTables", `{}`))
	require.NoError(t, second.Close())
}

func TestAFileOfAnotherFormatIsRefusedAndLeftAsItIs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, open(t, dir).Close())
	files, err := filepath.Glob(filepath.Join(dir, "*.bolt"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	foreign := make([]byte, 1<<16)
	copy(foreign, "of another program")
	require.NoError(t, os.WriteFile(files[0], foreign, 0o600))

	_, err = embedded.Open(dir, embedded.Options{})
	require.ErrorContains(t, err, "choose another folder")
	require.ErrorContains(t, err, dir)
	after, err := os.ReadFile(files[0])
	require.NoError(t, err)
	assert.Equal(t, foreign, after)

	require.NoError(t, os.Remove(files[0]))
	require.NoError(t, open(t, dir).Close(), "the folder is free")
}

func TestRequestsAfterCloseFail(t *testing.T) {
	t.Parallel()
	engine := open(t, t.TempDir())
	must(t, engine, "CreateTable", createThings)
	require.NoError(t, engine.Close())
	for _, request := range [][2]string{
		{"ListTables", `{}`},
		{"GetItem", `{"TableName":"things","Key":{"id":{"S":"a"}}}`},
		{"PutItem", `{"TableName":"things","Item":{"id":{"S":"a"}}}`},
		{"ExecuteStatement", `{"Statement":"SELECT * FROM things"}`},
		{"BatchExecuteStatement", `{"Statements":[{"Statement":"INSERT INTO things VALUE {'id':'a'}"}]}`},
	} {
		answer := perform(t, engine, request[0], request[1])
		assert.Equal(t, http.StatusInternalServerError, answer.Code, request[0])
		assert.Contains(t, answer.Body.String(), "InternalServerError", request[0])
		assert.NotContains(t, answer.Body.String(), "closed", "the cause is for the log")
	}
	require.Error(t, engine.Check())
	require.Error(t, engine.Close(), "it is closed already")
}

// Close comes while reads and writes are under way, some of which need several
// transactions. Each is answered, done or not at all, and what was acknowledged is there.
func TestCloseWaitsForTheRequestsInFlight(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	engine := open(t, dir)
	must(t, engine, "CreateTable", createThings)
	var acknowledged sync.Map
	var clients sync.WaitGroup
	const before = 20 // writes of each client until Close
	var warm sync.WaitGroup
	for client := range 8 {
		warm.Add(1)
		clients.Go(func() {
			for i := 0; ; i++ {
				if i == before {
					warm.Done()
				}
				id := fmt.Sprintf("%d-%d", client, i)
				operation, body := "PutItem", fmt.Sprintf(`{"TableName":"things","Item":{"id":{"S":%q}}}`, id)
				switch client % 4 {
				case 0:
					operation, body = "Scan", `{"TableName":"things"}`
				case 1:
					operation, body = "BatchExecuteStatement", fmt.Sprintf(
						`{"Statements":[{"Statement":"INSERT INTO things VALUE {'id':'%s'}"},{"Statement":"INSERT INTO things VALUE {'id':'%s+'}"}]}`, id, id)
				}
				answer := perform(t, engine, operation, body)
				if answer.Code != http.StatusOK {
					assert.Equal(t, http.StatusInternalServerError, answer.Code)
					assert.Contains(t, answer.Body.String(), "InternalServerError")
					assert.GreaterOrEqual(t, i, before, answer.Body)
					return
				}
				if operation == "Scan" {
					continue
				}
				assert.NotContains(t, answer.Body.String(), "Error", "half done")
				acknowledged.Store(id, operation)
			}
		})
	}
	warm.Wait()
	require.NoError(t, engine.Close())
	clients.Wait()

	engine = open(t, dir)
	require.NoError(t, engine.Check())
	for id, operation := range acknowledged.Range {
		ids := []string{id.(string)}
		if operation == "BatchExecuteStatement" {
			ids = append(ids, id.(string)+"+")
		}
		for _, id := range ids {
			item := must(t, engine, "GetItem", fmt.Sprintf(`{"TableName":"things","Key":{"id":{"S":%q}}}`, id))
			assert.Contains(t, item, id)
		}
	}
	require.NoError(t, engine.Close())
}
