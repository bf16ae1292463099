package items_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/items"
)

func TestMain(m *testing.M) { dynamodbtest.Main(m) }

// A browser is the handler on a table of its own.
type browser struct {
	http.Handler
	client *dynamodb.Client
	table  string
}

func newBrowser(t *testing.T, db *dynamodbtest.Backend, definition *dynamodb.CreateTableInput) browser {
	t.Helper()
	table := items.New(db.Client, db.Table(t, definition))
	described, err := table.Describe(t.Context())
	require.NoError(t, err)
	return browser{items.Handler(func() (*items.Table, error) { return table, nil }), db.Client, described.Name}
}

func (b browser) ask(method, path, body string) (status int, answer string) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// expect asks, and reads the answer.
func expect[T any](t testing.TB, b browser, status int, method, path, body string) (v T) {
	t.Helper()
	got, answer := b.ask(method, path, body)
	require.Equal(t, status, got, "%s %s %s: %s", method, path, body, answer)
	if answer != "" {
		require.NoError(t, json.Unmarshal([]byte(answer), &v), answer)
	}
	return v
}

type page struct {
	Items     []map[string]map[string]any
	Next      string
	ReadUnits float64 `json:"read_units"`
	TookMS    float64 `json:"took_ms"`
	Call      struct {
		Operation string
		Request   json.RawMessage
	}
}

type problem struct{ Detail string }

func (b browser) fill(t testing.TB, reviews int) (last review.Review) {
	t.Helper()
	into, err := store.Open(t.Context(), b.client, b.table, nil, nil)
	require.NoError(t, err)
	for i := range reviews {
		made, err := review.New("Habibi", review.Content{
			Rating: review.MustDecimal("4"), Cost: review.MustDecimal("8.5"), Currency: "EUR", Visited: "2026-11-20T12:30:00Z",
		}, time.Date(2026, 11, 20, 12, 30, i, 0, time.UTC))
		require.NoError(t, err)
		last, err = into.Create(t.Context(), made, review.Idempotency{})
		require.NoError(t, err)
	}
	_, err = into.CursorKey(t.Context())
	require.NoError(t, err)
	return last
}

func TestEveryAccessPatternCanBeLookedAt(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		b := newBrowser(t, db, store.Definition(""))
		last := b.fill(t, 3)
		const ofRestaurant = `,"restaurant":"Habibi"`
		ofReview := ofRestaurant + `,"id":"` + last.ID.String() + `"`
		for _, pattern := range store.AccessPatterns() {
			about, found := "", 1
			switch {
			case pattern.Index != "":
				total := 0
				for shard := range store.Shards {
					read := expect[page](t, b, 200, "POST", "/api/table/query", fmt.Sprintf(`{"access_pattern":%q,"shard":%d}`, pattern.Name, shard))
					total += len(read.Items)
					assert.Contains(t, string(read.Call.Request), fmt.Sprintf("%s#%d", pattern.Index, shard))
				}
				// An index may lag behind its table.
				assert.LessOrEqual(t, total, 3, pattern.Name)
				continue
			case pattern.Name == "review by id" || pattern.Name == "replace a review":
				about = ofReview
			case pattern.Operation == "Query" && pattern.MaxItems > 2:
				about, found = ofRestaurant, 3
			case pattern.Operation == "Query":
				about, found = ofRestaurant, 4 // the summary, and all behind it, page by page
			case !strings.Contains(pattern.Keys, "CURSOR_KEY"):
				about = ofRestaurant
			}
			read := expect[page](t, b, 200, "POST", "/api/table/query", `{"access_pattern":"`+pattern.Name+`"`+about+`}`)
			assert.Len(t, read.Items, found, pattern.Name)
			assert.Greater(t, read.ReadUnits, 0.0, pattern.Name)
			assert.Equal(t, pattern.ConsistentRead || !strings.HasPrefix(pattern.Operation, "Get") && !strings.HasPrefix(pattern.Operation, "Query") && about != "",
				strings.Contains(string(read.Call.Request), `"ConsistentRead":true`), "%s: %s", pattern.Name, read.Call.Request)
			if pattern.Operation == read.Call.Operation {
				recognised, ok := store.Recognise(read.Call.Operation, read.Call.Request)
				assert.True(t, ok)
				if pattern.Name != "reviews of a restaurant for the earlier service's clients" { // which differs by its limit
					assert.Equal(t, pattern.Name, recognised.Name)
				}
			}
			for _, item := range read.Items {
				assert.NotContains(t, item, "secret")
			}
		}
	})
}

