package environment_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/environment"
	"github.com/pretendfriend/falafel-api/devenv/internal/screen"
)

var endpointLine = regexp.MustCompile(`DynamoDB  (http://\S+) `)

const tableFile = "api/store/table.go"

// endpoint is where the environment's database answers, as it says itself.
func (r *running) endpoint(t *testing.T) dynamodb.Server {
	t.Helper()
	found := endpointLine.FindStringSubmatch(r.screen.String())
	require.NotNil(t, found, "%s", r.screen)
	return dynamodb.Server{Kind: dynamodb.Kind(r.DynamoDB), Endpoint: found[1]}
}

// indexes are those of the table, by name, each with its partition key.
func indexes(t *testing.T, client *sdk.Client) map[string]string {
	t.Helper()
	out, err := client.DescribeTable(t.Context(), &sdk.DescribeTableInput{TableName: aws.String("FalafelReviews")})
	require.NoError(t, err)
	found := map[string]string{}
	for _, index := range out.Table.GlobalSecondaryIndexes {
		found[*index.IndexName] = *index.KeySchema[0].AttributeName
	}
	return found
}

func TestEditsOfTheTableAreAppliedAndTheDataStays(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEachKind(t, func(t *testing.T, kind dynamodb.Kind) error {
		if kind.IsURL() {
			t.Skip("the data of a database that is somebody else's stays alone")
		}
		root := newCheckout(t)
		r := start(t, environment.Options{DynamoDB: string(kind), Root: string(root), Samples: true})
		database := r.endpoint(t)
		client := database.Client()
		names := restaurants(t, r.Addr)
		require.NotEmpty(t, names)

		const last = "index(indexNames, attrNamesPK, attrNamesSK),"
		root.edit(t, tableFile, last, last+"\n\t\t\tindex(\"extra\", attrNamesPK, attrSK),")
		r.shows(t, "Table FalafelReviews: index extra is added.\n")
		r.shows(t, "Reloaded in ")
		assert.Equal(t, map[string]string{"newest": "newest_pk", "ranking": "ranking_pk", "names": "names_pk", "extra": "names_pk"}, indexes(t, client))

		root.edit(t, tableFile, `index("extra", attrNamesPK, attrSK)`, `index("extra", attrRankingPK, attrSK)`)
		r.shows(t, "Table FalafelReviews: index extra is made anew.\n")
		root.edit(t, tableFile, "ExpiryAttribute = \"expires_at\"", "ExpiryAttribute = \"ends_at\"")
		r.shows(t, "Table FalafelReviews: Time to Live on expires_at is switched off.\n")
		r.shows(t, "Table FalafelReviews: Time to Live on ends_at is switched on.\n")
		root.edit(t, tableFile, `index("extra", attrRankingPK, attrSK),`, "")
		r.shows(t, "Table FalafelReviews: index extra is removed.\n")
		require.Eventually(t, func() bool { return len(indexes(t, client)) == 3 }, time.Minute, 10*time.Millisecond)
		assert.ElementsMatch(t, names, restaurants(t, r.Addr))
		expiry, err := client.DescribeTimeToLive(t.Context(), &sdk.DescribeTimeToLiveInput{TableName: aws.String("FalafelReviews")})
		require.NoError(t, err)
		assert.Equal(t, "ends_at", *expiry.TimeToLiveDescription.AttributeName)
		r.down(t)
		return nil
	})
}

func TestAnotherKeyOfTheTableIsRefusedUntilItIsReset(t *testing.T) {
	t.Parallel()
	root := newCheckout(t)
	r := start(t, environment.Options{Root: string(root), Samples: true})
	names := restaurants(t, r.Addr)
	root.edit(t, tableFile, `attrSK        = "sk"`, `attrSK        = "sort"`)
	const refusal = "able FalafelReviews has the key HASH pk (S), RANGE sk (S), and the API now wants HASH pk (S), RANGE sort (S): " +
		"only a new table can have that: to delete its data and begin anew, run `go run ./devenv reset`, or start with --reset"
	r.shows(t, "T"+refusal+". Mend it and save; the build before goes on.\n")
	assert.ElementsMatch(t, names, restaurants(t, r.Addr))
	r.down(t)

	// A start has no build before.
	again := r.Options
	again.Addr, again.MetricsAddr = freeAddr(t), freeAddr(t)
	require.EqualError(t, environment.Up(t.Context(), again), "t"+refusal)

	again.Reset, again.Samples = true, false
	anew := start(t, again)
	assert.Empty(t, restaurants(t, anew.Addr))
	anew.down(t)
}

