package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

type queryInput struct {
	pageParameters
	KeyConditionExpression *string                               `json:"KeyConditionExpression"`
	KeyConditions          map[string]expression.LegacyCondition `json:"KeyConditions"`
	QueryFilter            map[string]expression.LegacyCondition `json:"QueryFilter"`
	ScanIndexForward       *bool                                 `json:"ScanIndexForward"`
}

func (s *Service) query(_ *Call, in *queryInput) (*pageOutput, error) {
	var c constraints
	in.constrainSource(&c)
	c.enum("returnConsumedCapacity", in.ReturnConsumedCapacity, returnConsumedCapacityEnum...)
	constrainConditions(&c, "queryFilter", in.QueryFilter)
	c.tableName("tableName", in.TableName)
	c.enum("conditionalOperator", in.ConditionalOperator, conditionalOperatorEnum...)
	in.projectionParameters.constrain(&c, "")
	c.minimum("limit", in.Limit, 1)
	constrainConditions(&c, "keyConditions", in.KeyConditions)
	if err := c.err(); err != nil {
		return nil, err
	}
	p, keys, err := in.parse()
	if err != nil {
		return nil, err
	}
	var out *pageOutput
	err = s.db.View(func(tx *storage.Tx) error {
		d, err := tableFor(tx, p.tableName)
		if err != nil {
			return err
		}
		r, err := in.rangeOf(p, keys, d)
		if err != nil {
			return err
		}
		out, err = p.read(tx, d, r)
		return err
	})
	return out, err
}