func TestPages(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		b := newBrowser(t, db, store.Definition(""))
		b.fill(t, 5)
		all := func(path, body string, limit int) (sks []string) {
			start := ""
			for pages := 0; ; pages++ {
				require.Less(t, pages, 20)
				read := expect[page](t, b, 200, "POST", path, fmt.Sprintf(`{%s"limit":%d,"start":%q}`, body, limit, start))
				assert.LessOrEqual(t, len(read.Items), limit)
				for _, item := range read.Items {
					sks = append(sks, item["sk"]["S"].(string))
				}
				if start = read.Next; start == "" {
					return sks
				}
			}
		}
		const reviews = `"access_pattern":"reviews of a restaurant, newest first","restaurant":"Habibi",`
		whole := all("/api/table/query", reviews, 100)
		assert.Len(t, whole, 5)
		assert.Equal(t, whole, all("/api/table/query", reviews, 2))
		assert.IsDecreasing(t, whole)
		scanned := all("/api/table/scan", ``, 250)
		assert.Len(t, scanned, 7, "five reviews, their summary, the key that seals cursors")
		assert.ElementsMatch(t, scanned, all("/api/table/scan", ``, 3))
		assert.Len(t, all("/api/table/scan", `"index":"newest",`, 2), 5)
	})
}

// everything is an item of all types, with what other forms of JSON would lose.
const everything = `{
	"pk":{"S":"RESTAURANT#\u2028 \u202e<script>"},"sk":{"S":"SUMMARY"},"n":{"N":"12345678901234567890123456789012345678"},"small":{"N":"-1E-130"},"b":{"B":"AAEC/w=="},
	"empty":{"S":""},"null":{"NULL":true},"no":{"BOOL":false},"ss":{"SS":["b","a"]},"ns":{"NS":["2","1.5"]},"bs":{"BS":["AA==","AQ=="]},
	"l":{"L":[{"S":"x"},{"L":[]},{"M":{}}]},"m":{"M":{"odd name.#:":{"N":"1"}}}}`

