package difftest

import (
	"fmt"
	"maps"
	"slices"
)

// keys draws some primary keys, seldom one of them twice.
func (d draw) keys(s *schema) []object {
	var keys []object
	var seen []string
	for range d.count(1, 4, "keys") {
		k := d.primaryKey(s)
		if text := fmt.Sprint(k); !slices.Contains(seen, text) || d.chance(3, "twice") {
			keys, seen = append(keys, k), append(seen, text)
		}
	}
	return keys
}

func (d draw) batchGet(s *schema) object {
	of := object{}
	keys := []any{}
	for _, k := range d.keys(s) {
		keys = append(keys, k)
	}
	of["Keys"] = keys
	if d.chance(40, "consistent") {
		of["ConsistentRead"] = true
	}
	d.projection(of, s)
	input := object{"RequestItems": object{s.table: of}}
	d.capacity(input)
	return input
}

func (d draw) batchWrite(s *schema) object {
	requests := []any{}
	for _, k := range d.keys(s) {
		if d.chance(40, "delete") {
			requests = append(requests, object{"DeleteRequest": object{"Key": k}})
			continue
		}
		requests = append(requests, object{"PutRequest": object{"Item": d.itemWith(s, k)}})
	}
	input := object{"RequestItems": object{s.table: requests}}
	d.capacity(input)
	return input
}

// itemWith draws an item with a key that is given.
func (d draw) itemWith(s *schema, k object) object {
	item := d.item(s)
	delete(item, "p")
	delete(item, "s")
	maps.Copy(item, k)
	return item
}

func (d draw) transactGet(s *schema) object {
	gets := []any{}
	for _, k := range d.keys(s) {
		get := object{"TableName": s.table, "Key": k}
		if d.chance(30, "projection") {
			e := d.expressions(s)
			get["ProjectionExpression"] = e.projection()
			e.into(get)
		}
		gets = append(gets, object{"Get": get})
	}
	input := object{"TransactItems": gets}
	d.capacity(input)
	return input
}

func (d draw) transactWrite(s *schema) object {
	writes := []any{}
	for _, k := range d.keys(s) {
		e := d.expressions(s)
		write := object{"TableName": s.table}
		kind := pick(d, "write", "Put", "Update", "Delete", "ConditionCheck")
		switch kind {
		case "Put":
			write["Item"] = d.itemWith(s, k)
		case "Update":
			write["Key"] = k
			write["UpdateExpression"] = e.update()
		default:
			write["Key"] = k
		}
		if kind == "ConditionCheck" {
			write["ConditionExpression"] = e.condition(1)
		} else {
			d.conditional(write, e)
		}
		e.into(write)
		writes = append(writes, object{kind: write})
	}
	input := object{"TransactItems": writes}
	d.capacity(input)
	return input
}
