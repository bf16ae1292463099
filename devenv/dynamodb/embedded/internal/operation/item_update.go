package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

type updateItemInput struct {
	writeParameters
	Key              attribute.ItemInput                        `json:"Key"`
	UpdateExpression *string                                    `json:"UpdateExpression"`
	AttributeUpdates map[string]expression.AttributeValueUpdate `json:"AttributeUpdates"`
}

func (s *Service) updateItem(_ *Call, in *updateItemInput) (*writeOutput, error) {
	var c constraints
	in.constrain(&c, "key", in.Key.IsSet(), "returnItemCollectionMetrics", "returnValues", "key", "expected")
	for _, name := range expression.CheckedNames(in.AttributeUpdates) {
		c.enum("attributeUpdates."+name+".member.action", in.AttributeUpdates[name].Action, "ADD", "DELETE", "PUT")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	w, err := in.parse()
	if err != nil {
		return nil, err
	}
	out := &writeOutput{}
	err = s.writeItem(w, &in.writeParameters, func(p *plan, change storage.Change) error {
		out.Attributes = in.attributes(p, change)
		in.accountFor(out, p.definition, p.key, change)
		return nil
	})
	return out, err
}

// parse checks the request in DynamoDB's order.
func (in *updateItemInput) parse() (*write, error) {
	err := expression.CheckParameters(
		[]expression.Parameter{
			{Name: "UpdateExpression", Set: in.UpdateExpression != nil},
			{Name: "ConditionExpression", Set: in.ConditionExpression != nil},
		},
		[]expression.Parameter{
			{Name: "AttributeUpdates", Set: in.AttributeUpdates != nil},
			{Name: "Expected", Set: in.Expected != nil},
			{Name: "ConditionalOperator", Set: in.ConditionalOperator != nil},
		},
		in.ExpressionAttributeNames != nil, in.ExpressionAttributeValues.IsSet())
	if err != nil {
		return nil, err
	}
	w := &write{action: update}
	if w.key, err = in.Key.Item(); err != nil {
		return nil, err
	}
	if in.UpdateExpression == nil && in.ConditionExpression == nil {
		if in.AttributeUpdates != nil {
			if w.update, err = expression.AttributeUpdates(in.AttributeUpdates); err != nil {
				return nil, err
			}
		}
		w.condition, err = in.condition(nil)
		return w, err
	}
	placeholders, err := in.placeholders()
	if err != nil {
		return nil, err
	}
	if in.UpdateExpression != nil {
		if w.update, err = placeholders.Update(*in.UpdateExpression); err != nil {
			return nil, err
		}
	}
	if w.condition, err = in.condition(placeholders); err != nil {
		return nil, err
	}
	return w, placeholders.Unused()
}

// attributes returns what ReturnValues asks for.
func (in *updateItemInput) attributes(p *plan, change storage.Change) rawAttributes {
	if in.ReturnValues == nil {
		return nil
	}
	var updated attribute.Item
	switch *in.ReturnValues {
	case "ALL_OLD":
		if p.old != nil {
			return rawItem(p.old)
		}
		return nil
	case "ALL_NEW":
		return rawRecord(change.New)
	case "UPDATED_OLD":
		updated = p.old
	case "UPDATED_NEW":
		updated = p.new
	}
	if p.update == nil || updated == nil {
		return nil
	}
	if updated = expression.Updated(p.update.Paths(), updated); len(updated) == 0 {
		return nil
	}
	return rawItem(updated)
}
