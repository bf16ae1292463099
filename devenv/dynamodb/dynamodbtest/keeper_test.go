package dynamodbtest_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
)

// eachKeptKind runs a subtest for each kind that needs a keeper, in a project of its own.
func eachKeptKind(t *testing.T, run func(t *testing.T, project string, kind dynamodb.Kind)) {
	dynamodbtest.ForEachKind(t, func(t *testing.T, kind dynamodb.Kind) error {
		if kind.IsURL() || kind == dynamodb.Embedded {
			t.Skipf("%s has no keeper", kind)
		}
		run(t, newProject(t), kind)
		return nil
	})
}

// on is the environment of a user that wants one kind.
func on(kind dynamodb.Kind, grace string) []string {
	return []string{"FALAFEL_TEST_DYNAMODB=" + string(kind), "FALAFEL_TEST_DYNAMODB_GRACE=" + grace}
}

func TestUsersShareADatabaseUntilTheLastHasEnded(t *testing.T) {
	t.Parallel()
	eachKeptKind(t, func(t *testing.T, project string, kind dynamodb.Kind) {
		environment := on(kind, "100ms")
		first, second := startUser(t, project, environment...), startUser(t, project, environment...)
		endpoint := first.endpoint(t)
		require.Equal(t, endpoint, second.endpoint(t), "they started at the same time")
		keeper := keeperIn(t, project, kind)
		require.Equal(t, endpoint, keeper.Endpoint)

		first.kill()
		third := startUser(t, project, environment...)
		require.Equal(t, endpoint, third.endpoint(t), "one was killed meanwhile")
		output, err := second.end()
		require.NoError(t, err, output)
		require.True(t, answers(endpoint), "the third is still there")
		require.Equal(t, keeper, keeperIn(t, project, kind))

		third.kill() // the last one, and without a word
		soon(t, "the database ends", func() bool { return !answers(endpoint) })
		soon(t, "the keeper ends", func() bool { return !runs(keeper.PID) })
		require.NoFileExists(t, filepath.Join(roomIn(project, kind), "state.json"))

		next := startUser(t, project, environment...)
		require.True(t, answers(next.endpoint(t)), "it starts again")
		output, err = next.end()
		require.NoError(t, err, output)
		assert.Contains(t, output, "dynamodbtest: 1 tests on "+string(kind))
	})
}

func TestDatabaseWaitsForTheNextUser(t *testing.T) {
	t.Parallel()
	eachKeptKind(t, func(t *testing.T, project string, kind dynamodb.Kind) {
		environment := on(kind, "1h")
		first := startUser(t, project, environment...)
		endpoint := first.endpoint(t)
		output, err := first.end()
		require.NoError(t, err, output)

		second := startUser(t, project, environment...)
		require.Equal(t, endpoint, second.endpoint(t))
		second.kill()

		keeper := keeperIn(t, project, kind)
		require.NoError(t, syscall.Kill(keeper.PID, syscall.SIGTERM))
		soon(t, "the database ends when the keeper is asked to", func() bool { return !answers(endpoint) })
		soon(t, "the keeper ends when it is asked to", func() bool { return !runs(keeper.PID) })
	})
}

func TestKilledKeeperIsReplaced(t *testing.T) {
	t.Parallel()
	eachKeptKind(t, func(t *testing.T, project string, kind dynamodb.Kind) {
		environment := on(kind, "100ms")
		first := startUser(t, project, environment...)
		endpoint := first.endpoint(t)
		killed := keeperIn(t, project, kind)
		require.NoError(t, syscall.Kill(killed.PID, syscall.SIGKILL))
		soon(t, "the keeper ends", func() bool { return !runs(killed.PID) })

		second := startUser(t, project, environment...)
		replaced := second.endpoint(t)
		require.NotEqual(t, killed, keeperIn(t, project, kind))
		soon(t, "the database ends with its keeper", func() bool { return replaced == endpoint || !answers(endpoint) })
		require.True(t, answers(replaced))
	})
}

func TestKeeperOutlivesItsStarter(t *testing.T) {
	t.Parallel()
	eachKeptKind(t, func(t *testing.T, project string, kind dynamodb.Kind) {
		environment := on(kind, "100ms")
		starter := startUser(t, project, environment...)
		soon(t, "the keeper starts", func() bool {
			_, err := os.Stat(filepath.Join(roomIn(project, kind), "keeper.log"))
			return err == nil
		})
		starter.kill()

		user := startUser(t, project, environment...)
		require.True(t, answers(user.endpoint(t)))
		output, err := user.end()
		require.NoError(t, err, output)
	})
}
