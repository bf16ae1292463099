package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
)

type putItemInput struct {
	writeParameters
	Item attribute.ItemInput `json:"Item"`
}

func (s *Service) putItem(_ *Call, in *putItemInput) (*writeOutput, error) {
	var c constraints
	in.constrain(&c, "item", in.Item.IsSet(), "item", "expected", "returnValues", "returnItemCollectionMetrics")
	if err := c.err(); err != nil {
		return nil, err
	}
	w := &write{action: put}
	var err error
	if w.item, w.condition, err = in.parse(in.Item); err != nil {
		return nil, err
	}
	return s.replaceItem(w, &in.writeParameters)
}

// parse checks what PutItem and DeleteItem are given, in DynamoDB's order. what is the
// item or the key.
func (p *writeParameters) parse(what attribute.ItemInput) (attribute.Item, *expression.Condition, error) {
	err := expression.CheckParameters(
		[]expression.Parameter{{Name: "ConditionExpression", Set: p.ConditionExpression != nil}},
		[]expression.Parameter{{Name: "Expected", Set: p.Expected != nil}, {Name: "ConditionalOperator", Set: p.ConditionalOperator != nil}},
		p.ExpressionAttributeNames != nil, p.ExpressionAttributeValues.IsSet())
	if err != nil {
		return nil, nil, err
	}
	item, err := what.Item()
	if err != nil {
		return nil, nil, err
	}
	if p.ReturnValues != nil && *p.ReturnValues != "ALL_OLD" && *p.ReturnValues != "NONE" {
		return nil, nil, exception.Validation("ReturnValues can only be ALL_OLD or NONE")
	}
	if attribute.ItemSize(item) > maxItem {
		return nil, nil, exception.Validation("Item size has exceeded the maximum allowed size")
	}
	if p.ConditionExpression == nil {
		condition, err := p.condition(nil)
		return item, condition, err
	}
	placeholders, err := p.placeholders()
	if err != nil {
		return nil, nil, err
	}
	condition, err := p.condition(placeholders)
	if err != nil {
		return nil, nil, err
	}
	return item, condition, placeholders.Unused()
}
