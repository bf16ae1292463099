package difftest

// capacity asks what the request costs, mostly.
func (d draw) capacity(input object) {
	if kind := pick(d, "capacity", "TOTAL", "INDEXES", "NONE", ""); kind != "" {
		input["ReturnConsumedCapacity"] = kind
	}
}

// conditional adds a condition, in today's or in the older form, to a write.
func (d draw) conditional(input object, e *expressions) {
	if d.chance(40, "condition") {
		input["ConditionExpression"] = e.condition(1)
		if d.chance(30, "old item of a failure") {
			input["ReturnValuesOnConditionCheckFailure"] = pick(d, "on failure", "ALL_OLD", "NONE")
		}
	}
}

func (d draw) putItem(s *schema) object {
	input := object{"TableName": s.table, "Item": d.item(s)}
	if d.chance(40, "returns") {
		input["ReturnValues"] = pick(d, "values", "ALL_OLD", "NONE", "ALL_OLD", "ALL_NEW")
	}
	if d.chance(10, "older") {
		d.expected(input, s)
	} else {
		e := d.expressions(s)
		d.conditional(input, e)
		e.into(input)
	}
	d.capacity(input)
	return input
}

func (d draw) deleteItem(s *schema) object {
	input := object{"TableName": s.table, "Key": d.primaryKey(s)}
	if d.chance(40, "returns") {
		input["ReturnValues"] = pick(d, "values", "ALL_OLD", "NONE", "ALL_OLD", "UPDATED_NEW")
	}
	if d.chance(10, "older") {
		d.expected(input, s)
	} else {
		e := d.expressions(s)
		d.conditional(input, e)
		e.into(input)
	}
	d.capacity(input)
	return input
}

func (d draw) updateItem(s *schema) object {
	input := object{"TableName": s.table, "Key": d.primaryKey(s)}
	if d.chance(75, "returns") {
		input["ReturnValues"] = pick(d, "values", "ALL_NEW", "ALL_OLD", "UPDATED_NEW", "UPDATED_OLD", "NONE")
	}
	if d.chance(15, "older") {
		d.attributeUpdates(input, s)
		d.expected(input, s)
	} else {
		e := d.expressions(s)
		if !d.chance(5, "nothing") {
			input["UpdateExpression"] = e.update()
		}
		d.conditional(input, e)
		e.into(input)
	}
	d.capacity(input)
	return input
}

func (d draw) getItem(s *schema) object {
	input := object{"TableName": s.table, "Key": d.primaryKey(s)}
	if d.chance(40, "consistent") {
		input["ConsistentRead"] = true
	}
	d.projection(input, s)
	d.capacity(input)
	return input
}

// projection adds one, in today's or in the older form, to a read without others.
func (d draw) projection(input object, s *schema) {
	switch pick(d, "projection", "", "today", "older") {
	case "today":
		e := d.expressions(s)
		input["ProjectionExpression"] = e.projection()
		e.into(input)
	case "older":
		input["AttributesToGet"] = d.attributesToGet(s)
	}
}
