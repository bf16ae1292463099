package partiql

import (
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// errSource is what DynamoDB says of operations without a table: SET a = 1.
var errSource = exception.Validation("Only select from a single table or index is supported.")

func translateChange(c *change, parameters int) (Statement, error) {
	switch c.operations[0].text {
	case "insert", "insert_value":
		s, err := translateInsert(c)
		if err != nil {
			return nil, err
		}
		s.parameters = parameters
		return s, nil
	case "delete":
		s := &Delete{}
		var err error
		if s.statement, err = translateTarget(c, parameters); err != nil {
			return nil, err
		}
		if s.Where, err = translateWhere(c.where); err != nil {
			return nil, err
		}
		if s.Returning, err = translateReturning(c.returning); err != nil {
			return nil, err
		}
		if s.Returning != ReturningNothing && s.Returning != ReturningAllOld {
			return nil, exception.Validation("Invalid returning clause: RETURNING %s *. Only RETURNING ALL OLD * is allowed in DELETE statements.",
				strings.ToUpper(strings.ReplaceAll(c.returning[0].mapping, "_", " ")))
		}
		return s, nil
	default:
		return translateUpdate(c, parameters)
	}
}

// translateTarget returns the table that is changed.
func translateTarget(c *change, parameters int) (statement, error) {
	if c.from == nil {
		return statement{}, errSource
	}
	s, err := translateSource(*c.from)
	if err == nil && s.Index != "" {
		err = exception.Validation("This operation is not supported on an index")
	}
	return statement{Source: s, parameters: parameters}, err
}

func translateReturning(list []returned) (Returning, error) {
	if len(list) == 0 {
		return ReturningNothing, nil
	}
	if len(list) > 1 {
		return "", exception.Validation("Invalid syntax with multiple returning elements in RETURNING clause")
	}
	if !list[0].star {
		return "", exception.Validation("Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause")
	}
	switch list[0].mapping {
	case "all_old":
		return ReturningAllOld, nil
	case "all_new":
		return ReturningAllNew, nil
	case "modified_old":
		return ReturningModifiedOld, nil
	default:
		return ReturningModifiedNew, nil
	}
}

func translateInsert(c *change) (*Insert, error) {
	operation := c.operations[0]
	switch {
	case operation.text == "insert" || len(c.operations) > 1:
		return nil, exception.Validation("Unsupported operation: InsertOp")
	case c.from != nil:
		return nil, exception.Validation("Unsupported operation: InsertValueOp")
	case c.onConflict:
		return nil, exception.Validation("Unsupported clause: ON CONFLICT")
	case c.position != nil:
		return nil, exception.Validation("AT is not supported in insert statements.%s", place(c.position.at))
	case len(c.returning) > 0:
		return nil, exception.Validation("RETURNING is not supported in INSERT")
	}
	into := operation.children[0]
	if into.kind != nodeIdentifier {
		return nil, exception.Validation("FROM clause may only contain a single table name in data manipulation statements")
	}
	s := &Insert{}
	s.Source.Table = into.text
	if err := checkName(into.text); err != nil {
		return nil, err
	}
	item := operation.children[1]
	if item.kind != nodeStruct {
		return nil, exception.Validation("Unsupported format in item expression. "+
			"Please use struct format {...} to express item values for insert statement.%s", place(item.at))
	}
	var err error
	s.Item, err = translateItem(item)
	return s, err
}

func translateUpdate(c *change, parameters int) (*Update, error) {
	s := &Update{}
	var err error
	if s.statement, err = translateTarget(c, parameters); err != nil {
		return nil, err
	}
	for _, operation := range c.operations {
		if operation.text != "set" && operation.text != "remove" {
			return nil, exception.Validation("Unsupported operation: InsertOp")
		}
		action, err := translateAction(operation)
		if err != nil {
			return nil, err
		}
		s.Actions = append(s.Actions, action)
	}
	if s.Where, err = translateWhere(c.where); err != nil {
		return nil, err
	}
	s.Returning, err = translateReturning(c.returning)
	return s, err
}

func translateAction(operation *node) (Action, error) {
	target, err := translatePath(operation.children[0])
	if err != nil {
		return Action{}, err
	}
	if operation.text == "remove" {
		return Action{Kind: ActionRemove, Target: target}, nil
	}
	value := operation.children[1]
	if value.kind == nodeCall && (value.text == "set_add" || value.text == "set_delete") {
		return translateSetAction(target, value)
	}
	v, err := translateExpr(value, inUpdate)
	return Action{Kind: ActionSet, Target: target, Value: v}, err
}

// translateSetAction makes ADD and DELETE of set_add and set_delete.
func translateSetAction(target Path, call *node) (Action, error) {
	action := Action{Kind: ActionAdd, Target: target}
	if call.text == "set_delete" {
		action.Kind = ActionDelete
	}
	name := strings.ToUpper(call.text)
	if len(call.children) != 2 {
		return action, exception.Validation("%s must have exactly two arguments%s", name, place(call.at))
	}
	first := call.children[0]
	action.At = first.at
	path, err := translatePath(first)
	if err != nil || !path.Equal(target) {
		return action, exception.Validation("The first argument to %s must equal the assignment value", name)
	}
	if k := call.children[1].kind; k != nodeBag && k != nodeParameter {
		return action, exception.Validation("The second argument to %s must be a value with type SET%s", name, place(first.at))
	}
	action.Value, err = translateExpr(call.children[1], inUpdate)
	return action, err
}
