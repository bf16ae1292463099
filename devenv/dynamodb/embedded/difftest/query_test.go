package difftest

import "maps"

// readOf draws which table or index is read.
func (d draw) readOf(s *schema, input object) key {
	if len(s.indexes) == 0 || !d.chance(50, "index") {
		return s.key
	}
	of := pick(d, "index", s.indexes...)
	input["IndexName"] = of.name
	return of.key
}

func (d draw) query(s *schema) object {
	input := object{"TableName": s.table}
	k := d.readOf(s, input)
	if d.chance(15, "older") {
		input["KeyConditions"] = d.keyConditions(k)
		if d.chance(30, "filter") {
			input["QueryFilter"] = d.filter(s)
			d.conditionalOperator(input)
		}
		if d.chance(30, "projection") {
			input["AttributesToGet"] = d.attributesToGet(s)
		}
	} else {
		e := d.expressions(s)
		input["KeyConditionExpression"] = e.keyCondition(k)
		d.filterAndProjection(input, e)
		e.into(input)
	}
	if d.chance(30, "direction") {
		input["ScanIndexForward"] = pick(d, "forward", false, true)
	}
	d.reading(input)
	return input
}

func (d draw) scan(s *schema) object {
	input := object{"TableName": s.table}
	d.readOf(s, input)
	if d.chance(15, "older") {
		input["ScanFilter"] = d.filter(s)
		d.conditionalOperator(input)
		if d.chance(30, "projection") {
			input["AttributesToGet"] = d.attributesToGet(s)
		}
	} else {
		e := d.expressions(s)
		d.filterAndProjection(input, e)
		e.into(input)
	}
	d.reading(input)
	return input
}

// filterAndProjection adds both or not, in today's form.
func (d draw) filterAndProjection(input object, e *expressions) {
	if d.chance(30, "filter") {
		input["FilterExpression"] = e.condition(1)
	}
	if d.chance(25, "projection") {
		input["ProjectionExpression"] = e.projection()
	}
}

// reading adds what a Query and a Scan have in common.
func (d draw) reading(input object) {
	if d.chance(40, "limit") {
		input["Limit"] = d.count(1, 4, "limit")
	}
	if d.chance(30, "consistent") {
		input["ConsistentRead"] = true
	}
	if d.chance(20, "select") {
		input["Select"] = pick(d, "select", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES")
	}
	d.capacity(input)
}

func (e *expressions) keyCondition(k key) string {
	text := e.name(k.hash) + " = " + e.value(e.keyValue(k.hashKind))
	if k.sort == "" || e.chance(30, "without sort key") {
		return text
	}
	name, value := e.name(k.sort), e.value(e.keyValue(k.sortKind))
	switch operator := pick(e.draw, "operator", "=", "<", "<=", ">", ">=", "BETWEEN", "begins_with", "<>"); operator {
	case "BETWEEN":
		return text + " AND " + name + " BETWEEN " + value + " AND " + e.value(e.keyValue(k.sortKind))
	case "begins_with":
		return text + " AND begins_with(" + name + ", " + value + ")"
	default:
		if e.chance(10, "sort key first") {
			return name + " " + operator + " " + value + " AND " + text
		}
		return text + " AND " + name + " " + operator + " " + value
	}
}

// from is the request for the page after a key.
func from(input object, after any) object {
	next := maps.Clone(input)
	next["ExclusiveStartKey"] = after
	return next
}