func TestAnItemIsWrittenReadAndDeletedAsItIs(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		b := newBrowser(t, db, store.Definition(""))
		at := "/api/table/item?pk=" + url.QueryEscape("RESTAURANT#\u2028 \u202e<script>") + "&sk=SUMMARY"
		type got struct {
			Item map[string]map[string]any
		}
		expect[problem](t, b, 404, "GET", at, "")
		expect[got](t, b, 200, "PUT", "/api/table/item", `{"item":`+everything+`}`)
		_, answer := b.ask("GET", at, "")
		read := expect[struct{ Item json.RawMessage }](t, b, 200, "GET", at, "")
		var want, have map[string]map[string]any
		require.NoError(t, json.Unmarshal([]byte(everything), &want))
		require.NoError(t, json.Unmarshal(read.Item, &have))
		for name, value := range want {
			for kind, content := range value {
				if kind == "SS" || kind == "NS" || kind == "BS" {
					assert.ElementsMatch(t, content, have[name][kind], name)
				} else if name != "small" { // 1E-130 may come back with all its zeros
					assert.Equal(t, value, have[name], name)
				}
			}
		}
		assert.Len(t, have, len(want), answer)

		// Whoever saw the item may change it, and nobody else.
		assert.Contains(t, expect[problem](t, b, 409, "PUT", "/api/table/item", `{"item":`+everything+`}`).Detail, "there is an item with this key already")
		changed := strings.Replace(string(read.Item), `"empty":{"S":""}`, `"empty":{"S":"no more"}`, 1)
		require.NotEqual(t, string(read.Item), changed)
		expect[got](t, b, 200, "PUT", "/api/table/item", `{"item":`+changed+`,"was":`+string(read.Item)+`}`)
		const stale = "the item has changed since it was read: read it again, and change that"
		assert.Equal(t, stale, expect[problem](t, b, 409, "PUT", "/api/table/item", `{"item":`+changed+`,"was":`+string(read.Item)+`}`).Detail)
		assert.Equal(t, stale, expect[problem](t, b, 409, "DELETE", at, `{"was":`+string(read.Item)+`}`).Detail)

		// One that has an attribute more is another, too.
		_, err := b.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: &b.table, Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "RESTAURANT#\u2028 \u202e<script>"}, "sk": &types.AttributeValueMemberS{Value: "SUMMARY"}},
			UpdateExpression: aws.String("SET more = :more"), ExpressionAttributeValues: map[string]types.AttributeValue{":more": &types.AttributeValueMemberN{Value: "1"}},
		})
		require.NoError(t, err)
		assert.Equal(t, stale, expect[problem](t, b, 409, "DELETE", at, `{"was":`+changed+`}`).Detail)
		now := expect[struct{ Item json.RawMessage }](t, b, 200, "GET", at, "")
		expect[any](t, b, 204, "DELETE", at, `{"was":`+string(now.Item)+`}`)
		expect[problem](t, b, 404, "GET", at, "")
		assert.Equal(t, stale, expect[problem](t, b, 409, "DELETE", at, `{"was":`+string(now.Item)+`}`).Detail, "it is gone")
	})
}

func TestTheSecretOfTheServiceStaysOne(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		b := newBrowser(t, db, store.Definition(""))
		b.fill(t, 0)
		const at = "/api/table/item?pk=CURSOR_KEY&sk=CURSOR_KEY"
		const key = `{"pk":{"S":"CURSOR_KEY"},"sk":{"S":"CURSOR_KEY"}`
		read := expect[struct{ Item json.RawMessage }](t, b, 200, "GET", at, "")
		assert.JSONEq(t, key+`}`, string(read.Item))
		_, scanned := b.ask("POST", "/api/table/scan", `{}`)
		assert.NotContains(t, scanned, "secret")
		for _, body := range []string{`{"item":` + key + `}}`, `{"item":` + key + `,"secret":{"B":"AAAA"}},"was":` + key + `}}`, `{"item":{"pk":{"S":"x"},"sk":{"S":"y"}},"was":` + key + `}}`} {
			assert.Contains(t, expect[problem](t, b, 403, "PUT", "/api/table/item", body).Detail, "a secret of the service")
		}
		expect[problem](t, b, 403, "DELETE", at, `{"was":`+key+`}}`)
	})
}

