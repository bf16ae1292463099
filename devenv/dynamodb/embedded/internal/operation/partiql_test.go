package operation_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/operation"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// A music is a service with songs of three artists in it, three of each, and an empty
// table.
type music struct {
	*testing.T
	service *operation.Service
}

func newMusic(t *testing.T) *music {
	t.Helper()
	db, err := storage.Open("", storage.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	m := &music{T: t, service: operation.New(db, nil)}
	for _, d := range []*table.Definition{
		{
			Name: "music", ID: "1", Region: "eu-central-1", Created: time.Now(), BillingMode: "PAY_PER_REQUEST",
			Attributes: []table.Attribute{{Name: "artist", Type: "S"}, {Name: "song", Type: "N"}, {Name: "genre", Type: "S"}},
			Key:        table.Key{Partition: "artist", Sort: "song"},
			Global: []table.Index{{
				Name: "genres", Global: true, Projection: "KEYS_ONLY",
				Key: table.Key{Partition: "genre", Sort: "song"},
			}},
		},
		{
			Name: "plain", ID: "2", Region: "eu-central-1", Created: time.Now(), BillingMode: "PAY_PER_REQUEST",
			Attributes: []table.Attribute{{Name: "id", Type: "S"}},
			Key:        table.Key{Partition: "id"},
		},
	} {
		require.NoError(t, db.Update(func(tx *storage.Tx) error { return tx.CreateTable(d) }))
	}
	for _, artist := range []string{"a", "b", "c"} {
		for song := range 3 {
			m.statement(fmt.Sprintf("INSERT INTO music VALUE {'artist':'%s','song':%d,'genre':'g%d','m':{'l':['x',%d]}}", artist, song, song%2, song))
		}
	}
	return m
}

func (m *music) perform(target string, body any) (string, error) {
	m.Helper()
	text, ok := body.(string)
	if !ok {
		encoded, err := json.Marshal(body)
		require.NoError(m, err)
		text = string(encoded)
	}
	out, err := m.service.Perform(&operation.Call{Context: m.Context(), Region: "eu-central-1"}, "DynamoDB_20120810."+target, []byte(text))
	return string(out), err
}

func (m *music) must(target string, body any) string {
	m.Helper()
	out, err := m.perform(target, body)
	require.NoError(m, err, body)
	return out
}

// object is JSON.
type object = map[string]any

// statement performs a statement that must not fail. members are names and values.
func (m *music) statement(text string, members ...any) string {
	m.Helper()
	return m.must("ExecuteStatement", request(text, members...))
}

func request(text string, members ...any) object {
	o := object{"Statement": text}
	for i := 0; i < len(members); i += 2 {
		o[members[i].(string)] = members[i+1]
	}
	return o
}

// fails performs a statement that must fail, and returns exception and message.
func (m *music) fails(text string, members ...any) string {
	m.Helper()
	_, err := m.perform("ExecuteStatement", request(text, members...))
	require.Error(m, err, text)
	return exception.Of(err).Error()
}

// songs returns artist and song of what a statement selects.
func (m *music) songs(text string, members ...any) string {
	m.Helper()
	var out struct {
		Items []struct{ Artist, Song map[string]string }
	}
	require.NoError(m, json.Unmarshal([]byte(m.statement(text, members...)), &out))
	names := make([]string, len(out.Items))
	for i, item := range out.Items {
		names[i] = item.Artist["S"] + item.Song["N"]
	}
	return strings.Join(names, " ")
}

func TestSelectReadsByKeyWhereItCan(t *testing.T) {
	t.Parallel()
	m := newMusic(t)
	for where, want := range map[string]string{
		"artist = 'b'":                                   "b0 b1 b2",
		"'b' = artist AND song = 1":                      "b1",
		"artist = 'b' ORDER BY song DESC":                "b2 b1 b0",
		"artist IN ['c', 'a', 'c'] AND song >= 1":        "a1 a2 c1 c2",
		"artist = 'c' OR artist = 'a'":                   "a0 a1 a2 c0 c1 c2",
		"artist IN ('a', 'b') ORDER BY artist DESC":      "b0 b1 b2 a0 a1 a2",
		"artist = 'a' AND song BETWEEN 1 AND 5":          "a1 a2",
		"artist = 'a' AND song > 0 AND song < 2":         "a1",
		"artist = 'a' AND (song = 0 OR song = 2)":        "a0 a2",
		"artist = 'a' AND artist = 'b'":                  "",
		"artist = 'a' AND NOT song = 1":                  "a0 a2",
		"artist = 'a' AND m.l[1] = 2":                    "a2",
		"artist = 'a' AND m IS STRUCT AND genre = 'g1'":  "a1",
		"artist = 'a' AND absent IS MISSING AND song<>1": "a0 a2",
		"artist = 'a' AND begins_with(genre, 'g0')":      "a0 a2",
	} {
		assert.Equal(t, want, m.songs("SELECT * FROM music WHERE "+where), where)
	}
	assert.Equal(t, "b1", m.songs("SELECT * FROM music WHERE artist = ? AND song = ?",
		"Parameters", []object{{"S": "b"}, {"N": "1"}}))
	assert.Len(t, strings.Fields(m.songs("SELECT * FROM music WHERE song = 1")), 3, "a scan")
	assert.Len(t, strings.Fields(m.songs("SELECT * FROM music.genres WHERE genre = 'g1'")), 3)
}

func TestSelectNamesWhatIsNestedAfterItsEnd(t *testing.T) {
	t.Parallel()
	m := newMusic(t)
	assert.Equal(t, `{"Items":[{"artist":{"S":"a"},"l[1]":{"N":"1"}}]}`,
		m.statement("SELECT m.l[1], artist, m.none FROM music WHERE artist = 'a' AND song = 1"))
}

func TestSelectIsPaged(t *testing.T) {
	t.Parallel()
	m := newMusic(t)
	for _, text := range []string{
		"SELECT * FROM music",
		"SELECT * FROM music WHERE artist IN ['a', 'b', 'c']",
		"SELECT * FROM music WHERE artist IN ['a', 'b', 'c'] ORDER BY song DESC",
		"SELECT * FROM music.genres",
	} {
		all := m.songs(text)
		members := []any{"Limit", 2}
		var pages []string
		for {
			if page := m.songs(text, members...); page != "" {
				pages = append(pages, page)
			}
			var out struct{ NextToken string }
			require.NoError(t, json.Unmarshal([]byte(m.statement(text, members...)), &out))
			if out.NextToken == "" {
				break
			}
			members = []any{"Limit", 2, "NextToken", out.NextToken}
		}
		assert.Equal(t, all, strings.Join(pages, " "), text)
		assert.Len(t, strings.Fields(all), 9)
	}
	assert.Equal(t, "ValidationException: Invalid NextToken", m.fails("SELECT * FROM music", "NextToken", "x"))
}

func TestStatementsSayWhatTheyConsume(t *testing.T) {
	t.Parallel()
	m := newMusic(t)
	for text, want := range map[string]string{
		"SELECT * FROM music WHERE artist = 'a'":               `{"TableName":"music","CapacityUnits":0.5}`,
		"SELECT * FROM music WHERE artist IN ['a', 'b']":       `{"TableName":"music","CapacityUnits":1}`,
		"INSERT INTO plain VALUE {'id':'x'}":                   `{"TableName":"plain","CapacityUnits":1}`,
		"INSERT INTO music VALUE {'artist':'x','song':1}":      `{"TableName":"music","CapacityUnits":1}`,
		"DELETE FROM music WHERE artist = 'a' AND song = 0":    `{"TableName":"music","CapacityUnits":2}`,
		"UPDATE music SET y = 1 WHERE artist='b' AND song = 0": `{"TableName":"music","CapacityUnits":1}`,
	} {
		assert.Contains(t, m.statement(text, "ReturnConsumedCapacity", "TOTAL"), `"ConsumedCapacity":`+want, text)
	}
}

func TestWritesDoWhatTheySay(t *testing.T) {
	t.Parallel()
	m := newMusic(t)
	for _, step := range []struct{ text, want string }{
		{"INSERT INTO plain VALUE {'id':'x','n':1,'l':[1]}", `{"Items":[]}`},
		{"UPDATE plain SET n = n + 1 WHERE id = 'x'", `{"Items":[]}`},
		{"UPDATE plain SET n = n - 5 WHERE id = 'x' RETURNING MODIFIED NEW *", `{"Items":[{"n":{"N":"-3"}}]}`},
		{"UPDATE plain SET l = list_append(l, ['y']) SET n = 0 WHERE id = 'x' AND n = -3 RETURNING MODIFIED OLD *", `{"Items":[{"l":{"L":[{"N":"1"}]},"n":{"N":"-3"}}]}`},
		{"UPDATE plain SET s = set_add(s, <<'a', 'b'>>) REMOVE l WHERE id = 'x' RETURNING ALL NEW *", `{"Items":[{"id":{"S":"x"},"n":{"N":"0"},"s":{"SS":["a","b"]}}]}`},
		{"UPDATE plain SET s = set_delete(s, <<'a'>>) WHERE id = 'x' AND size(s) = 2 RETURNING MODIFIED NEW *", `{"Items":[{"s":{"SS":["b"]}}]}`},
		{"UPDATE plain SET o = if_not_exists(o, 7) WHERE id = 'x' RETURNING ALL OLD *", `{"Items":[{"id":{"S":"x"},"n":{"N":"0"},"s":{"SS":["b"]}}]}`},
		{"DELETE FROM plain WHERE id = 'x' AND o = 7 RETURNING ALL OLD *", `{"Items":[{"id":{"S":"x"},"n":{"N":"0"},"o":{"N":"7"},"s":{"SS":["b"]}}]}`},
		{"DELETE FROM plain WHERE id = 'x' AND o = 7 RETURNING ALL OLD *", `{"Items":[]}`},
	} {
		assert.Equal(t, step.want, m.statement(step.text), step.text)
	}
}

func TestStatementsFailInDynamoDBsWords(t *testing.T) {
	t.Parallel()
	m := newMusic(t)
	const equality = "ValidationException: Where clause does not contain a mandatory equality on all key attributes"
	const empty = "ValidationException: One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id"
	for text, want := range map[string]string{
		"SELECT * FROM absent":                                         "ResourceNotFoundException: Requested resource not found",
		"SELECT * FROM music.absent":                                   "ValidationException: The table does not have the specified index: absent",
		"SELECT * FROM music WHERE artist = 1":                         "ValidationException: Key attribute's data type should match its data type in table's schema: Key artist",
		"SELECT * FROM music WHERE artist = 'a' AND song = 'x'":        "ValidationException: Key attribute's data type should match its data type in table's schema: Key song",
		"SELECT * FROM music WHERE song > 'x'":                         "ValidationException: One or more parameter values were invalid: Condition parameter type does not match schema type",
		"SELECT * FROM plain WHERE id = ''":                            empty,
		"SELECT * FROM plain WHERE id[0] = 'x'":                        "ValidationException: Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: id",
		"SELECT * FROM music WHERE artist = 'a' ORDER BY m":            "ValidationException: Variable reference m in ORDER BY clause must be part of the primary key",
		"SELECT * FROM music WHERE song = 1 ORDER BY song":             "ValidationException: Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.",
		"SELECT m FROM music.genres WHERE genre = 'g1'":                "ValidationException: One or more parameter values were invalid: Global secondary index genres does not project [m]",
		"SELECT * FROM music WHERE m = m":                              "ValidationException: The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [m]",
		"SELECT * FROM music WHERE m < true":                           "ValidationException: Incorrect operand type for operator or function; operator or function: <, operand type: BOOL",
		"SELECT * FROM music WHERE artist = ?":                         "ValidationException: Number of parameters in request and statement don't match.",
		"EXISTS(SELECT * FROM plain WHERE id = 'x' AND n = 1)":         "ValidationException: EXISTS can only be used in ExecuteTransaction write requests.",
		"INSERT INTO music VALUE {'artist':'a','song':1}":              "DuplicateItemException: Duplicate primary key exists in table",
		"INSERT INTO music VALUE {'artist':'a'}":                       "ValidationException: Key attribute should be present in the item: Key song",
		"INSERT INTO plain VALUE {'id':1}":                             "ValidationException: Key attribute's data type should match its data type in table's schema: Key id",
		"INSERT INTO plain VALUE {'id':''}":                            empty,
		"UPDATE plain SET n = 1 WHERE id = 'none'":                     "ConditionalCheckFailedException: The conditional request failed",
		"UPDATE music SET n = 1 WHERE artist = 'a' AND song=1 AND n=2": "ConditionalCheckFailedException: The conditional request failed",
		"UPDATE music SET n = 1 WHERE artist = 'a'":                    equality,
		"UPDATE music SET n = 1":                                       equality,
		"UPDATE plain SET n = 1 WHERE id = 'x' OR id = 'y'":            equality,
		"UPDATE plain SET n = 1 WHERE id = 'x' AND id = 'y'":           "ValidationException: Multiple conditions on same key id. Only single item Update/Insert/Delete are supported",
		"UPDATE plain SET n = 1 WHERE id = null":                       "ValidationException: Key value must be of type S, N, or B. Key name: id, Key type: NULL",
		"UPDATE plain SET id = 'y' WHERE id = 'x'":                     "ValidationException: One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key",
		"UPDATE plain SET n = 1, n = 2 WHERE id = 'x'":                 "ValidationException: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [n], path two: [n]",
		"UPDATE music SET n = none + 1 WHERE artist='a' AND song = 1":  "ValidationException: The provided expression refers to an attribute that does not exist in the item",
		"DELETE FROM plain WHERE n = 1":                                equality,
		"DELETE FROM music WHERE artist='a' AND song = 1 AND n = 1":    "ConditionalCheckFailedException: The conditional request failed",
	} {
		assert.Equal(t, want, m.fails(text), text)
	}
	assert.Equal(t, "ValidationException: Consistent reads are not supported on global secondary indexes",
		m.fails("SELECT * FROM music.genres WHERE genre = 'g1'", "ConsistentRead", true))
	assert.Contains(t, m.fails("", "Limit", 0), "ValidationException: 2 validation errors detected: ")
}

func TestABatchFailsPieceByPiece(t *testing.T) {
	t.Parallel()
	m := newMusic(t)
	batch := func(requests ...object) string {
		return m.must("BatchExecuteStatement", object{"Statements": requests, "ReturnConsumedCapacity": "TOTAL"})
	}
	assert.Equal(t, `{"Responses":[{"TableName":"plain"},`+
		`{"Error":{"Code":"DuplicateItem","Message":"Duplicate primary key exists in table"},"TableName":"music"},`+
		`{"Error":{"Code":"ValidationError","Message":"Where clause does not contain a mandatory equality on all key attributes"}},`+
		`{"Error":{"Code":"ResourceNotFound","Message":"Requested resource not found"}},`+
		`{"Error":{"Code":"ConditionalCheckFailed","Message":"The conditional request failed","Item":{"artist":{"S":"a"},"genre":{"S":"g0"},"m":{"M":{"l":{"L":[{"S":"x"},{"N":"0"}]}}},"song":{"N":"0"}}},"TableName":"music"}],`+
		`"ConsumedCapacity":[{"TableName":"plain","CapacityUnits":1}]}`,
		batch(
			request("INSERT INTO plain VALUE {'id':?}", "Parameters", []object{{"S": "x"}}),
			request("INSERT INTO music VALUE {'artist':'a','song':1}"),
			request("DELETE FROM music WHERE artist = 'a'"),
			request("DELETE FROM absent WHERE id = 'a'"),
			request("DELETE FROM music WHERE artist = 'a' AND song = 0 AND n = 1", "ReturnValuesOnConditionCheckFailure", "ALL_OLD"),
		))
	assert.Equal(t, `{"Responses":[{"TableName":"plain","Item":{"id":{"S":"x"}}},{"TableName":"plain"},`+
		`{"Error":{"Code":"ValidationError","Message":"Only single item select is supported"}}],`+
		`"ConsumedCapacity":[{"TableName":"plain","CapacityUnits":1}]}`,
		batch(request("SELECT * FROM plain WHERE id = 'x'"), request("SELECT * FROM plain WHERE id = 'y'"), request("SELECT * FROM plain WHERE n = 1")))
	for _, c := range []struct {
		want     string
		requests []object
	}{
		{
			"Read and write requests together in the same batch is not supported.",
			[]object{request("SELECT * FROM plain WHERE id = 'x'"), request("DELETE FROM plain WHERE id = 'y'")},
		},
		{
			"Provided list of item keys contains duplicates",
			[]object{request("SELECT * FROM plain WHERE id = 'x'"), request("SELECT id FROM plain WHERE id = 'x'")},
		},
	} {
		_, err := m.perform("BatchExecuteStatement", object{"Statements": c.requests})
		require.Error(t, err)
		assert.Equal(t, c.want, exception.Of(err).Message)
	}
}

func TestATransactionHappensAsAWhole(t *testing.T) {
	t.Parallel()
	m := newMusic(t)
	transact := func(texts ...string) (string, error) {
		requests := make([]object, len(texts))
		for i, text := range texts {
			requests[i] = request(text)
		}
		return m.perform("ExecuteTransaction", object{"TransactStatements": requests})
	}
	out, err := transact("INSERT INTO plain VALUE {'id':'x'}", "EXISTS(SELECT * FROM music WHERE artist='a' AND song=1 AND genre='g1')",
		"UPDATE music SET n = 1 WHERE artist='a' AND song=2", "DELETE FROM plain WHERE id = 'none'")
	require.NoError(t, err)
	assert.Equal(t, `{"Responses":[]}`, out)
	out, err = transact("SELECT * FROM plain WHERE id='x'", "SELECT m.l[1] FROM music WHERE artist='a' AND song=2", "SELECT * FROM plain WHERE id='none'")
	require.NoError(t, err)
	assert.Equal(t, `{"Responses":[{"Item":{"id":{"S":"x"}}},{"Item":{"m":{"M":{"l":{"L":[{"N":"2"}]}}}}},{}]}`, out)

	const cancelled = "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons "
	for _, c := range []struct {
		want  string
		texts []string
	}{
		{cancelled + "[None, DuplicateItem]", []string{"INSERT INTO plain VALUE {'id':'y'}", "INSERT INTO plain VALUE {'id':'x'}"}},
		{cancelled + "[ConditionalCheckFailed, None]", []string{
			"EXISTS(SELECT * FROM plain WHERE id='x' AND n=1)", "INSERT INTO plain VALUE {'id':'y'}",
		}},
		{cancelled + "[ValidationError]", []string{"INSERT INTO plain VALUE {'id':1}"}},
		{cancelled + "[ValidationError]", []string{"SELECT * FROM plain WHERE id=1"}},
		{"ResourceNotFoundException: Requested resource not found", []string{"DELETE FROM absent WHERE id='y'"}},
		{"ValidationException: Transaction request cannot include multiple operations on one item", []string{
			"UPDATE plain SET n=1 WHERE id='x'", "DELETE FROM plain WHERE id='x'",
		}},
		{"ValidationException: ExecuteTransaction API does not support both read and write operations in the same request.", []string{
			"SELECT * FROM plain WHERE id='x'", "DELETE FROM plain WHERE id='x'",
		}},
		{"ValidationException: Validation failed in TransactStatements[0]: RETURNING clause is not supported in ExecuteTransaction.", []string{
			"DELETE FROM plain WHERE id='x' RETURNING ALL OLD *",
		}},
		{"ValidationException: Validation failed in TransactStatements[1]: EXISTS() must contain a single item read with additional condition", []string{
			"DELETE FROM plain WHERE id='x'", "EXISTS(SELECT * FROM plain WHERE id='y')",
		}},
		{"ValidationException: Validation failed in TransactStatements[0]: Select statements within ExecuteTransaction must specify the primary key in the where clause.", []string{
			"SELECT * FROM plain",
		}},
		{"ValidationException: Validation failed in TransactStatements[0]: Reads on indices are not supported within transactions.", []string{
			"SELECT * FROM music.genres WHERE genre='g1'",
		}},
		{"ValidationException: Unsupported operation in transaction.", []string{"foo(1)"}},
	} {
		_, err := transact(c.texts...)
		require.Error(t, err, c.texts)
		assert.Equal(t, c.want, exception.Of(err).Error(), c.texts)
	}
	assert.Equal(t, `{"Items":[{"id":{"S":"x"}}]}`, m.statement("SELECT * FROM plain"))
}

func TestARepeatedTransactionIsDoneOnce(t *testing.T) {
	t.Parallel()
	m := newMusic(t)
	body := object{"ClientRequestToken": "once", "TransactStatements": []object{request("INSERT INTO plain VALUE {'id':'x'}")}}
	m.must("ExecuteTransaction", body)
	m.must("ExecuteTransaction", body)
	body["TransactStatements"] = []object{request("INSERT INTO plain VALUE {'id':'y'}")}
	_, err := m.perform("ExecuteTransaction", body)
	require.Error(t, err)
	assert.Equal(t, "IdempotentParameterMismatchException", exception.Of(err).Name)
}
