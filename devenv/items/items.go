// Package items looks into a table, and changes what is in it, for the console's table
// browser: by the service's access patterns and by scan, a page at a time. An item is
// DynamoDB's own JSON on the way out and on the way in, so that nothing is lost on the way:
// numbers of 38 digits, binary, sets.
//
// It works on any DynamoDB. Read [Table] first; [Handler] is the same over HTTP.
package items

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/pretendfriend/falafel-api/api/store"
)

// Table is one that is looked into. Its methods' errors are one sentence for a person, as
// far as they are of this package: an [*Error].
type Table struct {
	client *dynamodb.Client
	name   string
}

// New looks into the table of that name by way of the client.
func New(client *dynamodb.Client, name string) *Table { return &Table{client: client, name: name} }

// item is one as the SDK has it.
type item = map[string]types.AttributeValue

// The bounds of a page. DynamoDB ends one at 1 MB as well.
const (
	defaultPage = 25
	maxPage     = 250
)

// Page is what one call read.
type Page struct {
	Items     []jsontext.Value `json:"items"`          // DynamoDB's JSON
	Next      string           `json:"next,omitempty"` // where the next page begins; "" is none
	ReadUnits float64          `json:"read_units"`
	TookMS    float64          `json:"took_ms"`
	Call      *Call            `json:"call"`
}

// Call is a call as it was made.
type Call struct {
	Operation string         `json:"operation"`
	Request   jsontext.Value `json:"request"` // DynamoDB's JSON
}

// Query reads as the service does by one of its access patterns, from the start, which is
// "", or from the Next of a page before. A limit of 0 is a default.
func (t *Table) Query(ctx context.Context, pattern string, about store.Asked, limit int, start string) (*Page, error) {
	i := slices.IndexFunc(store.AccessPatterns(), func(p store.AccessPattern) bool { return p.Name == pattern })
	if i < 0 {
		return nil, refused("there is no access pattern %q: docs/access-patterns.md has them", pattern)
	}
	size, err := sizeOf(limit)
	if err != nil {
		return nil, err
	}
	from, err := readStart(start)
	if err != nil {
		return nil, err
	}
	ask, err := store.AccessPatterns()[i].Ask(t.name, about)
	if err != nil {
		return nil, refused("%s", err)
	}
	switch ask := ask.(type) {
	case *dynamodb.GetItemInput:
		if from != nil {
			return nil, refused("one item has no next page")
		}
		ask.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
		return t.page(ctx, func(ctx context.Context, record func(*dynamodb.Options)) (read, error) {
			out, err := t.client.GetItem(ctx, ask, record)
			if err != nil {
				return read{}, err
			}
			found := read{consumed: out.ConsumedCapacity}
			if out.Item != nil {
				found.items = []item{out.Item}
			}
			return found, nil
		})
	case *dynamodb.QueryInput:
		ask.ReturnConsumedCapacity, ask.ExclusiveStartKey, ask.Limit = types.ReturnConsumedCapacityTotal, from, &size
		return t.page(ctx, func(ctx context.Context, record func(*dynamodb.Options)) (read, error) {
			out, err := t.client.Query(ctx, ask, record)
			if err != nil {
				return read{}, err
			}
			return read{out.Items, out.LastEvaluatedKey, out.ConsumedCapacity}, nil
		})
	default:
		return nil, fmt.Errorf("%q asks by %T", pattern, ask)
	}
}

// Scan reads the table, or an index, in the order in which it lies there.
func (t *Table) Scan(ctx context.Context, index string, limit int, start string) (*Page, error) {
	size, err := sizeOf(limit)
	if err != nil {
		return nil, err
	}
	from, err := readStart(start)
	if err != nil {
		return nil, err
	}
	input := &dynamodb.ScanInput{
		TableName: &t.name, Limit: &size, ExclusiveStartKey: from, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		ConsistentRead: aws.Bool(index == ""), // no global index can
	}
	if index != "" {
		input.IndexName = &index
	}
	return t.page(ctx, func(ctx context.Context, record func(*dynamodb.Options)) (read, error) {
		out, err := t.client.Scan(ctx, input, record)
		if err != nil {
			return read{}, err
		}
		return read{out.Items, out.LastEvaluatedKey, out.ConsumedCapacity}, nil
	})
}

// read is what a call answered.
type read struct {
	items    []item
	next     item
	consumed *types.ConsumedCapacity
}

func (t *Table) page(ctx context.Context, call func(context.Context, func(*dynamodb.Options)) (read, error)) (*Page, error) {
	var made Call
	began := time.Now()
	found, err := call(ctx, made.record)
	if err != nil {
		return nil, t.failure(err)
	}
	page := &Page{Items: make([]jsontext.Value, len(found.items)), TookMS: float64(time.Since(began).Microseconds()) / 1000, Call: &made}
	if found.consumed != nil {
		page.ReadUnits = aws.ToFloat64(found.consumed.CapacityUnits)
	}
	for i, stored := range found.items {
		if page.Items[i], err = encode(stored); err != nil {
			return nil, err
		}
	}
	if found.next != nil {
		content, err := attributevalue.MarshalMapJSON(found.next)
		if err != nil {
			return nil, err
		}
		page.Next = base64.RawURLEncoding.EncodeToString(content)
	}
	return page, nil
}