func TestWhatCannotBeIsRefusedInOneSentence(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		b := newBrowser(t, db, store.Definition(""))
		const query, scan, item = "POST /api/table/query", "POST /api/table/scan", "PUT /api/table/item"
		for _, test := range []struct {
			request, body string
			status        int
			says          string
		}{
			{query, `{"access_pattern":"all"}`, 422, `there is no access pattern "all": docs/access-patterns.md has them`},
			{query, `{"access_pattern":"review by id"}`, 422, `"review by id" is about one restaurant: name it`},
			{query, `{"access_pattern":"review by id","restaurant":"Habibi"}`, 422, `"review by id" is about one review: give its id`},
			{query, `{"access_pattern":"review by id","restaurant":"Habibi","id":"7"}`, 422, `the id of a review is a UUID such as 01a20ab6-4816-7686-8989-9289278a4a47, and not "7"`},
			{query, `{"access_pattern":"restaurants by name","shard":4}`, 422, `the shards of an index are 0 to 3, and not 4`},
			{query, `{"access_pattern":"restaurants by name","shard":-1}`, 422, `the shards of an index are 0 to 3, and not -1`},
			{query, `{"access_pattern":"restaurants by name","limit":251}`, 422, `a page has 1 to 250 items, and not 251`},
			{query, `{"access_pattern":"restaurants by name","limit":-1}`, 422, `a page has 1 to 250 items, and not -1`},
			{query, `{"access_pattern":"restaurants by name","start":"~"}`, 422, `start is the next of the page before, and not something else`},
			{query, `{"access_pattern":"restaurants by name","start":"e30"}`, 422, `start is the next of the page before, and not something else`},
			{query, `{"access_pattern":"restaurant with its newest review","restaurant":"` + strings.Repeat("x", 201) + `"}`, 422, `200 characters`},
			{query, `{"pattern":"x"}`, 400, `the body is not understood: /pattern is not known here`},
			{query, `{"access_pattern":"key that seals cursors, and readiness","start":"` + base64.RawURLEncoding.EncodeToString([]byte(`{"pk":{"S":"x"}}`)) + `"}`, 422, `one item has no next page`},
			{scan, `{"index":"nowhere"}`, 422, ``}, // DynamoDB's own words
			{scan, `{"limit":1000}`, 422, `a page has 1 to 250 items, and not 1000`},
			{"GET /api/table/item?pk=x", ``, 422, `the table's key is pk and sk: give all of it`},
			{item, `{"item":{"pk":{"S":"x"}}}`, 422, ``},
			{item, `{"item":[]}`, 422, `the item is not understood: it is no JSON object of attributes`},
			{item, `{}`, 422, `the item is not understood: it is no JSON object of attributes`},
			{item, `{"item":{"pk":{"S":"x"},"sk":{"S":"y"},"a":{"X":"z"}}}`, 422, `a is of no type that DynamoDB has, such as`},
			{item, `{"item":{"pk":{"S":"x"},"sk":{"S":"y"},"a":{"S":"z","N":"1"}}}`, 422, `a is of no type that DynamoDB has, such as`},
			{item, `{"item":{"pk":{"S":"x"},"sk":{"S":"y"},"a":{"N":1}}}`, 422, `is of no type that DynamoDB has, such as`},
			{item, `{"item":{"pk":{"S":"x"},"sk":{"S":"y"},"a":{"L":[{"M":{"deep":{"S":"z","q":1}}}]}}}`, 422, `is of no type that DynamoDB has, such as`},
			{item, `{"item":{"pk":{"S":"x"},"sk":{"S":"y"},"a":null}}`, 422, `is of no type that DynamoDB has, such as`},
			{item, `{"item":{"pk":{"S":"x"},"sk":{"S":"y"},"a":{"L":[null]}}}`, 422, ``},
			{item, `{"item":{"pk":{"S":"x"},"sk":{"S":"y"},"a":"z"}}`, 422, `of no type that DynamoDB has, such as`},
			{item, `{"item":{"pk":{"S":"x"},"sk":{"S":"y"},"a":{"N":"many"}}}`, 422, `DynamoDB refuses: ValidationException: `},
			{item, `{"item":{"pk":{"S":"x"},"sk":{"S":"y"}},"was":{"pk":{"S":"x"}}}`, 422, `was has no sk, which is of the table's key`},
			{item, `{"item":{"pk":{"S":"x"},"sk":{"S":"y"}},"was":7}`, 422, `was is not understood: it is no JSON object of attributes`},
			{"DELETE /api/table/item?pk=x&sk=y", `{}`, 422, `was is not understood: it is no JSON object of attributes`},
		} {
			method, path, _ := strings.Cut(test.request, " ")
			got := expect[problem](t, b, test.status, method, path, test.body)
			assert.Contains(t, got.Detail, test.says, "%s %s", test.request, test.body)
			assert.NotEmpty(t, got.Detail)
		}

		// Keys cannot be moved.
		one, other := `{"pk":{"S":"x"},"sk":{"S":"y"}}`, `{"pk":{"S":"x"},"sk":{"S":"z"}}`
		expect[any](t, b, 200, "PUT", "/api/table/item", `{"item":`+one+`}`)
		assert.Equal(t, "the key of an item cannot change (sk): make a new item, and delete this one",
			expect[problem](t, b, 422, "PUT", "/api/table/item", `{"item":`+other+`,"was":`+one+`}`).Detail)
		assert.Equal(t, "was is another item than the one to delete", expect[problem](t, b, 422, "DELETE", "/api/table/item?pk=x&sk=z", `{"was":`+one+`}`).Detail)
	})
}

