package items

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/pretendfriend/falafel-api/api/store"
)

// Get reads one item, strongly consistent. The keys are as in [Table.Delete].
func (t *Table) Get(ctx context.Context, pk, sk string) (jsontext.Value, error) {
	key, err := t.key(ctx, pk, sk)
	if err != nil {
		return nil, err
	}
	stored, err := t.get(ctx, key)
	if err != nil {
		return nil, err
	}
	if stored == nil {
		return nil, &Error{Kind: NotFound, Detail: "there is no such item: it may have been deleted meanwhile"}
	}
	return encode(stored)
}

// Put writes an item in the place of the one that was seen, if that is still how it is; or
// a new one where was is nil.
func (t *Table) Put(ctx context.Context, written, was jsontext.Value) error {
	made, err := decode(written)
	if err != nil {
		return refused("the item is not understood: %s", err)
	}
	if store.SecretOf(made) != "" {
		return errHidden
	}
	input := &dynamodb.PutItemInput{TableName: &t.name, Item: made}
	if was == nil {
		described, err := t.Describe(ctx)
		if err != nil {
			return err
		}
		input.ConditionExpression = aws.String("attribute_not_exists(#key)")
		input.ExpressionAttributeNames = map[string]string{"#key": described.Keys[0].Name}
	} else {
		key, condition, err := t.unchanged(ctx, was)
		if err != nil {
			return err
		}
		for name, value := range key {
			if !reflect.DeepEqual(made[name], value) {
				return refused("the key of an item cannot change (%s): make a new item, and delete this one", name)
			}
		}
		input.ConditionExpression, input.ExpressionAttributeNames, input.ExpressionAttributeValues = condition.expression, condition.names, condition.values
	}
	if _, err := t.client.PutItem(ctx, input); err != nil {
		err = t.failure(err)
		if was == nil && errors.Is(err, errChanged) {
			return &Error{Kind: Changed, Detail: "there is an item with this key already: read it, and change that"}
		}
		return err
	}
	return nil
}

// Delete deletes the item with the key, if it still is as it was seen. The parts of a key
// are texts; a number as it is written, and binary in base64. The second is "" where the
// table has no sort key.
func (t *Table) Delete(ctx context.Context, pk, sk string, was jsontext.Value) error {
	key, err := t.key(ctx, pk, sk)
	if err != nil {
		return err
	}
	of, condition, err := t.unchanged(ctx, was)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(key, of) {
		return refused("was is another item than the one to delete")
	}
	_, err = t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &t.name, Key: key,
		ConditionExpression: condition.expression, ExpressionAttributeNames: condition.names, ExpressionAttributeValues: condition.values,
	})
	if err != nil {
		return t.failure(err)
	}
	return nil
}

var errHidden = &Error{Kind: Hidden, Detail: "this item holds a secret of the service, so that it is neither shown nor changed here"}

func (t *Table) get(ctx context.Context, key item) (item, error) {
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &t.name, Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, t.failure(err)
	}
	return out.Item, nil
}

// key is the key of an item in the types that the table has for it.
func (t *Table) key(ctx context.Context, pk, sk string) (item, error) {
	described, err := t.Describe(ctx)
	if err != nil {
		return nil, err
	}
	key := item{}
	for i, of := range described.Keys {
		text := pk
		if i == 1 {
			text = sk
		}
		if text == "" {
			return nil, refused("the table's key is %s: give all of it", names(described.Keys))
		}
		switch of.Type {
		case "N":
			key[of.Name] = &types.AttributeValueMemberN{Value: text}
		case "B":
			content, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return nil, refused("%s is binary: give it in base64", of.Name)
			}
			key[of.Name] = &types.AttributeValueMemberB{Value: content}
		default:
			key[of.Name] = &types.AttributeValueMemberS{Value: text}
		}
	}
	if len(described.Keys) == 1 && sk != "" {
		return nil, refused("the table's key is %s alone", described.Keys[0].Name)
	}
	return key, nil
}

func names(keys []Key) string {
	var list []string
	for _, key := range keys {
		list = append(list, key.Name)
	}
	return strings.Join(list, " and ")
}

// condition is one of DynamoDB's, with what it names.
type condition struct {
	expression *string
	names      map[string]string
	values     item
}

