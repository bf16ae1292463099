package operation

import (
	"encoding/base64"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/partiql"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// A selection is what a SELECT reads: a Query for each partition that WHERE names, or a
// Scan when it names none.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.select.html
type selection struct {
	page
	statement  *partiql.Select
	partitions []attribute.Value // nil: a Scan
	keys       storage.Range     // of the sort key, within each partition
	nested     bool              // the projection has paths into documents
}

// selection plans a SELECT.
func (s *prepared) selection(d *table.Definition, statement *partiql.Select, in *executeStatementInput) (*selection, error) {
	p := &selection{statement: statement}
	p.pageParameters = &pageParameters{
		TableName:              &d.Name,
		Limit:                  in.Limit,
		ConsistentRead:         in.ConsistentRead,
		ReturnConsumedCapacity: in.ReturnConsumedCapacity,
	}
	p.tableName = d.Name
	if statement.Source.Index != "" {
		p.IndexName = &statement.Source.Index
	}
	if err := p.chooseIndex(d); err != nil {
		return nil, err
	}
	if err := s.choosePartitions(d, p); err != nil {
		return nil, err
	}
	if err := p.checkOrder(d); err != nil {
		return nil, err
	}
	if statement.Where != nil {
		text := s.phrasing()
		where, err := text.operand(statement.Where)
		if err != nil {
			return nil, err
		}
		if p.filter, err = text.condition(where); err != nil {
			return nil, err
		}
	}
	if err := s.chooseAttributes(p); err != nil {
		return nil, err
	}
	if err := p.checkAttributes(d, "Querying"); err != nil {
		return nil, err
	}
	return p, nil
}

// choosePartitions finds out what of the condition the key can answer.
func (s *prepared) choosePartitions(d *table.Definition, p *selection) error {
	if p.statement.Where == nil {
		return nil
	}
	key := p.key(d)
	partitions, ok := s.partitions(key.Partition, p.statement.Where)
	if ok {
		for _, value := range partitions {
			if err := checkStatementKeyValue(d, key.Partition, value, true); err != nil {
				return err
			}
		}
		p.partitions = partitions
		for _, t := range s.tests(p.statement.Where) {
			if key.Sort == "" || t.attribute != key.Sort {
				continue
			}
			if t.operator == "=" {
				if err := checkStatementKeyValue(d, key.Sort, t.values[0], false); err != nil {
					return err
				}
			}
			narrow(&p.keys, t)
		}
	}
	return s.checkKeyTypes(d, key, p.statement.Where)
}

// narrow restricts a range by a test of the sort key. Of several tests of one kind the
// last counts: the filter applies all of them.
func narrow(r *storage.Range, t test) {
	at := func(exclusive bool) *storage.Bound { return &storage.Bound{Value: t.values[0], Exclusive: exclusive} }
	switch t.operator {
	case "=":
		r.Lower, r.Upper, r.Prefix = at(false), at(false), nil
	case "<", "<=":
		r.Upper = at(t.operator == "<")
	case ">", ">=":
		r.Lower = at(t.operator == ">")
	case "between":
		r.Lower, r.Upper = at(false), &storage.Bound{Value: t.values[1]}
	case "begins_with":
		if r.Lower == nil && r.Upper == nil {
			r.Prefix = t.values[0]
		}
	}
	if r.Lower != nil || r.Upper != nil {
		r.Prefix = nil
	}
}

// checkKeyTypes refuses comparisons of key attributes with values of another type.
func (s *prepared) checkKeyTypes(d *table.Definition, key table.Key, where partiql.Expr) error {
	if o, ok := where.(*partiql.Operation); ok && isJunction(o.Operator) {
		for _, operand := range o.Operands {
			if err := s.checkKeyTypes(d, key, operand); err != nil {
				return err
			}
		}
		return nil
	}
	t, ok := s.test(where)
	if !ok || !key.Has(t.attribute) && !d.Key.Has(t.attribute) || t.operator == "begins_with" {
		return nil
	}
	for _, value := range t.values {
		if value.Type() != d.AttributeType(t.attribute) {
			return exception.InvalidParameter("Condition parameter type does not match schema type")
		}
		if kind := emptyKind(value); kind != "" {
			return exception.Validation("One or more parameter values are not valid. "+
				"The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", kind, t.attribute)
		}
	}
	return nil
}

// checkOrder checks ORDER BY and directs the range.
func (p *selection) checkOrder(d *table.Definition) error {
	key := p.key(d)
	for _, o := range p.statement.OrderBy {
		if !key.Has(o.Attribute) {
			return exception.Validation("Variable reference %s in ORDER BY clause must be part of the primary key", o.Attribute)
		}
		if p.partitions == nil {
			return exception.Validation("Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.")
		}
		if !o.Descending {
			continue
		}
		if o.Attribute == key.Partition {
			slices.Reverse(p.partitions)
		} else {
			p.keys.Reverse = true
		}
	}
	return nil
}

// chooseAttributes makes the projection. Of what is nested whole attributes are read, and
// [selection.flat] takes the rest.
func (s *prepared) chooseAttributes(p *selection) error {
	if p.statement.Projection == nil {
		return nil
	}
	var roots []partiql.Path
	seen := map[string]bool{}
	for _, path := range p.statement.Projection {
		p.nested = p.nested || len(path) > 1
		if !seen[path[0].Name] {
			seen[path[0].Name] = true
			roots = append(roots, path[:1])
		}
	}
	var err error
	p.projection, err = s.phrasing().projection(roots)
	return err
}

// read reads a page, in as many partitions as it takes.
func (p *selection) read(tx *storage.Tx, d *table.Definition, start attribute.Item) (*executeStatementOutput, error) {
	ranges, err := p.ranges(d, start)
	if err != nil {
		return nil, err
	}
	out := &executeStatementOutput{Items: []rawAttributes{}}
	left := p.Limit
	for _, r := range ranges {
		p.Limit = left
		page, err := p.page.read(tx, d, r)
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, page.Items...)
		out.ConsumedCapacity = sum(out.ConsumedCapacity, page.ConsumedCapacity)
		if page.LastEvaluatedKey != nil {
			out.LastEvaluatedKey = page.LastEvaluatedKey
			out.NextToken = nextToken(page.LastEvaluatedKey)
			break
		}
		if left != nil {
			rest := *left - int64(page.ScannedCount)
			left = &rest
		}
	}
	return out, p.flatten(out.Items)
}

