package operation

import (
	"crypto/sha256"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// Limits of transactions.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
const (
	maxTransaction      = 100
	maxTransactionBytes = 4 << 20
)

// repeatable is the list of what a transaction does, with the JSON that it came in: by that
// a repeated request is told from another with the same token.
type repeatable[T any] struct {
	items []T
	json  jsontext.Value
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *repeatable[T]) UnmarshalJSON(b []byte) error {
	r.json = append(jsontext.Value(nil), b...)
	return json.Unmarshal(b, &r.items, decoding)
}

// fingerprint is the same for requests that differ in white space and in the order of
// members only.
func (r *repeatable[T]) fingerprint() []byte {
	canonical := r.json.Clone()
	if canonical.Canonicalize(decoding) != nil { // for example a number that is none to JavaScript
		canonical = r.json
	}
	sum := sha256.Sum256(canonical)
	return sum[:]
}

// A cancellationReason says of one item of a transaction why it was cancelled.
type cancellationReason struct {
	Code    string        `json:"Code"`
	Message string        `json:"Message,omitzero"`
	Item    rawAttributes `json:"Item,omitzero"`
}

// A cancellation collects the reasons, one for each item of a transaction.
type cancellation struct {
	reasons []cancellationReason
	failed  bool
}

func newCancellation(items int) *cancellation {
	c := &cancellation{reasons: make([]cancellationReason, items)}
	for i := range c.reasons {
		c.reasons[i].Code = "None"
	}
	return c
}

// add notes that item i failed with err. It returns what concerns the whole request:
// errors that are not about the item.
func (c *cancellation) add(i int, err error) error {
	e := exception.Of(err)
	reason := cancellationReason{Message: e.Message}
	switch e.Name {
	case exception.ConditionFailedName:
		reason.Code = "ConditionalCheckFailed"
		reason.Item, _ = e.Fields["Item"].(rawAttributes)
	case exception.ValidationName:
		reason.Code = "ValidationError"
	case "DuplicateItemException":
		reason.Code = "DuplicateItem"
	default:
		return err
	}
	c.reasons[i], c.failed = reason, true
	return nil
}

// err returns the TransactionCanceledException, nil when nothing failed.
func (c *cancellation) err() error {
	if !c.failed {
		return nil
	}
	codes := make([]string, len(c.reasons))
	for i, reason := range c.reasons {
		codes[i] = reason.Code
	}
	e := exception.New(exception.TransactionCanceledName,
		"Transaction cancelled, please refer cancellation reasons for specific reasons [%s]", strings.Join(codes, ", "))
	e.Fields = map[string]any{"CancellationReasons": c.reasons}
	return e
}

var errOneItemTwice = exception.Validation("Transaction request cannot include multiple operations on one item")

// distinct remembers the items of a transaction.
type distinct map[string]bool

// add refuses an item that is there already.
func (d distinct) add(tableName string, key attribute.Item) error {
	encoded := tableName + string(rawItem(key))
	if d[encoded] {
		return errOneItemTwice
	}
	d[encoded] = true
	return nil
}

// meters has a meter for each table of a transaction, in the order of first use.
type meters struct {
	names  []string
	meters map[string]*meter
}

func (m *meters) of(tableName string) *meter {
	if m.meters == nil {
		m.meters = map[string]*meter{}
	}
	if m.meters[tableName] == nil {
		m.meters[tableName] = &meter{}
		m.names = append(m.names, tableName)
	}
	return m.meters[tableName]
}

func (m *meters) consumed(kind transactionKind, wanted *string) []*consumedCapacity {
	var out []*consumedCapacity
	for _, name := range m.names {
		if c := m.meters[name].consumedIn(kind, wanted, name); c != nil {
			out = append(out, c)
		}
	}
	return out
}
