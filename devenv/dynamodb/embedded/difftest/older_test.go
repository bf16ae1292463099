package difftest

import (
	"maps"
	"slices"
)

// The parameters before expressions.

// anyAttribute draws a name, seldom one that is in a key.
func (d draw) anyAttribute(s *schema) string {
	if d.chance(20, "key attribute") {
		return pick(d, "attribute", slices.Sorted(maps.Keys(s.kinds))...)
	}
	return pick(d, "attribute", attributes...)
}

func (d draw) attributesToGet(s *schema) []any {
	names := []any{}
	for range d.count(1, 3, "names") {
		if name := d.anyAttribute(s); !slices.Contains(names, any(name)) {
			names = append(names, name)
		}
	}
	return names
}

// comparison draws the ComparisonOperator and AttributeValueList of any older condition.
func (d draw) comparison() object {
	operator := pick(d, "operator", "EQ", "NE", "IN", "LE", "LT", "GE", "GT", "BETWEEN", "NOT_NULL", "NULL", "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH")
	values := 1
	switch operator {
	case "NOT_NULL", "NULL":
		values = 0
	case "BETWEEN":
		values = 2
	case "IN":
		values = d.count(1, 3, "values")
	}
	if d.chance(5, "odd number of values") {
		values = d.count(0, 3, "values")
	}
	condition := object{"ComparisonOperator": operator}
	if values > 0 {
		list := []any{}
		kind := pick(d, "type", "S", "N", "B", "SS", "L")
		for range values {
			if d.chance(10, "another type") {
				kind = pick(d, "type", "S", "N", "B")
			}
			list = append(list, d.typed(kind, 1))
		}
		condition["AttributeValueList"] = list
	}
	return condition
}

func (d draw) conditionalOperator(input object) {
	if d.chance(30, "operator") {
		input["ConditionalOperator"] = pick(d, "conditional operator", "AND", "OR")
	}
}

func (d draw) expected(input object, s *schema) {
	expected := object{}
	for range d.count(0, 2, "expectations") {
		name := d.anyAttribute(s)
		switch pick(d, "expectation", "value", "absent", "comparison") {
		case "value":
			expected[name] = object{"Value": d.value(1)}
		case "absent":
			expected[name] = object{"Exists": false}
		default:
			expected[name] = d.comparison()
		}
	}
	if len(expected) > 0 {
		input["Expected"] = expected
		d.conditionalOperator(input)
	}
}

func (d draw) attributeUpdates(input object, s *schema) {
	updates := object{}
	for range d.count(1, 2, "updates") {
		name := d.anyAttribute(s)
		// Not without an action: DynamoDB Local forgets such an update of a new item (17).
		switch action := pick(d, "action", "PUT", "ADD", "DELETE", "DELETE all"); action {
		case "PUT":
			updates[name] = object{"Action": action, "Value": d.value(1)}
		case "ADD":
			updates[name] = object{"Action": action, "Value": d.typed(pick(d, "type", "N", "SS", "NS", "L", "S"), 1)}
		case "DELETE":
			updates[name] = object{"Action": action, "Value": d.typed(pick(d, "type", "SS", "NS", "BS", "S"), 0)}
		default:
			updates[name] = object{"Action": "DELETE"}
		}
	}
	input["AttributeUpdates"] = updates
}

func (d draw) filter(s *schema) object {
	filter := object{}
	for range d.count(1, 2, "filters") {
		filter[d.anyAttribute(s)] = d.comparison()
	}
	return filter
}

func (d draw) keyConditions(k key) object {
	conditions := object{k.hash: object{"ComparisonOperator": "EQ", "AttributeValueList": []any{d.keyValue(k.hashKind)}}}
	if k.sort == "" || d.chance(30, "without sort key") {
		return conditions
	}
	operator := pick(d, "operator", "EQ", "LE", "LT", "GE", "GT", "BETWEEN", "BEGINS_WITH", "NE")
	values := []any{d.keyValue(k.sortKind)}
	if operator == "BETWEEN" {
		values = append(values, d.keyValue(k.sortKind))
	}
	conditions[k.sort] = object{"ComparisonOperator": operator, "AttributeValueList": values}
	return conditions
}
