package console

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/pretendfriend/falafel-api/api/store"
)

// maxLooked is as many items as DynamoDB reads in one batch.
const maxLooked = 100

// write is an item that a call writes.
type write struct {
	table   string
	key     map[string]json.RawMessage
	put     map[string]json.RawMessage // what is stored in its place; nil: not a put
	updated bool

	found  json.RawMessage // by the last look; nil: none there
	known  bool            // the last look succeeded
	before json.RawMessage
	seen   bool // before is known
}

// keyNames are those of the table's primary key, partition first.
var keyNames = func() (names []string) {
	for _, element := range store.SettingsOf("").CreateTable.KeySchema {
		names = append(names, aws.ToString(element.AttributeName))
	}
	return names
}()

// single is a write as the operations and the members of a transaction have it.
type single struct {
	TableName string
	Item, Key map[string]json.RawMessage
}

// writesOf are the items that a call would write.
func writesOf(operation string, body []byte) (written []*write) {
	if !writes(operation) {
		return nil
	}
	var call struct {
		single

		TransactItems []struct{ Put, Update, Delete *single }
	}
	if json.Unmarshal(body, &call) != nil {
		return nil
	}
	add := func(of *single, updated bool) {
		if of == nil || len(written) == maxLooked {
			return
		}
		w := &write{table: of.TableName, put: of.Item, updated: updated, key: map[string]json.RawMessage{}}
		from := of.Key
		if from == nil {
			from = of.Item
		}
		for _, name := range keyNames {
			if from[name] == nil {
				return // a table of another shape
			}
			w.key[name] = from[name]
		}
		written = append(written, w)
	}
	switch operation {
	case "TransactWriteItems":
		for _, member := range call.TransactItems {
			add(member.Put, false)
			add(member.Update, true)
			add(member.Delete, false)
		}
	case "BatchWriteItem": // the service has none
	default:
		add(&call.single, operation == "UpdateItem")
	}
	return written
}

// readItems asks a database for the items as they are now, as the call before which it
// does so asked.
func readItems(ctx context.Context, database http.Handler, header http.Header, written []*write) {
	type keys struct {
		ConsistentRead bool
		Keys           []map[string]json.RawMessage
	}
	var question struct{ RequestItems map[string]keys }
	question.RequestItems = map[string]keys{}
	byKey := map[string]*write{}
	for _, w := range written {
		byKey[w.table+keyText(w.key)] = w
		question.RequestItems[w.table] = keys{true, append(question.RequestItems[w.table].Keys, w.key)}
	}
	body, err := json.Marshal(question)
	if err != nil {
		return
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/", bytes.NewReader(body))
	if err != nil {
		return
	}
	// The Authorization is for another body, which local databases do not mind; for others,
	// package dynamodb signs anew.
	for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token", "Content-Type"} {
		if values, ok := header[name]; ok {
			r.Header[name] = values
		}
	}
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810.BatchGetItem")
	answer := &answerBuffer{}
	func() {
		defer func() { _ = recover() }() // a connection that broke: nothing is known
		database.ServeHTTP(answer, r)
	}()
	var found struct {
		Responses       map[string][]json.RawMessage
		UnprocessedKeys map[string]json.RawMessage
	}
	if answer.code() != http.StatusOK || json.Unmarshal(answer.content.Bytes(), &found) != nil || len(found.UnprocessedKeys) > 0 || found.Responses == nil {
		return
	}
	for _, w := range written {
		w.known = true
	}
	for table, items := range found.Responses {
		for _, item := range items {
			var values map[string]json.RawMessage
			if json.Unmarshal(item, &values) != nil {
				continue
			}
			if w := byKey[table+keyText(values)]; w != nil {
				w.found = item
			}
		}
	}
}

// keyText is the key among an item's values, whatever JSON escapes it was written with.
func keyText(values map[string]json.RawMessage) (text string) {
	for _, name := range keyNames {
		text += "\x00" + plainKey(values[name])
	}
	return text
}

func plainKey(value json.RawMessage) string {
	var key struct{ S *string }
	if json.Unmarshal(value, &key) == nil && key.S != nil {
		return *key.S
	}
	return string(value)
}

// changes are the items as they were and as they are.
func (c *Console) changes(written []*write, done bool) []ItemChange {
	changes := []ItemChange{}
	for _, w := range written {
		change := ItemChange{PK: c.mask.text(plainKey(w.key[keyNames[0]])), SK: c.mask.text(plainKey(w.key[keyNames[len(keyNames)-1]])), Omitted: !w.seen}
		change.Before = w.before
		switch {
		case !done:
			change.After = w.before
		case w.updated:
			change.After = w.found
			change.Omitted = change.Omitted || !w.known
		case w.put != nil:
			change.After, _ = json.Marshal(w.put) // it was JSON before
		}
		for _, item := range []*json.RawMessage{&change.Before, &change.After} {
			if len(*item) > c.limits.ItemBytes {
				*item, change.Omitted = nil, true
			}
			*item = c.maskJSON(*item)
		}
		changes = append(changes, change)
	}
	return changes
}

// maskJSON leaves JSON behind.
func (c *Console) maskJSON(value json.RawMessage) json.RawMessage {
	if value == nil {
		return nil
	}
	clean := c.mask.bytes(value)
	if bytes.Equal(clean, value) {
		return value
	}
	if !json.Valid(clean) {
		return json.RawMessage(`{"masked":{"S":"` + masked + `"}}`)
	}
	return clean
}