func TestEachBranchHasItsData(t *testing.T) {
	t.Parallel()
	root := newCheckout(t)
	r := start(t, environment.Options{Root: string(root), Samples: true})
	samples := restaurants(t, r.Addr)
	add := func(name string) {
		t.Helper()
		status, answer, err := send(http.DefaultClient, http.MethodPost, "http://"+r.Addr+"/v1/restaurants/"+name+"/reviews",
			`{"rating": 4, "visited_at": "2026-11-20T12:30:00Z", "cost": 8}`)
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, status, answer)
	}
	add("Main")

	// No file changes with it.
	const other = "feature/ätzend"
	root.git(t, "switch", "--quiet", "--create", other)
	r.shows(t, "Branch "+other+": the data is in table FalafelReviews.feature-tzend-")
	require.Eventually(t, func() bool { return len(restaurants(t, r.Addr)) == len(samples) }, time.Minute, 10*time.Millisecond)
	assert.ElementsMatch(t, samples, restaurants(t, r.Addr))
	add("Feature")

	root.git(t, "switch", "--quiet", "main")
	r.shows(t, "Branch main: the data is in table FalafelReviews.\n")
	require.Eventually(t, func() bool { return len(restaurants(t, r.Addr)) == len(samples)+1 }, time.Minute, 10*time.Millisecond)
	require.Eventually(t, func() bool { return assert.ObjectsAreEqual([]string{"Main"}, without(restaurants(t, r.Addr), samples)) },
		time.Minute, 10*time.Millisecond)
	r.down(t)

	// And a start finds the branch that is there, and touches no other.
	root.git(t, "switch", "--quiet", other)
	fresh := start(t, environment.Options{Root: string(root), Samples: true, Fresh: true})
	assert.Empty(t, restaurants(t, fresh.Addr))
	fresh.down(t)
	root.git(t, "switch", "--quiet", "--detach", "main")
	detached := start(t, environment.Options{Root: string(root), Samples: true})
	assert.Equal(t, []string{"Main"}, without(restaurants(t, detached.Addr), samples), "without a branch, it is the main one's")
	detached.down(t)
}

// A save may find the new branch before the environment looks for one, which must not
// have it miss the way back.
func TestAQuickSwitchIsNotMissed(t *testing.T) {
	t.Parallel()
	root := newCheckout(t)
	root.git(t, "branch", "other")
	r := start(t, environment.Options{Root: string(root)})
	for i := range 4 {
		root.git(t, "switch", "--quiet", "other")
		root.edit(t, statusFile, strings.Repeat("!", i+1)+`"`, strings.Repeat("!", i+2)+`"`)
		r.showsTimes(t, "Branch other: the data is in table FalafelReviews.other.\n", i+1)
		root.git(t, "switch", "--quiet", "main")
		r.showsTimes(t, "Branch main: the data is in table FalafelReviews.\n", i+1)
	}
	r.down(t)
}

func without(names, others []string) (rest []string) {
	known := map[string]bool{}
	for _, name := range others {
		known[name] = true
	}
	for _, name := range names {
		if !known[name] {
			rest = append(rest, name)
		}
	}
	return rest
}

