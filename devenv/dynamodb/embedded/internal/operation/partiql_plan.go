package operation

import (
	"cmp"
	"slices"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/partiql"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// A prepared statement has its parameters' values.
type prepared struct {
	partiql.Statement
	parameters []attribute.Value
}

// values returns the parameters of a statement.
func parametersOf(inputs []attribute.Input) ([]attribute.Value, error) {
	values := make([]attribute.Value, len(inputs))
	for i, input := range inputs {
		var err error
		if values[i], err = input.Value(); err != nil {
			return nil, err
		}
	}
	return values, nil
}

var errParameters = exception.Validation("Number of parameters in request and statement don't match.")

// prepare binds parameters to a statement.
func prepare(statement partiql.Statement, parameters []attribute.Value) (*prepared, error) {
	if statement.Parameters() != len(parameters) {
		return nil, errParameters
	}
	return &prepared{Statement: statement, parameters: parameters}, nil
}

// value returns the value of a literal or parameter.
func (s *prepared) value(e partiql.Expr) (attribute.Value, bool) {
	switch e := e.(type) {
	case *partiql.Literal:
		return e.Value, true
	case *partiql.Parameter:
		return s.parameters[e.Index], true
	default:
		return nil, false
	}
}

// A test compares an attribute with values.
type test struct {
	attribute string
	operator  string // as in partiql.Operation, or begins_with
	values    []attribute.Value
}

// mirrored are the operators with their sides exchanged.
var mirrored = map[string]string{"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// test returns the test that an expression is, if it is one.
func (s *prepared) test(e partiql.Expr) (test, bool) {
	var operator string
	var operands []partiql.Expr
	switch e := e.(type) {
	case *partiql.Operation:
		operator, operands = e.Operator, e.Operands
		if isJunction(operator) {
			return test{}, false
		}
	case *partiql.Call:
		operator, operands = e.Function, e.Arguments
		if operator != "begins_with" {
			return test{}, false
		}
	default:
		return test{}, false
	}
	if len(operands) < 2 {
		return test{}, false
	}
	if _, ok := s.value(operands[0]); ok && mirrored[operator] != "" {
		operator, operands = mirrored[operator], []partiql.Expr{operands[1], operands[0]}
	}
	reference, ok := operands[0].(*partiql.Reference)
	if !ok || len(reference.Path) != 1 {
		return test{}, false
	}
	t := test{attribute: reference.Path[0].Name, operator: operator}
	for _, operand := range operands[1:] {
		value, ok := s.value(operand)
		if !ok {
			return test{}, false
		}
		t.values = append(t.values, value)
	}
	return t, true
}

// tests returns the tests that must all hold for a condition to hold.
func (s *prepared) tests(where partiql.Expr) []test {
	if o, ok := where.(*partiql.Operation); ok && o.Operator == "and" {
		return append(s.tests(o.Operands[0]), s.tests(o.Operands[1])...)
	}
	if t, ok := s.test(where); ok {
		return []test{t}
	}
	return nil
}

// key returns the primary key that a condition fixes, and whether it fixes all of it;
// alone is whether it says nothing else.
func (s *prepared) key(d *table.Definition, where partiql.Expr) (key attribute.Item, complete, alone bool, err error) {
	key = attribute.Item{}
	tests := s.tests(where)
	fixing := 0
	for _, t := range tests {
		if t.operator != "=" || !d.Key.Has(t.attribute) {
			continue
		}
		fixing++
		value := t.values[0]
		if known, ok := key[t.attribute]; ok && !attribute.Equal(known, value) {
			return nil, false, false, exception.Validation("Multiple conditions on same key %s. "+
				"Only single item Update/Insert/Delete are supported", t.attribute)
		}
		key[t.attribute] = value
	}
	return key, len(key) == len(d.Key.Names()), fixing == terms(where), nil
}

// terms counts what is between ANDs.
func terms(where partiql.Expr) int {
	if o, ok := where.(*partiql.Operation); ok && o.Operator == "and" {
		return terms(o.Operands[0]) + terms(o.Operands[1])
	}
	return 1
}

// checkStatementKey checks a key that a statement names.
func checkStatementKey(d *table.Definition, key attribute.Item) error {
	for _, name := range d.Key.Names() {
		if err := checkStatementKeyValue(d, name, key[name], name == d.Key.Partition); err != nil {
			return err
		}
	}
	return nil
}

func checkStatementKeyValue(d *table.Definition, name string, value attribute.Value, partition bool) error {
	if value.Type() != d.AttributeType(name) {
		return exception.Validation("Key attribute's data type should match its data type in table's schema: Key %s", name)
	}
	return checkKeyValue(d, name, value, partition)
}

// write makes the write that an INSERT, UPDATE, DELETE or EXISTS is.
func (s *prepared) write(d *table.Definition) (*write, error) {
	switch statement := s.Statement.(type) {
	case *partiql.Insert:
		return s.insert(d, statement)
	case *partiql.Update:
		w, text, err := s.keyed(d, update, statement.Where)
		if err != nil {
			return nil, err
		}
		if w.update, err = s.updates(statement.Actions); err != nil {
			return nil, err
		}
		// The item must be there.
		w.condition, err = text.condition("attribute_exists(" + text.name(d.Key.Partition) + ") AND " + text.where)
		return w, err
	case *partiql.Delete:
		w, text, err := s.keyed(d, remove, statement.Where)
		if err != nil {
			return nil, err
		}
		if !text.onlyKey {
			// What is not there is deleted already.
			w.condition, err = text.condition("attribute_not_exists(" + text.name(d.Key.Partition) + ") OR " + text.where)
		}
		return w, err
	case *partiql.Exists:
		return s.exists(d, statement)
	case *partiql.Select:
		return nil, errUnsupportedInTransaction
	}
	return nil, errUnsupportedInTransaction
}

var errUnsupportedInTransaction = exception.Validation("Unsupported operation in transaction.")

func (s *prepared) insert(d *table.Definition, statement *partiql.Insert) (*write, error) {
	item := attribute.Item{}
	for i, name := range statement.Item.Names {
		item[name], _ = s.value(statement.Item.Values[i])
	}
	for _, name := range d.Key.Names() {
		if item[name] == nil {
			return nil, exception.Validation("Key attribute should be present in the item: Key %s", name)
		}
	}
	if err := checkStatementKey(d, item); err != nil {
		return nil, err
	}
	if attribute.ItemSize(item) > maxItem {
		return nil, exception.Validation("Item size has exceeded the maximum allowed size")
	}
	text := s.phrasing()
	condition, err := text.condition("attribute_not_exists(" + text.name(d.Key.Partition) + ")")
	return &write{action: put, tableName: d.Name, item: item, condition: condition, insert: true}, err
}

func (s *prepared) exists(d *table.Definition, statement *partiql.Exists) (*write, error) {
	key, complete, alone, err := s.key(d, statement.Where)
	if err != nil {
		return nil, err
	}
	if !complete || alone {
		return nil, &phrasingError{exception.Validation("EXISTS() must contain a single item read with additional condition")}
	}
	if err := checkStatementKey(d, key); err != nil {
		return nil, err
	}
	text := s.phrasing()
	where, err := text.operand(statement.Where)
	if err != nil {
		return nil, err
	}
	condition, err := text.condition(where)
	return &write{action: check, tableName: d.Name, key: key, condition: condition}, err
}

// A keyedPhrasing has the condition of a write in parentheses.
type keyedPhrasing struct {
	*phrasing
	where   string
	onlyKey bool // the condition says nothing but the key
}

// keyed makes a write of the item whose key a condition fixes.
func (s *prepared) keyed(d *table.Definition, a action, where partiql.Expr) (*write, *keyedPhrasing, error) {
	key, complete, alone, err := s.key(d, where)
	if err != nil {
		return nil, nil, err
	}
	if !complete {
		return nil, nil, exception.Validation("Where clause does not contain a mandatory equality on all key attributes")
	}
	for _, name := range d.Key.Names() {
		switch t := key[name].Type(); t {
		case attribute.TypeString, attribute.TypeNumber, attribute.TypeBinary:
		default:
			return nil, nil, exception.Validation("Key value must be of type S, N, or B. Key name: %s, Key type: %s", name, t)
		}
	}
	if err := checkStatementKey(d, key); err != nil {
		return nil, nil, err
	}
	text := &keyedPhrasing{phrasing: s.phrasing(), onlyKey: alone}
	if text.where, err = text.operand(where); err != nil {
		return nil, nil, err
	}
	if o, ok := where.(*partiql.Operation); ok && isJunction(o.Operator) {
		text.where = "(" + text.where + ")"
	}
	return &write{action: a, tableName: d.Name, key: key}, text, nil
}

// updates makes the update of an UPDATE.
func (s *prepared) updates(actions []partiql.Action) (*expression.Update, error) {
	for _, action := range actions {
		if action.Kind != partiql.ActionAdd && action.Kind != partiql.ActionDelete {
			continue
		}
		switch value, _ := s.value(action.Value); value.(type) {
		case attribute.StringSet, attribute.NumberSet, attribute.BinarySet:
		default:
			name := "SET_ADD"
			if action.Kind == partiql.ActionDelete {
				name = "SET_DELETE"
			}
			return nil, exception.Validation("The second argument to %s must be a value with type SET at %s", name, action.At)
		}
	}
	return s.phrasing().update(actions)
}

// partitions returns the partitions to which a condition restricts the items, if it does,
// in the order in which DynamoDB reads them.
func (s *prepared) partitions(name string, where partiql.Expr) ([]attribute.Value, bool) {
	if o, ok := where.(*partiql.Operation); ok && (o.Operator == "and" || o.Operator == "or") {
		left, leftOK := s.partitions(name, o.Operands[0])
		right, rightOK := s.partitions(name, o.Operands[1])
		switch {
		case o.Operator == "or" && leftOK && rightOK:
			return ascending(append(left, right...)), true
		case o.Operator == "or":
			return nil, false
		case leftOK:
			return left, true
		default:
			return right, rightOK
		}
	}
	t, ok := s.test(where)
	if !ok || t.attribute != name || t.operator != "=" && t.operator != "in" {
		return nil, false
	}
	return ascending(t.values), true
}

// ascending sorts values and removes duplicates.
func ascending(values []attribute.Value) []attribute.Value {
	sorted := slices.Clone(values)
	slices.SortStableFunc(sorted, func(a, b attribute.Value) int {
		order, ok := attribute.Compare(a, b)
		if !ok {
			return cmp.Compare(a.Type(), b.Type())
		}
		return order
	})
	return slices.CompactFunc(sorted, attribute.Equal)
}
