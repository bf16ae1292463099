package operation

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/partiql"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

// partiqlOperations are the operations that take PartiQL.
var partiqlOperations = map[string]handler{
	"ExecuteStatement":      handle((*Service).executeStatement),
	"BatchExecuteStatement": handle((*Service).batchExecuteStatement),
	"ExecuteTransaction":    handle((*Service).executeTransaction),
}

// duplicateItemName is the exception of an INSERT whose item exists.
const duplicateItemName = "DuplicateItemException"

// Limits of statements, in characters.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html
const (
	maxStatement = 8192
	maxNextToken = 32768
)

type executeStatementInput struct {
	statementInput
	ConsistentRead         *bool   `json:"ConsistentRead"`
	NextToken              *string `json:"NextToken"`
	ReturnConsumedCapacity *string `json:"ReturnConsumedCapacity"`
	Limit                  *int64  `json:"Limit"`
}

// statementInput is a statement as it comes, alone or with others.
type statementInput struct {
	Statement                           *string           `json:"Statement"`
	Parameters                          []attribute.Input `json:"Parameters"`
	ReturnValuesOnConditionCheckFailure *string           `json:"ReturnValuesOnConditionCheckFailure"`
}

// constrain applies the model's constraints; prefix is the path of the statement.
func (in *statementInput) constrain(c *constraints, prefix string) {
	if c.required(prefix+"statement", in.Statement != nil) {
		c.length(prefix+"statement", in.Statement, 1, maxStatement)
	}
	if in.Parameters != nil && len(in.Parameters) == 0 {
		c.size(prefix+"parameters", text("[]"), 0, 1, 0)
	}
	c.enum(prefix+"returnValuesOnConditionCheckFailure", in.ReturnValuesOnConditionCheckFailure, returnValuesOnFailureEnum...)
}

type executeStatementOutput struct {
	Items            []rawAttributes   `json:"Items"`
	LastEvaluatedKey jsontext.Value    `json:"LastEvaluatedKey,omitzero"`
	NextToken        string            `json:"NextToken,omitzero"`
	ConsumedCapacity *consumedCapacity `json:"ConsumedCapacity,omitzero"`
}

func (s *Service) executeStatement(_ *Call, in *executeStatementInput) (*executeStatementOutput, error) {
	var c constraints
	in.constrain(&c, "")
	c.length("nextToken", in.NextToken, 1, maxNextToken)
	c.enum("returnConsumedCapacity", in.ReturnConsumedCapacity, returnConsumedCapacityEnum...)
	c.minimum("limit", in.Limit, 1)
	if err := c.err(); err != nil {
		return nil, err
	}
	parameters, err := parametersOf(in.Parameters)
	if err != nil {
		return nil, err
	}
	statement, err := partiql.Parse(*in.Statement)
	if err != nil {
		return nil, err
	}
	p, err := prepare(statement, parameters)
	if err != nil {
		return nil, err
	}
	switch statement := statement.(type) {
	case *partiql.Exists:
		return nil, partiql.ErrExists
	case *partiql.Select:
		return s.executeSelect(p, statement, in)
	case *partiql.Insert, *partiql.Update, *partiql.Delete:
		done, err := s.executeWrite(p, returns(in.ReturnValuesOnConditionCheckFailure, "ALL_OLD"))
		if err != nil {
			return nil, err
		}
		out := &executeStatementOutput{Items: []rawAttributes{}}
		if done.returned != nil {
			out.Items = append(out.Items, done.returned)
		}
		out.ConsumedCapacity = done.cost.consumed(in.ReturnConsumedCapacity, statement.Target().Table)
		return out, nil
	}
	return nil, partiql.ErrExists
}

func (s *Service) executeSelect(p *prepared, statement *partiql.Select, in *executeStatementInput) (*executeStatementOutput, error) {
	start, err := startOf(in.NextToken)
	if err != nil {
		return nil, err
	}
	var out *executeStatementOutput
	err = s.db.View(func(tx *storage.Tx) error {
		d, err := tableFor(tx, statement.Source.Table)
		if err != nil {
			return err
		}
		selected, err := p.selection(d, statement, in)
		if err != nil {
			return err
		}
		out, err = selected.read(tx, d, start)
		return err
	})
	return out, err
}

// A written is what a statement has done.
type written struct {
	returned rawAttributes // what RETURNING asks for; nil: nothing
	cost     meter
}

// executeWrite performs an INSERT, UPDATE or DELETE.
func (s *Service) executeWrite(p *prepared, showOld bool) (*written, error) {
	done := &written{}
	err := s.db.Update(func(tx *storage.Tx) error {
		d, err := tableFor(tx, p.Target().Table)
		if err != nil {
			return err
		}
		w, err := p.write(d)
		if err != nil {
			return err
		}
		w.showOld = showOld
		plan, err := w.plan(tx)
		if err != nil {
			return err
		}
		change, err := plan.apply(tx)
		if err != nil {
			return err
		}
		done.returned = p.returned(plan, change)
		done.cost.write(change, 1)
		return nil
	})
	return done, err
}

// returned returns what RETURNING asks for.
func (s *prepared) returned(p *plan, change storage.Change) rawAttributes {
	var updated attribute.Item
	switch s.returning() {
	case partiql.ReturningNothing:
		return nil
	case partiql.ReturningAllOld:
		if change.HadOld {
			return rawRecord(change.Old)
		}
		return nil
	case partiql.ReturningAllNew:
		return rawRecord(change.New)
	case partiql.ReturningModifiedOld:
		updated = p.old
	case partiql.ReturningModifiedNew:
		updated = p.new
	}
	if p.update == nil {
		return nil
	}
	if updated = expression.Updated(p.update.Paths(), updated); len(updated) == 0 {
		return nil
	}
	return rawItem(updated)
}

func (s *prepared) returning() partiql.Returning {
	switch statement := s.Statement.(type) {
	case *partiql.Update:
		return statement.Returning
	case *partiql.Delete:
		return statement.Returning
	case *partiql.Insert, *partiql.Select, *partiql.Exists:
	}
	return partiql.ReturningNothing
}

// batchCodes are the codes of a batch's errors by the names of exceptions.
var batchCodes = map[string]string{
	exception.ConditionFailedName:              "ConditionalCheckFailed",
	exception.ValidationName:                   "ValidationError",
	exception.ResourceNotFoundName:             "ResourceNotFound",
	duplicateItemName:                          "DuplicateItem",
	"ItemCollectionSizeLimitExceededException": "ItemCollectionSizeLimitExceeded",
}