// parse checks the request in DynamoDB's order, as far as it can be without the table.
func (in *queryInput) parse() (*page, *expression.KeyCondition, error) {
	older := []expression.Parameter{
		{Name: "AttributesToGet", Set: in.AttributesToGet != nil},
		{Name: "QueryFilter", Set: in.QueryFilter != nil},
		{Name: "ConditionalOperator", Set: in.ConditionalOperator != nil},
	}
	if in.KeyConditionExpression != nil {
		older = append(older, expression.Parameter{Name: "KeyConditions", Set: in.KeyConditions != nil})
	}
	err := expression.CheckParameters([]expression.Parameter{
		{Name: "ProjectionExpression", Set: in.ProjectionExpression != nil},
		{Name: "FilterExpression", Set: in.FilterExpression != nil},
		{Name: "KeyConditionExpression", Set: in.KeyConditionExpression != nil},
	}, older, in.ExpressionAttributeNames != nil, in.ExpressionAttributeValues.IsSet())
	if err != nil {
		return nil, nil, err
	}
	p := &page{pageParameters: &in.pageParameters}
	if in.QueryFilter != nil || in.ConditionalOperator != nil {
		if p.filter, err = expression.Filter(in.QueryFilter, in.ConditionalOperator); err != nil {
			return nil, nil, err
		}
	}
	if in.AttributesToGet != nil {
		if p.projection, err = expression.AttributesToGet(in.AttributesToGet); err != nil {
			return nil, nil, err
		}
	}
	if p.start, err = in.startKey(); err != nil {
		return nil, nil, err
	}
	if in.KeyConditions == nil && in.KeyConditionExpression == nil {
		return nil, nil, exception.Validation("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	keys, err := in.parseExpressions(p)
	if err != nil {
		return nil, nil, err
	}
	p.tableName, err = tableNamed(*in.TableName)
	return p, keys, err
}

func (in *queryInput) parseExpressions(p *page) (*expression.KeyCondition, error) {
	placeholders, err := in.placeholders()
	if err != nil {
		return nil, err
	}
	var keys *expression.KeyCondition
	if in.KeyConditionExpression != nil {
		if keys, err = placeholders.KeyCondition(*in.KeyConditionExpression); err != nil {
			return nil, err
		}
	}
	if err := p.parseExpressions(placeholders); err != nil {
		return nil, err
	}
	if keys == nil {
		return expression.KeyConditions(in.KeyConditions)
	}
	return keys, nil
}

// parseExpressions parses filter and projection, behind which every placeholder must have
// been used.
func (p *page) parseExpressions(placeholders *expression.Placeholders) (err error) {
	if p.FilterExpression != nil {
		if p.filter, err = placeholders.Condition("FilterExpression", *p.FilterExpression); err != nil {
			return err
		}
	}
	if p.ProjectionExpression != nil {
		if p.projection, err = placeholders.Projection(*p.ProjectionExpression); err != nil {
			return err
		}
	}
	return placeholders.Unused()
}

// rangeOf checks the request against the table and returns what is to be read.
func (in *queryInput) rangeOf(p *page, keys *expression.KeyCondition, d *table.Definition) (storage.Range, error) {
	r := storage.Range{After: p.start, Reverse: in.ScanIndexForward != nil && !*in.ScanIndexForward}
	if err := p.chooseIndex(d); err != nil {
		return r, err
	}
	key := p.key(d)
	if err := p.checkStartKey(d, true); err != nil {
		return r, err
	}
	partition, sort, err := keys.For(key, d)
	if err != nil {
		return r, err
	}
	r.Partition = partition
	if err := checkStart(p.start, key, partition, sort); err != nil {
		return r, err
	}
	if err := in.checkFilter(p, d, key); err != nil {
		return r, err
	}
	if err := p.checkAttributes(d, "Querying"); err != nil {
		return r, err
	}
	bound(&r, sort)
	return r, nil
}

// checkStart checks that a page can begin behind a key.
func checkStart(start attribute.Item, key table.Key, partition attribute.Value, sort *expression.KeyTest) error {
	if start == nil {
		return nil
	}
	same := attribute.Equal(start[key.Partition], partition)
	switch {
	case sort == nil && !same:
		return exception.Validation("The provided starting key is outside query boundaries based on provided conditions")
	case sort != nil && !sort.Matches(start[key.Sort]):
		return exception.Validation("The provided starting key does not match the range key predicate")
	case sort != nil && !same:
		return exception.Validation("The query can return at most one row and cannot be restarted")
	}
	return nil
}

// checkFilter refuses a filter on the key that is queried by, and one on attributes that
// the index does not have.
func (in *queryInput) checkFilter(p *page, d *table.Definition, key table.Key) error {
	if p.filter == nil {
		return nil
	}
	parameter := "Filter Expression"
	if in.QueryFilter != nil {
		parameter = "QueryFilter"
	}
	for _, name := range key.Names() {
		for _, path := range p.filter.Paths() {
			if path[0].Name == name {
				return exception.Validation("%s can only contain non-primary key attributes: Primary key attribute: %s", parameter, name)
			}
		}
	}
	if p.index == nil {
		return nil
	}
	if missing := p.notProjected(d, p.filter.Paths()); len(missing) > 0 {
		return exception.InvalidParameter("Secondary index %s does not project one or more filter attributes: %s", p.index.Name, javaList(missing))
	}
	return nil
}

// bound narrows a range by a condition on the sort key.
func bound(r *storage.Range, sort *expression.KeyTest) {
	if sort == nil {
		return
	}
	at := func(i int, exclusive bool) *storage.Bound {
		return &storage.Bound{Value: sort.Values[i], Exclusive: exclusive}
	}
	switch sort.Operator {
	case expression.Equal:
		r.Lower, r.Upper = at(0, false), at(0, false)
	case expression.Less:
		r.Upper = at(0, true)
	case expression.LessOrEqual:
		r.Upper = at(0, false)
	case expression.Greater:
		r.Lower = at(0, true)
	case expression.GreaterOrEqual:
		r.Lower = at(0, false)
	case expression.Between:
		r.Lower, r.Upper = at(0, false), at(1, false)
	case expression.BeginsWith:
		r.Prefix = sort.Values[0]
	}
}