// ranges returns what is left to read behind a key.
func (p *selection) ranges(d *table.Definition, start attribute.Item) ([]storage.Range, error) {
	p.start = start
	if p.checkStartKey(d, false) != nil {
		return nil, errNextToken
	}
	if p.partitions == nil {
		return []storage.Range{{After: start}}, nil
	}
	partitions := p.partitions
	if start != nil {
		from := slices.IndexFunc(partitions, func(v attribute.Value) bool {
			return attribute.Equal(v, start[p.key(d).Partition])
		})
		if from < 0 {
			return nil, errNextToken
		}
		partitions = partitions[from:]
	}
	ranges := make([]storage.Range, len(partitions))
	for i, partition := range partitions {
		ranges[i] = p.keys
		ranges[i].Partition = partition
	}
	ranges[0].After = start
	return ranges, nil
}

// flatten gives what is nested the names of the projection: m.l[0] becomes l[0].
func (p *selection) flatten(items []rawAttributes) error {
	if !p.nested {
		return nil
	}
	for i, raw := range items {
		item, err := attribute.DecodeItem(raw)
		if err != nil {
			return err
		}
		flat := attribute.Item{}
		for _, path := range p.statement.Projection {
			if value := path.In(item); value != nil {
				flat[path.Alias()] = value
			}
		}
		items[i] = rawItem(flat)
	}
	return nil
}

// sum adds what two parts of one operation on one table consumed.
func sum(a, b *consumedCapacity) *consumedCapacity {
	if a == nil || b == nil {
		return b
	}
	a.CapacityUnits += b.CapacityUnits
	if a.Table != nil && b.Table != nil {
		a.Table.CapacityUnits += b.Table.CapacityUnits
	}
	for name, c := range b.LocalSecondaryIndexes {
		a.LocalSecondaryIndexes[name] = capacity{CapacityUnits: a.LocalSecondaryIndexes[name].CapacityUnits + c.CapacityUnits}
	}
	for name, c := range b.GlobalSecondaryIndexes {
		a.GlobalSecondaryIndexes[name] = capacity{CapacityUnits: a.GlobalSecondaryIndexes[name].CapacityUnits + c.CapacityUnits}
	}
	return a
}

// A continuation is what a NextToken says, in JSON and base64.
type continuation struct {
	Version string         `json:"version"`
	Key     jsontext.Value `json:"exclusiveStartKey"`
}

const continuationVersion = "V1"

var errNextToken = exception.Validation("Invalid NextToken")

func nextToken(key jsontext.Value) string {
	text, err := json.Marshal(continuation{Version: continuationVersion, Key: key}, encoding)
	if err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(text)
}

// startOf returns the key behind which a NextToken continues, nil when there is none.
func startOf(token *string) (attribute.Item, error) {
	if token == nil {
		return nil, nil
	}
	text, err := base64.StdEncoding.DecodeString(*token)
	if err != nil {
		return nil, errNextToken
	}
	var c continuation
	if json.Unmarshal(text, &c, decoding) != nil || c.Version != continuationVersion {
		return nil, errNextToken
	}
	var key attribute.ItemInput
	if json.Unmarshal(c.Key, &key, decoding) != nil {
		return nil, errNextToken
	}
	item, err := key.Item()
	if err != nil || len(item) == 0 {
		return nil, errNextToken
	}
	return item, nil
}