// maxCompared attributes fit into a condition: DynamoDB takes 300 operators and 4 KB.
const maxCompared = 100

// unchanged is the key of an item that was seen, and the condition that it still is so: all
// of it now, and each attribute when it is written. (No condition can say that an item has
// no others; who adds one in between is overwritten.)
func (t *Table) unchanged(ctx context.Context, was jsontext.Value) (key item, holds condition, err error) {
	seen, err := decode(was)
	if err != nil {
		return nil, condition{}, refused("was is not understood: %s", err)
	}
	if store.SecretOf(seen) != "" {
		return nil, condition{}, errHidden
	}
	described, err := t.Describe(ctx)
	if err != nil {
		return nil, condition{}, err
	}
	key = item{}
	for _, of := range described.Keys {
		value, has := seen[of.Name]
		if !has {
			return nil, condition{}, refused("was has no %s, which is of the table's key", of.Name)
		}
		key[of.Name] = value
	}
	stored, err := t.get(ctx, key)
	if err != nil {
		return nil, condition{}, err
	}
	if !same(stored, seen) {
		return nil, condition{}, errChanged
	}
	holds = condition{names: map[string]string{}, values: item{}}
	var terms []string
	for i, name := range slices.Sorted(maps.Keys(seen)) {
		if i == maxCompared {
			break
		}
		number := strconv.Itoa(i)
		holds.names["#a"+number], holds.values[":v"+number] = name, seen[name]
		terms = append(terms, "#a"+number+" = :v"+number)
	}
	holds.expression = aws.String(strings.Join(terms, " AND "))
	return key, holds, nil
}

// same reports whether two items are, whatever the order of their sets.
func same(a, b item) bool {
	return reflect.DeepEqual(inOrder(&types.AttributeValueMemberM{Value: a}), inOrder(&types.AttributeValueMemberM{Value: b}))
}

func inOrder(value types.AttributeValue) types.AttributeValue {
	switch value := value.(type) {
	case *types.AttributeValueMemberSS:
		return &types.AttributeValueMemberSS{Value: slices.Sorted(slices.Values(value.Value))}
	case *types.AttributeValueMemberNS:
		return &types.AttributeValueMemberNS{Value: slices.Sorted(slices.Values(value.Value))}
	case *types.AttributeValueMemberBS:
		return &types.AttributeValueMemberBS{Value: slices.SortedFunc(slices.Values(value.Value), bytes.Compare)}
	case *types.AttributeValueMemberL:
		list := make([]types.AttributeValue, len(value.Value))
		for i, element := range value.Value {
			list[i] = inOrder(element)
		}
		return &types.AttributeValueMemberL{Value: list}
	case *types.AttributeValueMemberM:
		nested := make(item, len(value.Value))
		for name, element := range value.Value {
			nested[name] = inOrder(element)
		}
		return &types.AttributeValueMemberM{Value: nested}
	default:
		return value
	}
}

// decode reads DynamoDB's JSON, and refuses what the SDK would let pass: what it writes
// again must be what was read.
func decode(content []byte) (item, error) {
	read := jsontext.Value(bytes.Clone(content))
	if read.Kind() != '{' {
		return nil, errors.New("it is no JSON object of attributes, each with its type, such as {\"pk\":{\"S\":\"text\"}}")
	}
	if err := read.Canonicalize(); err != nil {
		return nil, fmt.Errorf("it is no JSON: %s", strings.TrimPrefix(err.Error(), "jsontext: "))
	}
	decoded, err := attributevalue.UnmarshalMapJSON(content)
	if err != nil {
		return nil, errors.New("an attribute is of no type that DynamoDB has, such as {\"S\":\"text\"} or {\"N\":\"1.5\"}")
	}
	var attributes map[string]jsontext.Value
	if err := json.Unmarshal(read, &attributes); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		var written jsontext.Value
		if decoded[name] != nil { // as null is
			written, err = attributevalue.MarshalJSON(decoded[name])
		}
		if err == nil {
			err = written.Canonicalize()
		}
		if err != nil || !bytes.Equal(written, attributes[name]) {
			return nil, fmt.Errorf("%s is of no type that DynamoDB has, such as {\"S\":\"text\"} or {\"N\":\"1.5\"}", name)
		}
	}
	return decoded, nil
}