func TestSeedAndResetWorkBesideARunningEnvironmentAndWithoutOne(t *testing.T) {
	t.Parallel()
	root := newCheckout(t)
	out := &screen.Screen{}
	task := environment.TaskOptions{Root: string(root), Out: out}
	require.NoError(t, environment.Seed(t.Context(), task))
	assert.Contains(t, out.String(), "sample reviews are in table FalafelReviews.\n")

	r := start(t, environment.Options{Root: string(root), Samples: true})
	assert.NotContains(t, r.screen.String(), "sample reviews are", "they are there")
	samples := restaurants(t, r.Addr)
	require.NotEmpty(t, samples)

	// While it is reset, clients wait and see nothing half done.
	ctx, stop := context.WithCancel(t.Context())
	asked := make(chan []int, 1)
	go func() {
		var wrong []int
		for ctx.Err() == nil {
			if status, _, err := send(http.DefaultClient, http.MethodGet, "http://"+r.Addr+"/v1/restaurants", ""); err != nil || status != http.StatusOK {
				wrong = append(wrong, status)
			}
		}
		asked <- wrong
	}()
	status, answer, err := send(http.DefaultClient, http.MethodPost, "http://"+r.Addr+"/v1/restaurants/Gone/reviews",
		`{"rating": 4, "visited_at": "2026-11-20T12:30:00Z", "cost": 8}`)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, status, answer)
	require.NoError(t, environment.Reset(t.Context(), task))
	assert.ElementsMatch(t, samples, restaurants(t, r.Addr))
	stop()
	assert.Empty(t, <-asked)

	// One review is deleted, and comes back.
	database := r.endpoint(t)
	reviews, err := store.Open(t.Context(), database.Client(), "FalafelReviews", nil, nil)
	require.NoError(t, err)
	name, err := review.ParseName(samples[0])
	require.NoError(t, err)
	before, _, err := reviews.Restaurant(t.Context(), name)
	require.NoError(t, err)
	_, answer, err = send(http.DefaultClient, http.MethodGet, "http://"+r.Addr+"/v1/restaurants/"+url.PathEscape(samples[0]), "")
	require.NoError(t, err)
	var summary struct {
		Last struct{ ID string } `json:"last_review"`
	}
	require.NoError(t, json.Unmarshal([]byte(answer), &summary), answer)
	status, answer, err = send(http.DefaultClient, http.MethodDelete, "http://"+r.Addr+"/v1/restaurants/"+url.PathEscape(samples[0])+"/reviews/"+summary.Last.ID, "")
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, status, answer)
	require.NoError(t, environment.Seed(t.Context(), task))
	after, _, err := reviews.Restaurant(t.Context(), name)
	require.NoError(t, err)
	assert.Equal(t, before.Reviews, after.Reviews)
	r.down(t)

	// One that was killed leaves word of itself.
	require.NoError(t, os.WriteFile(root.path(".falafel", "running.json"), []byte(`{"socket": "/nowhere/control.sock"}`), 0o600))
	require.NoError(t, environment.Reset(t.Context(), task))
}

func TestATableOfSomebodyElseIsLeftAlone(t *testing.T) {
	t.Parallel()
	server := serveDynamoDB(t, environment.DynamoDBOptions{Addr: "127.0.0.1:0"})
	client := (&dynamodb.Server{Kind: dynamodb.Kind(server.endpoint), Endpoint: server.endpoint}).Client()
	_, err := client.CreateTable(t.Context(), store.Definition("FalafelReviews"))
	require.NoError(t, err)
	task := environment.TaskOptions{DynamoDB: server.endpoint, State: t.TempDir(), Root: t.TempDir(), Out: &screen.Screen{}}
	require.ErrorContains(t, environment.Reset(t.Context(), task), "was not made by this environment, so that it is not deleted")
	require.ErrorContains(t, environment.Seed(t.Context(), task), "was not made by this environment, so that nothing is added to it")

	_, err = client.DeleteTable(t.Context(), &sdk.DeleteTableInput{TableName: aws.String("FalafelReviews")})
	require.NoError(t, err)
	require.NoError(t, environment.Seed(t.Context(), task))
	require.NoError(t, environment.Reset(t.Context(), task), "one that seed made is ours")
	server.down(t)
}