func TestTheDescription(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		b := newBrowser(t, db, store.Definition(""))
		got := expect[items.Description](t, b, 200, "GET", "/api/table", "")
		assert.Equal(t, b.table, got.Name)
		assert.Equal(t, []items.Key{{Name: "pk", Type: "S", Kind: "HASH"}, {Name: "sk", Type: "S", Kind: "RANGE"}}, got.Keys)
		require.Len(t, got.Indexes, 3)
		assert.Equal(t, "names", got.Indexes[0].Name)
		assert.Equal(t, []items.Key{{Name: "names_pk", Type: "S", Kind: "HASH"}, {Name: "names_sk", Type: "S", Kind: "RANGE"}}, got.Indexes[0].Keys)
		assert.Equal(t, "ALL", got.Indexes[0].Projection)
	})
}

// A table that somebody edits may have other keys.
func TestATableOfOtherKeys(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		b := newBrowser(t, db, &dynamodb.CreateTableInput{
			BillingMode:          types.BillingModePayPerRequest,
			AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("number"), AttributeType: types.ScalarAttributeTypeN}},
			KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("number"), KeyType: types.KeyTypeHash}},
		})
		expect[any](t, b, 200, "PUT", "/api/table/item", `{"item":{"number":{"N":"7"}}}`)
		expect[problem](t, b, 409, "PUT", "/api/table/item", `{"item":{"number":{"N":"7"}}}`)
		read := expect[struct{ Item json.RawMessage }](t, b, 200, "GET", "/api/table/item?pk=7", "")
		assert.JSONEq(t, `{"number":{"N":"7"}}`, string(read.Item))
		assert.Equal(t, "the table's key is number alone", expect[problem](t, b, 422, "GET", "/api/table/item?pk=7&sk=x", "").Detail)
		expect[any](t, b, 204, "DELETE", "/api/table/item?pk=7", `{"was":{"number":{"N":"7"}}}`)
	})
}

func TestWithoutATableThereIsASentence(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		b := browser{Handler: items.Handler(func() (*items.Table, error) { return items.New(db.Client, "nowhere-at-all"), nil })}
		for _, request := range []string{"GET /api/table", "POST /api/table/scan", "GET /api/table/item?pk=x&sk=y"} {
			method, path, _ := strings.Cut(request, " ")
			assert.Contains(t, expect[problem](t, b, 404, method, path, "{}").Detail, `there is no table "nowhere-at-all"`)
		}
		b.Handler = items.Handler(func() (*items.Table, error) { return nil, fmt.Errorf("the environment is still starting") })
		assert.Equal(t, "the environment is still starting", expect[problem](t, b, 503, "GET", "/api/table", "").Detail)
		nobody := dynamodb.New(db.Client.Options(), func(o *dynamodb.Options) {
			o.BaseEndpoint, o.Retryer = aws.String("http://127.0.0.1:1"), aws.NopRetryer{}
		})
		b.Handler = items.Handler(func() (*items.Table, error) { return items.New(nobody, "x"), nil })
		assert.Equal(t, "DynamoDB does not answer: is it running?", expect[problem](t, b, 502, "GET", "/api/table", "").Detail)
	})
}