func sizeOf(limit int) (int32, error) {
	if limit == 0 {
		return defaultPage, nil
	}
	if limit < 1 || limit > maxPage {
		return 0, refused("a page has 1 to %d items, and not %d", maxPage, limit)
	}
	return int32(limit), nil
}

func readStart(start string) (item, error) {
	if start == "" {
		return nil, nil
	}
	content, err := base64.RawURLEncoding.DecodeString(start)
	var key item
	if err == nil {
		key, err = decode(content)
	}
	if err != nil || len(key) == 0 {
		return nil, refused("start is the next of the page before, and not something else")
	}
	return key, nil
}

// encode writes an item as DynamoDB does, without what is not for anybody's eyes.
func encode(stored item) (jsontext.Value, error) {
	if hidden := store.SecretOf(stored); hidden != "" {
		stored = maps.Clone(stored)
		delete(stored, hidden)
	}
	content, err := attributevalue.MarshalMapJSON(stored)
	if err != nil {
		return nil, err
	}
	value := jsontext.Value(content)
	if err := value.Canonicalize(); err != nil { // the SDK writes members in any order
		return nil, err
	}
	return value, nil
}

// Description is how the table is made.
type Description struct {
	Name    string  `json:"name"`
	Keys    []Key   `json:"keys"`
	Indexes []Index `json:"indexes"`
	Items   int64   `json:"items"` // as DynamoDB counts them: on AWS, every six hours
	Bytes   int64   `json:"bytes"`
	Status  string  `json:"status"`
}

// Key is an attribute of a key.
type Key struct {
	Name string `json:"name"`
	Type string `json:"type"` // S, N or B
	Kind string `json:"kind"` // HASH or RANGE
}

// Index is a secondary index.
type Index struct {
	Name       string `json:"name"`
	Keys       []Key  `json:"keys"`
	Projection string `json:"projection"`
	Items      int64  `json:"items"`
	Status     string `json:"status"` // "" of a local one
}

// Describe asks how the table is made.
func (t *Table) Describe(ctx context.Context) (*Description, error) {
	out, err := t.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.name})
	if err != nil {
		return nil, t.failure(err)
	}
	found := out.Table
	keys := func(schema []types.KeySchemaElement) (keys []Key) {
		for _, element := range schema {
			key := Key{Name: aws.ToString(element.AttributeName), Kind: string(element.KeyType)}
			for _, attribute := range found.AttributeDefinitions {
				if aws.ToString(attribute.AttributeName) == key.Name {
					key.Type = string(attribute.AttributeType)
				}
			}
			keys = append(keys, key)
		}
		return keys
	}
	description := &Description{
		Name: t.name, Keys: keys(found.KeySchema), Indexes: []Index{},
		Items: aws.ToInt64(found.ItemCount), Bytes: aws.ToInt64(found.TableSizeBytes), Status: string(found.TableStatus),
	}
	add := func(name *string, schema []types.KeySchemaElement, projection *types.Projection, items *int64, status types.IndexStatus) {
		index := Index{Name: aws.ToString(name), Keys: keys(schema), Items: aws.ToInt64(items), Status: string(status)}
		if projection != nil {
			index.Projection = string(projection.ProjectionType)
		}
		description.Indexes = append(description.Indexes, index)
	}
	for _, index := range found.GlobalSecondaryIndexes {
		add(index.IndexName, index.KeySchema, index.Projection, index.ItemCount, index.IndexStatus)
	}
	for _, index := range found.LocalSecondaryIndexes {
		add(index.IndexName, index.KeySchema, index.Projection, index.ItemCount, "")
	}
	slices.SortFunc(description.Indexes, func(a, b Index) int { return strings.Compare(a.Name, b.Name) })
	return description, nil
}

// An Error says in one sentence why nothing was done.
type Error struct {
	Kind   ErrorKind
	Detail string
	cause  error
}

// ErrorKind is what a program wants to know of an error.
type ErrorKind int

// The kinds of error.
const (
	Refused     ErrorKind = iota // what was asked for cannot be
	NotFound                     // no such item, or table
	Changed                      // the item is not as it was seen
	Hidden                       // it is not for anybody's hands
	Unavailable                  // the database does not answer
)

func (e *Error) Error() string { return e.Detail }
func (e *Error) Unwrap() error { return e.cause }

func refused(format string, values ...any) *Error {
	return &Error{Kind: Refused, Detail: fmt.Sprintf(format, values...)}
}

var errChanged = &Error{Kind: Changed, Detail: "the item has changed since it was read: read it again, and change that"}

// failure sorts an error of the SDK.
func (t *Table) failure(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return &Error{NotFound, fmt.Sprintf("there is no table %q, or no such index: the environment makes it when it starts", t.name), err}
	}
	if _, failed := errors.AsType[*types.ConditionalCheckFailedException](err); failed {
		return errChanged
	}
	if api, ok := errors.AsType[interface {
		error
		ErrorCode() string
		ErrorMessage() string
	}](err); ok {
		kind := Unavailable
		if code := api.ErrorCode(); code == "ValidationException" || code == "SerializationException" {
			kind = Refused
		}
		return &Error{kind, fmt.Sprintf("DynamoDB refuses: %s: %s", api.ErrorCode(), api.ErrorMessage()), err}
	}
	return &Error{Unavailable, "DynamoDB does not answer: is it running?", err}
}
