package operation

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/partiql"
)

// A phrasing puts the expressions of a PartiQL statement into DynamoDB's own expression
// language, every name and value as a placeholder: so that there is one evaluator, with
// one set of checks, for both languages.
type phrasing struct {
	statement *prepared
	names     map[string]string
	values    attribute.Item
}

func (s *prepared) phrasing() *phrasing {
	return &phrasing{statement: s, names: map[string]string{}, values: attribute.Item{}}
}

func (p *phrasing) placeholders() (*expression.Placeholders, error) {
	var values attribute.ItemInput
	if len(p.values) > 0 {
		if err := json.Unmarshal(attribute.AppendItem(nil, p.values), &values, decoding); err != nil {
			return nil, fmt.Errorf("values of a PartiQL statement: %w", err)
		}
	}
	return expression.NewPlaceholders(p.names, len(p.names) > 0, values)
}

// condition makes a condition of a text of this phrasing.
func (p *phrasing) condition(text string) (*expression.Condition, error) {
	placeholders, err := p.placeholders()
	if err != nil {
		return nil, err
	}
	c, err := placeholders.Condition("ConditionExpression", text)
	return c, unprefixed(err, "Invalid ConditionExpression: ")
}

// projection makes a projection of paths.
func (p *phrasing) projection(paths []partiql.Path) (*expression.Projection, error) {
	texts := make([]string, len(paths))
	for i, path := range paths {
		texts[i] = p.path(path)
	}
	placeholders, err := p.placeholders()
	if err != nil {
		return nil, err
	}
	projection, err := placeholders.Projection(strings.Join(texts, ", "))
	return projection, unprefixed(err, "Invalid ProjectionExpression: ")
}

// update makes an update of actions.
func (p *phrasing) update(actions []partiql.Action) (*expression.Update, error) {
	clauses := map[partiql.ActionKind][]string{}
	for _, action := range actions {
		text := p.path(action.Target)
		if action.Value != nil {
			value, err := p.operand(action.Value)
			if err != nil {
				return nil, err
			}
			if action.Kind == partiql.ActionSet {
				text += " ="
			}
			text += " " + value
		}
		clauses[action.Kind] = append(clauses[action.Kind], text)
	}
	var text strings.Builder
	for _, clause := range []struct {
		keyword string
		kind    partiql.ActionKind
	}{
		{"SET ", partiql.ActionSet},
		{"REMOVE ", partiql.ActionRemove},
		{"ADD ", partiql.ActionAdd},
		{"DELETE ", partiql.ActionDelete},
	} {
		if actions := clauses[clause.kind]; len(actions) > 0 {
			text.WriteString(clause.keyword + strings.Join(actions, ", ") + " ")
		}
	}
	placeholders, err := p.placeholders()
	if err != nil {
		return nil, err
	}
	u, err := placeholders.Update(text.String())
	return u, unprefixed(err, "Invalid UpdateExpression: ")
}

// A phrasingError is about what a statement says, whatever the items are.
type phrasingError struct{ *exception.Exception }

func (e *phrasingError) Unwrap() error { return e.Exception }

// unprefixed takes away what the messages of expressions begin with: PartiQL's do not.
func unprefixed(err error, prefix string) error {
	if err == nil {
		return nil
	}
	e := exception.Of(err)
	return &phrasingError{exception.New(e.Name, "%s", strings.TrimPrefix(e.Message, prefix))}
}

func (p *phrasing) name(name string) string {
	for placeholder, known := range p.names {
		if known == name {
			return placeholder
		}
	}
	placeholder := "#" + strconv.Itoa(len(p.names))
	p.names[placeholder] = name
	return placeholder
}

func (p *phrasing) value(value attribute.Value) string {
	placeholder := ":" + strconv.Itoa(len(p.values))
	p.values[placeholder] = value
	return placeholder
}

func (p *phrasing) path(path partiql.Path) string {
	var text strings.Builder
	for i, element := range path {
		switch {
		case element.IsIndex:
			text.WriteString("[" + strconv.Itoa(element.Index) + "]")
		case i > 0:
			text.WriteString("." + p.name(element.Name))
		default:
			text.WriteString(p.name(element.Name))
		}
	}
	return text.String()
}

// operand phrases an expression that is no condition, or a condition without parentheses
// around it.
func (p *phrasing) operand(e partiql.Expr) (string, error) {
	switch e := e.(type) {
	case *partiql.Reference:
		return p.path(e.Path), nil
	case *partiql.Literal, *partiql.Parameter:
		value, _ := p.statement.value(e)
		return p.value(value), nil
	case *partiql.Call:
		arguments, err := p.operands(e.Arguments)
		return e.Function + "(" + strings.Join(arguments, ", ") + ")", err
	case *partiql.Is:
		return p.is(e)
	case *partiql.Operation:
		return p.operation(e)
	case *partiql.Struct:
		return "", exception.Validation("Unsupported data type")
	default:
		return "", exception.Validation("Unsupported expression")
	}
}

func (p *phrasing) operands(list []partiql.Expr) ([]string, error) {
	texts := make([]string, len(list))
	for i, e := range list {
		var err error
		if texts[i], err = p.operand(e); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

func (p *phrasing) operation(o *partiql.Operation) (string, error) {
	texts, err := p.operands(o.Operands)
	if err != nil {
		return "", err
	}
	switch o.Operator {
	case "and", "or", "not":
		for i, operand := range o.Operands {
			// Parentheses that are not needed are an error in expressions, and the left
			// side of a chain does not need them.
			inner, ok := operand.(*partiql.Operation)
			if ok && isJunction(inner.Operator) && (i > 0 || inner.Operator != o.Operator || o.Operator == "not") {
				texts[i] = "(" + texts[i] + ")"
			}
		}
		if o.Operator == "not" {
			return "NOT " + texts[0], nil
		}
		return texts[0] + " " + strings.ToUpper(o.Operator) + " " + texts[1], nil
	case "in":
		return texts[0] + " IN (" + strings.Join(texts[1:], ", ") + ")", nil
	case "between":
		return texts[0] + " BETWEEN " + texts[1] + " AND " + texts[2], nil
	default:
		return texts[0] + " " + o.Operator + " " + texts[1], nil
	}
}

// isJunction reports whether an operator's operands are conditions.
func isJunction(operator string) bool {
	return operator == "and" || operator == "or" || operator == "not"
}

func (p *phrasing) is(e *partiql.Is) (string, error) {
	operand, err := p.operand(e.Operand)
	if err != nil {
		return "", err
	}
	not := ""
	if e.Not {
		not = "NOT "
	}
	switch {
	case e.Type != partiql.TypeMissing:
		return not + "attribute_type(" + operand + ", " + p.value(attribute.String(e.Type)) + ")", nil
	case e.Not:
		return "attribute_exists(" + operand + ")", nil
	default:
		return "attribute_not_exists(" + operand + ")", nil
	}
}
