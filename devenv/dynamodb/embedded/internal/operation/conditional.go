package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// writeParameters are what PutItem, UpdateItem and DeleteItem have in common.
type writeParameters struct {
	TableName                           *string                                      `json:"TableName"`
	Expected                            map[string]expression.ExpectedAttributeValue `json:"Expected"`
	ConditionalOperator                 *string                                      `json:"ConditionalOperator"`
	ReturnValues                        *string                                      `json:"ReturnValues"`
	ReturnConsumedCapacity              *string                                      `json:"ReturnConsumedCapacity"`
	ReturnItemCollectionMetrics         *string                                      `json:"ReturnItemCollectionMetrics"`
	ReturnValuesOnConditionCheckFailure *string                                      `json:"ReturnValuesOnConditionCheckFailure"`
	conditionParameters
}

// conditionParameters are a condition with its placeholders, as in transactions too.
type conditionParameters struct {
	ConditionExpression       *string             `json:"ConditionExpression"`
	ExpressionAttributeNames  map[string]string   `json:"ExpressionAttributeNames"`
	ExpressionAttributeValues attribute.ItemInput `json:"ExpressionAttributeValues"`
}

// constrain applies the model's constraints, to a member at a time: DynamoDB tells what it
// finds in another order for each operation. keyed is the member that names the item.
func (p *writeParameters) constrain(c *constraints, keyed string, isSet bool, order ...string) {
	c.enum("returnConsumedCapacity", p.ReturnConsumedCapacity, returnConsumedCapacityEnum...)
	c.tableName("tableName", p.TableName)
	for _, member := range order {
		switch member {
		case keyed:
			c.required(keyed, isSet)
		case "returnValues":
			c.enum(member, p.ReturnValues, returnValuesEnum...)
		case "returnItemCollectionMetrics":
			c.enum(member, p.ReturnItemCollectionMetrics, returnItemCollectionMetricsEnum...)
		case "expected":
			c.enum("conditionalOperator", p.ConditionalOperator, conditionalOperatorEnum...)
			for _, name := range expression.CheckedNames(p.Expected) {
				c.enum("expected."+name+".member.comparisonOperator", p.Expected[name].ComparisonOperator, comparisonOperatorEnum...)
			}
		}
	}
	c.enum("returnValuesOnConditionCheckFailure", p.ReturnValuesOnConditionCheckFailure, returnValuesOnFailureEnum...)
}

// condition makes the condition of the older parameters or of the expression, or nil.
// placeholders is nil when there are only the older ones.
func (p *writeParameters) condition(placeholders *expression.Placeholders) (*expression.Condition, error) {
	if p.ConditionExpression != nil {
		return placeholders.Condition("ConditionExpression", *p.ConditionExpression)
	}
	if p.Expected != nil {
		return expression.Expected(p.Expected, p.ConditionalOperator)
	}
	if p.ConditionalOperator != nil {
		return nil, exception.Validation("ConditionalOperator cannot be used without Filter or Expected")
	}
	return nil, nil
}

func (p *conditionParameters) placeholders() (*expression.Placeholders, error) {
	return expression.NewPlaceholders(p.ExpressionAttributeNames, p.ExpressionAttributeNames != nil, p.ExpressionAttributeValues)
}

// returns reports whether a parameter has a value.
func returns(parameter *string, value string) bool { return parameter != nil && *parameter == value }

// writeItem performs a single write and hands what was done to report, inside the
// transaction.
func (s *Service) writeItem(w *write, p *writeParameters, report func(*plan, storage.Change) error) error {
	name, err := tableNamed(*p.TableName)
	if err != nil {
		return err
	}
	w.tableName = name
	w.showOld = returns(p.ReturnValuesOnConditionCheckFailure, "ALL_OLD")
	return s.db.Update(func(tx *storage.Tx) error {
		plan, err := w.plan(tx)
		if err != nil {
			return err
		}
		change, err := plan.apply(tx)
		if err != nil {
			return err
		}
		return report(plan, change)
	})
}

// replaceItem performs a put or a delete: what either can return is the old item.
func (s *Service) replaceItem(w *write, p *writeParameters) (*writeOutput, error) {
	out := &writeOutput{}
	err := s.writeItem(w, p, func(done *plan, change storage.Change) error {
		if returns(p.ReturnValues, "ALL_OLD") && change.HadOld {
			out.Attributes = rawRecord(change.Old)
		}
		p.accountFor(out, done.definition, w.keyed(), change)
		return nil
	})
	return out, err
}

// writeOutput is the answer of PutItem, UpdateItem and DeleteItem.
type writeOutput struct {
	Attributes            rawAttributes          `json:"Attributes,omitzero"`
	ConsumedCapacity      *consumedCapacity      `json:"ConsumedCapacity,omitzero"`
	ItemCollectionMetrics *itemCollectionMetrics `json:"ItemCollectionMetrics,omitzero"`
}

// accountFor fills in what a write cost.
func (p *writeParameters) accountFor(out *writeOutput, d *table.Definition, key attribute.Item, change storage.Change) {
	var m meter
	m.write(change, 1)
	out.ConsumedCapacity = m.consumed(p.ReturnConsumedCapacity, *p.TableName)
	out.ItemCollectionMetrics = collectionMetrics(p.ReturnItemCollectionMetrics, d, key)
}
