package difftest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// expressions are the ones of one request: they share the placeholders.
type expressions struct {
	draw

	s             *schema
	names, values object
}

func (d draw) expressions(s *schema) *expressions {
	return &expressions{d, s, object{}, object{}}
}

// into adds the placeholders to a request; seldom one too few or too many.
func (e *expressions) into(input object) {
	if e.chance(2, "placeholders") {
		switch pick(e.draw, "oddity", "unused name", "unused value", "no name", "no value") {
		case "unused name":
			e.names["#unused"] = "a"
		case "unused value":
			e.values[":unused"] = object{"S": "a"}
		case "no name":
			removeFirst(e.names)
		default:
			removeFirst(e.values)
		}
	}
	if len(e.names) > 0 {
		input["ExpressionAttributeNames"] = e.names
	}
	if len(e.values) > 0 {
		input["ExpressionAttributeValues"] = e.values
	}
}

func removeFirst(from object) {
	for _, name := range slices.Sorted(maps.Keys(from)) {
		delete(from, name)
		return
	}
}

func (e *expressions) name(name string) string {
	if !e.chance(30, "placeholder") {
		return name
	}
	placeholder := "#" + name
	e.names[placeholder] = name
	return placeholder
}

func (e *expressions) value(value object) string {
	placeholder := fmt.Sprintf(":v%d", len(e.values))
	e.values[placeholder] = value
	return placeholder
}

// attribute is the name of any attribute, seldom of one in a key of the table.
func (e *expressions) attribute() string {
	if e.chance(15, "key attribute") {
		return pick(e.draw, "attribute", slices.Sorted(maps.Keys(e.s.kinds))...)
	}
	return pick(e.draw, "attribute", attributes...)
}

// path is a document path.
func (e *expressions) path() string {
	path := e.name(e.attribute())
	for range e.count(0, 2, "depth") {
		if e.chance(50, "dereference") {
			path += fmt.Sprintf("[%d]", e.count(0, 2, "at"))
		} else {
			path += "." + e.name(pick(e.draw, "member", attributes[:3]...))
		}
	}
	return path
}

func (e *expressions) operand() string {
	switch pick(e.draw, "operand", "path", "path", "value", "size") {
	case "path":
		return e.path()
	case "value":
		return e.value(e.draw.value(1))
	default:
		return "size(" + e.path() + ")"
	}
}

func (e *expressions) condition(depth int) string {
	kinds := []string{"exists", "missing", "compare", "compare", "compare", "type", "prefix", "contains", "between", "in", "size"}
	if depth > 0 {
		kinds = append(kinds, "and", "or", "not", "parentheses")
	}
	switch pick(e.draw, "condition", kinds...) {
	case "exists":
		return "attribute_exists(" + e.path() + ")"
	case "missing":
		return "attribute_not_exists(" + e.path() + ")"
	case "compare":
		return e.operand() + pick(e.draw, "comparator", " = ", " <> ", " < ", "<=", " > ", ">=") + e.operand()
	case "type":
		kind := pick(e.draw, "attribute type", "S", "N", "B", "SS", "NS", "BS", "L", "M", "BOOL", "NULL", "X")
		return "attribute_type(" + e.path() + ", " + e.value(object{"S": kind}) + ")"
	case "prefix":
		return "begins_with(" + e.path() + ", " + e.value(e.typed(pick(e.draw, "type", "S", "S", "B"), 0)) + ")"
	case "contains":
		return "contains(" + e.path() + ", " + e.operand() + ")"
	case "between":
		return e.path() + " BETWEEN " + e.operand() + " AND " + e.operand()
	case "in":
		var list []string
		for range e.count(1, 3, "options") {
			list = append(list, e.operand())
		}
		return e.path() + " IN (" + strings.Join(list, ", ") + ")"
	case "size":
		return "size(" + e.path() + ") >= " + e.value(object{"N": "1"})
	case "and":
		return e.condition(depth-1) + " AND " + e.condition(depth-1)
	case "or":
		return e.condition(depth-1) + " OR " + e.condition(depth-1)
	case "not":
		return "NOT " + e.condition(depth-1)
	default:
		return "(" + e.condition(depth-1) + ")"
	}
}

func (e *expressions) update() string {
	clauses := map[string][]string{}
	for range e.count(1, 3, "actions") {
		switch clause := pick(e.draw, "action", "SET", "SET", "REMOVE", "ADD", "DELETE"); clause {
		case "SET":
			clauses[clause] = append(clauses[clause], e.path()+" = "+e.right(1))
		case "REMOVE":
			clauses[clause] = append(clauses[clause], e.path())
		case "ADD":
			value := e.typed(pick(e.draw, "type", "N", "N", "SS", "NS", "BS", "S"), 0)
			clauses[clause] = append(clauses[clause], e.target()+" "+e.value(value))
		default:
			value := e.typed(pick(e.draw, "type", "SS", "SS", "NS", "BS", "N"), 0)
			clauses[clause] = append(clauses[clause], e.target()+" "+e.value(value))
		}
	}
	var text []string
	for clause, actions := range ordered(clauses) {
		text = append(text, clause+" "+strings.Join(actions, ", "))
	}
	return strings.Join(text, " ")
}

// target is mostly a whole attribute, which is what ADD and DELETE are for.
func (e *expressions) target() string {
	if e.chance(20, "nested") {
		return e.path()
	}
	return e.name(e.attribute())
}

// right is the right side of SET.
func (e *expressions) right(depth int) string {
	kinds := []string{"value", "value", "path"}
	if depth > 0 {
		kinds = append(kinds, "plus", "minus", "if_not_exists", "list_append")
	}
	switch pick(e.draw, "right side", kinds...) {
	case "value":
		return e.value(e.draw.value(2))
	case "path":
		return e.path()
	case "plus":
		return e.term() + " + " + e.term()
	case "minus":
		return e.term() + " - " + e.term()
	case "if_not_exists":
		return "if_not_exists(" + e.path() + ", " + e.right(0) + ")"
	default:
		return "list_append(" + e.term() + ", " + e.value(e.typed(pick(e.draw, "type", "L", "L", "S"), 1)) + ")"
	}
}

// term is a part of the right side that is likely to have the type it needs.
func (e *expressions) term() string {
	switch pick(e.draw, "term", "path", "number", "default number", "default list") {
	case "path":
		return e.path()
	case "number":
		return e.value(e.typed("N", 0))
	case "default number":
		return "if_not_exists(" + e.path() + ", " + e.value(e.typed("N", 0)) + ")"
	default:
		return "if_not_exists(" + e.path() + ", " + e.value(object{"L": []any{}}) + ")"
	}
}

func (e *expressions) projection() string {
	var paths []string
	for range e.count(1, 3, "paths") {
		paths = append(paths, e.path())
	}
	return strings.Join(paths, ", ")
}
