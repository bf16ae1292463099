package partiql

import (
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// A context is where an expression stands: its operators and functions depend on it.
type context string

const (
	inCondition context = "a condition expression"
	inUpdate    context = "an update expression"
)

// functions are those that DynamoDB knows, with the contexts in which they may stand.
var functions = map[string]map[context]bool{
	"attribute_exists":     {inCondition: true},
	"attribute_not_exists": {inCondition: true},
	"attribute_type":       {inCondition: true},
	"begins_with":          {inCondition: true},
	"contains":             {inCondition: true},
	"size":                 {inCondition: true},
	"if_not_exists":        {inUpdate: true},
	"list_append":          {inUpdate: true},
}

// translateWhere makes a condition of WHERE, nil of none.
func translateWhere(n *node) (Expr, error) {
	if n == nil {
		return nil, nil
	}
	where, err := translateExpr(n, inCondition)
	if err != nil {
		return nil, err
	}
	switch e := where.(type) {
	case *Operation, *Is:
		return where, nil
	case *Call:
		if e.Function != "size" {
			return where, nil
		}
	default:
	}
	return nil, exception.Validation("WHERE clause must contain an expression that resolves to a boolean")
}

func translateExpr(n *node, in context) (Expr, error) {
	at := expr{at: n.at}
	switch n.kind {
	case nodeIdentifier, nodePath:
		path, err := translatePath(n)
		return &Reference{expr: at, Path: path}, err
	case nodeParameter:
		return &Parameter{expr: at, Index: n.number}, nil
	case nodeMissing:
		return nil, exception.Validation("MISSING must be compared using IS operator")
	case nodeOperator:
		return translateOperator(n, in)
	case nodeCall:
		return translateCall(n, in)
	case nodeSelect:
		return nil, exception.Validation("Unsupported token in expression: SELECT%s", place(n.at))
	case nodeCase:
		return nil, exception.Validation("Unsupported token in expression: CASE%s", place(n.at))
	case nodeCast:
		return nil, exception.Validation("Unsupported token in expression: cast%s", place(n.at))
	case nodeAggregate:
		return nil, exception.Validation("Unsupported token in expression: %s%s", n.text, place(n.at))
	case nodeDataChange, nodeUnsupported, nodeType:
		return nil, exception.Validation("Unsupported token in expression: UNKNOWN%s", place(n.at))
	default:
		value, err := translateValue(n, "root")
		return &Literal{expr: at, Value: value}, err
	}
}

func translateOperator(n *node, in context) (Expr, error) {
	if in == inUpdate {
		if n.text != "+" && n.text != "-" {
			return nil, exception.Validation("Unsupported operator in Update Expression. Operator: %s", n.text)
		}
		if len(n.children) == 1 {
			return nil, exception.Validation("Incorrect number of operands for operator or function; operator or function: %s, number of operands: 1", n.text)
		}
		return translateOperands(n, n.text, n.children, in)
	}
	switch n.text {
	case "and", "or", "not":
		return translateJunction(n, in)
	case "=", "<>", "<", "<=", ">", ">=", "between":
		return translateOperands(n, n.text, n.children, in)
	case "not_between":
		return translateNegated(translateOperands(n, "between", n.children, in))
	case "in":
		return translateIn(n, in)
	case "not_in":
		return translateNegated(translateIn(n, in))
	case "is", "is_not":
		return translateIs(n, in)
	default:
		return nil, exception.Validation("Unsupported operator in Condition Expression. Operator: %s", n.text)
	}
}

func translateOperands(n *node, operator string, operands []*node, in context) (*Operation, error) {
	o := &Operation{expr: expr{at: n.at}, Operator: operator}
	for _, operand := range operands {
		e, err := translateExpr(operand, in)
		if err != nil {
			return nil, err
		}
		o.Operands = append(o.Operands, e)
	}
	return o, nil
}

func translateNegated(e *Operation, err error) (Expr, error) {
	if err != nil {
		return nil, err
	}
	return &Operation{expr: e.expr, Operator: "not", Operands: []Expr{e}}, nil
}

// translateJunction translates AND, OR and NOT.
func translateJunction(n *node, in context) (Expr, error) {
	o, err := translateOperands(n, n.text, n.children, in)
	if err != nil {
		return nil, err
	}
	for _, operand := range o.Operands {
		switch operand.(type) {
		case *Operation, *Call, *Is:
		default:
			if n.text == "not" {
				return nil, exception.Validation("The argument to NOT must be a Type or Expression")
			}
			return nil, exception.Validation("The arguments to AND/OR must be Expressions")
		}
	}
	return o, nil
}

func translateIn(n *node, in context) (*Operation, error) {
	left, right := n.children[0], n.children[1]
	isList := (right.kind == nodeList || right.kind == nodeBag) && len(right.children) > 0
	if !isList || left.kind != nodeIdentifier && left.kind != nodePath && left.kind != nodeCall {
		return nil, exception.Validation("IN operator must have a left hand argument of type Variable Reference " +
			"and right hand argument of type Seq with at least one member")
	}
	return translateOperands(n, "in", append([]*node{left}, right.children...), in)
}

// isTypes are the types that IS tests.
var isTypes = map[string]attribute.Type{
	"MISSING": TypeMissing, "NULL": attribute.TypeNull, "BOOLEAN": attribute.TypeBoolean, "BLOB": attribute.TypeBinary,
	"STRING": attribute.TypeString, "NUMERIC": attribute.TypeNumber, "STRUCT": attribute.TypeMap,
	"TUPLE": attribute.TypeMap, "LIST": attribute.TypeList,
}

func translateIs(n *node, in context) (Expr, error) {
	switch n.children[0].kind {
	case nodeIdentifier, nodePath, nodeString, nodeNumber, nodeBoolean, nodeNull, nodeParameter:
	default:
		return nil, exception.Validation("The left hand side argument to IS must be a Variable Reference, Literal, or Path")
	}
	operand, err := translateExpr(n.children[0], in)
	if err != nil {
		return nil, err
	}
	t, ok := isTypes[n.children[1].text]
	if !ok {
		return nil, exception.Validation("Unsupported data type for IS operator: %s. Supported data types are "+
			"[MISSING, NULL, BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST]%s", n.children[1].text, place(n.at))
	}
	return &Is{expr: expr{at: n.at}, Operand: operand, Type: t, Not: n.text == "is_not"}, nil
}

func translateCall(n *node, in context) (Expr, error) {
	c := &Call{expr: expr{at: n.at}, Function: n.text}
	for _, argument := range n.children {
		e, err := translateExpr(argument, in)
		if err != nil {
			return nil, err
		}
		c.Arguments = append(c.Arguments, e)
	}
	contexts, ok := functions[n.text]
	if !ok {
		return nil, exception.Validation("Unrecognized function: %s", n.text)
	}
	if !contexts[in] {
		return nil, exception.Validation("The function is not allowed in %s; function: %s", in, n.text)
	}
	if len(c.Arguments) == 0 {
		return nil, exception.Validation("Incorrect number of operands for operator or function; "+
			"operator or function: %s, number of operands: 0", n.text)
	}
	return c, nil
}

// ionType guesses the type of a literal of Amazon Ion, for the message that refuses it.
func ionType(text string) string {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "SYMBOL"
	case strings.HasPrefix(text, "{{"):
		return "BLOB"
	case text[0] == '{':
		return "STRUCT"
	case text[0] == '[':
		return "LIST"
	case text[0] == '"':
		return "STRING"
	case isDigit(text[0]) || text[0] == '-':
		if strings.ContainsAny(text, ".eEdD") {
			return "DECIMAL"
		}
		return "INT"
	default:
		return "SYMBOL"
	}
}
